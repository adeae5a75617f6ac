"""One contract for all places where documents are kept."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support.paperwork import PLACES, Opened, Walk, memory, paper, sqlite, write
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.units import UnixMs
from switchgear.ports.papers import MOST_FOUND, PaperKind, Papers, Sought, Written

TASK, TICKET = PaperKind.TASK, PaperKind.TICKET
STEPS, FEWER = 10_000, 200
"""Of a random walk; the fewer on the server too, where each waits for the socket."""
on_every_place = pytest.mark.parametrize("opened", PLACES, ids=lambda each: each.__name__)


def lived(opened: Opened, life: Callable[[Papers, Papers], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened() as (one, other):
            await life(one, other)

    asyncio.run(run())


@on_every_place
def test_what_is_written_is_found_as_it_was_and_by_everybody(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        whole = write(
            key="k",
            tenant="t",
            of="p\0",
            state="open",
            due=UnixMs(2**42),
            made=UnixMs(7),
            body=b'{"text":"\\u0000"}',
        )
        assert await one.find(TASK, "a") is None
        assert await one.write((whole,)) is Written.DONE
        assert await other.find(TASK, "a") == whole.paper
        assert await other.find(TICKET, "a") is None

    lived(opened, life)


@on_every_place
def test_of_two_writers_of_one_document_exactly_one_is_told_of_the_other(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        await one.write((write(),))
        for revision in range(2, 12):
            writes = [write("a", revision, body=body) for body in (b"1", b"2")]
            both = await asyncio.gather(one.write(writes[:1]), other.write(writes[1:]))
            assert sorted(each.value for each in both) == ["conflict", "done"]
            winner = writes[both.index(Written.DONE)]
            assert await one.find(TASK, "a") == winner.paper == await other.find(TASK, "a")

    lived(opened, life)


@on_every_place
def test_all_of_several_documents_are_written_or_none(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        await one.write((write("a"),))
        both = (write("b", 1, "n"), write("a", 1))
        assert await other.write(both) is Written.CONFLICT
        assert await one.find(TASK, "b") is None
        assert await one.notes(TASK, "b") == ()
        assert await other.write((write("b", 1, "n"), write("a", 2))) is Written.DONE
        assert await one.find(TASK, "a") == paper("a", 2)

    lived(opened, life)


@on_every_place
def test_what_was_noted_once_is_never_done_twice(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        first = (write("a", 1, "op-1"),)
        assert await one.write(first) is Written.DONE
        assert await other.write(first) is Written.REPEATED
        again = (write("a", 2, "op-2", "op-1"),)
        assert await other.write(again) is Written.REPEATED
        assert await one.find(TASK, "a") == paper("a", 1)
        assert [it.id for it in await one.notes(TASK, "a")] == ["op-1"]
        assert await one.write((write("a", 1, "op-1", kind=TICKET),)) is Written.DONE

    lived(opened, life)


@on_every_place
def test_writes_that_are_at_odds_with_each_other_are_not_made(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        assert await one.write((write("a", 1), write("a", 2))) is Written.CONFLICT
        assert await one.write((write("a", 1, "n", "n"),)) is Written.REPEATED
        assert await other.find(TASK, "a") is None

    lived(opened, life)


@on_every_place
def test_the_log_is_read_on_from_where_one_was(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        for revision in range(1, 5):
            await one.write((write("a", revision, f"x{revision}", f"w{revision}"),))
        found = await other.notes(TASK, "a", 2)
        assert [(it.id, it.revision) for it in found] == [
            ("x3", 3),
            ("w3", 3),
            ("x4", 4),
            ("w4", 4),
        ]

    lived(opened, life)


@on_every_place
def test_what_others_write_is_heard_once_and_as_it_is_in_the_end(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        await one.write((write("a"),))
        number, found = await other.since(TASK, 0)
        assert (found, number > 0) == ((), True)
        await one.write((write("a", 2), write("b"), write("c", kind=TICKET)))
        await one.write((write("a", 3),))
        number, found = await other.since(TASK, number)
        assert [(each.id, each.revision) for each in found] == [("b", 1), ("a", 3)]
        assert await other.since(TASK, number) == (number, ())

    lived(opened, life)


@on_every_place
def test_who_listens_to_an_empty_store_hears_the_first_write(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        number, _ = await other.since(TASK, 0)
        await one.write((write("a"),))
        assert [each.id for each in (await other.since(TASK, number))[1]] == ["a"]

    lived(opened, life)


@on_every_place
def test_only_so_much_comes_at_once_and_nothing_is_left_out(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        number, _ = await one.since(TASK, 0)
        names = [f"{each:05}" for each in range(MOST_FOUND + 5)]
        await one.write([write(each, 1, made=UnixMs(int(each))) for each in names])
        number, found = await other.since(TASK, number)
        _, rest = await other.since(TASK, number)
        assert [each.id for each in (*found, *rest)] == names
        page = await other.list(Sought(kind=TASK, limit=10 * MOST_FOUND))
        assert [each.id for each in page] == names[: -MOST_FOUND - 1 : -1]
        before = page[-1].made
        rest = await other.list(Sought(kind=TASK, before=before))
        assert [each.id for each in rest] == names[4::-1]

    lived(opened, life)


def test_ten_thousand_random_operations_on_memory_and_file_are_as_a_plain_model_says() -> None:
    async def life() -> None:
        walk = Walk(7)
        async with memory() as (inside, _), sqlite() as (one, _):
            await walk.begin((inside, one))
            for _ in range(STEPS):
                await walk.step((inside, one))

    asyncio.run(life())


@on_every_place
def test_a_random_walk_is_as_a_plain_model_says(opened: Opened) -> None:
    async def life(one: Papers, other: Papers) -> None:
        walk = Walk(11)
        await walk.begin((one,))
        for _ in range(FEWER):
            await walk.step((one,))
        assert await one.list(Sought(kind=TASK)) == await other.list(Sought(kind=TASK))

    lived(opened, life)


def _count_up(path: Path, times: int) -> None:
    """Add one to one document, so often, however many others do the same."""

    async def life() -> None:
        papers = SqlitePapers(path, durable=False)
        done = 0
        while done < times:
            there = await papers.find(TASK, "a")
            revision, number = (there.revision, int(there.body)) if there else (0, 0)
            wanted = write("a", revision + 1, body=str(number + 1).encode())
            done += await papers.write((wanted,)) is Written.DONE
        await papers.aclose()

    asyncio.run(life())


def test_several_processes_lose_nothing_in_one_file(tmp_path: Path) -> None:
    path, spawning = tmp_path / "ledger.db", multiprocessing.get_context("fork")
    workers = [spawning.Process(target=_count_up, args=(path, 30)) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)

    async def life() -> None:
        papers = SqlitePapers(path)
        found = await papers.find(TASK, "a")
        await papers.aclose()
        assert found is not None
        assert (found.revision, found.body) == (90, b"90")

    assert [each.exitcode for each in workers] == [0, 0, 0]
    asyncio.run(life())
