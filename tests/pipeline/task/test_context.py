"""Contexts: changed by many at once, and nothing of anybody's is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random  # noqa: TID251  (seeded: the same walk each time)
from typing import Any

import pytest

from support.board import Board
from support.commons import ANN, BOB, KEY, Commons, Opened, commons, memory, op, sqlite
from support.entries import entry as an_entry
from switchgear.domain.caller import Key
from switchgear.domain.context import Asked, Source, Writer
from switchgear.domain.errors import LedgerDown, MalformedBody
from switchgear.domain.supervision import ContextConflict, UnknownTask
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.engine.context import replayed
from switchgear.engine.task import task_id
from switchgear.ports.papers import PaperKind

Life = Callable[[Commons, Commons], Awaitable[None]]
on_both = pytest.mark.parametrize("opened", [memory, sqlite], ids=lambda each: each.__name__)


def lived(opened: Opened, life: Life) -> None:
    async def run() -> None:
        async with commons(opened) as (one, other):
            await life(one, other)

    asyncio.run(run())


@on_both
def test_of_two_agents_that_write_one_key_one_gets_a_conflict_and_loses_nothing(
    opened: Opened,
) -> None:
    async def life(one: Commons, other: Commons) -> None:
        asks = (
            one.ask({"key": "plan", "value": "A"}),
            other.ask({"key": "plan", "value": "B"}, by=BOB),
        )
        found = await asyncio.gather(*asks, return_exceptions=True)
        (error,) = [each for each in found if isinstance(each, BaseException)]
        assert isinstance(error, ContextConflict)
        won = "AB"[found[0] is error]
        assert [(it.value, it.revision) for it in error.there.items] == [(won, 1)]
        loser, lost = (one, "A") if found[0] is error else (other, "B")
        seen = error.there.items[0].revision
        await loser.ask({"key": "plan", "value": [won, lost], "revision": seen})
        assert await one.values() == {"plan": ([won, lost], 2)} == await other.values()
        log = await other.contexts.log("tk_1")
        assert [each.change.item and each.change.item.value for each in log] == [won, [won, lost]]

    lived(opened, life)


@on_both
def test_merging_writers_of_two_processes_never_conflict(opened: Opened) -> None:
    async def life(one: Commons, other: Commons) -> None:
        asks = [
            (one, other)[at % 2].ask(
                {"key": "l", "op": "append", "value": at},
                {"key": "s", "op": "add", "value": at % 4},
                {"key": "n", "op": "sum", "value": at},
            )
            for at in range(24)
        ]
        await asyncio.gather(*asks)
        values = await one.values()
        assert sorted(values["l"][0]) == list(range(24))
        assert (values["s"][0], values["n"][0]) == ([0, 1, 2, 3], sum(range(24)))

    lived(opened, life)


def drawn(random: Random, board: Board, at: int) -> dict[str, Any]:
    """Return an operation: mostly one that can be, sometimes one again, or one that is stale."""
    said: dict[str, Any] = {"key": random.choice("abcdef"), "op": random.choice(DEEDS)}
    said["value"] = random.choice([at, at % 5, [at % 7], ["x"], "word"])
    if random.random() < 0.3:
        said["merge"] = random.choice(["error", "lww", "append", "set_union", "sum"])
    if random.random() < 0.5:
        there = board.there.get(said["key"], {"revision": 0})["revision"]
        said["revision"] = there if random.random() < 0.8 else random.randrange(board.revision + 2)
    if random.random() < 0.2:
        said["id"] = f"op-{random.randrange(at + 1)}"
    return said


DEEDS = ("set", "set", "set", "append", "add", "sum", "delete", "pin")


async def told(place: Commons, said: dict[str, Any]) -> str:
    before = (await place.contexts.fetch("tk_1")).revision
    try:
        done = await place.ask(said)
    except ContextConflict:
        return "conflict"
    except MalformedBody:
        return "malformed"
    return "done" if done.revision > before else "again"


async def walked(one: Commons, other: Commons, steps: int, seed: int) -> None:
    """Do random operations, each by one of both, and look whether a plain model does the same."""
    random = Random(seed)  # noqa: S311  (for a test)
    board = Board()
    past: list[dict[str, Any]] = []
    for at in range(steps):
        again = past and random.random() < 0.05
        said = random.choice(past) if again else drawn(random, board, at)
        past = [*past[-20:], said] if said.get("id") else past
        place = random.choice([one, other])
        verdict = board.ask(said)
        assert await told(place, said) == verdict, (at, said)
        if at % 500 == 0:
            assert await other.values() == board.values()
    assert await one.values() == board.values()
    log = [(each.revision, each.change) for each in await one.contexts.log("tk_1")]
    last = replayed(log, board.revision)
    assert {it.key: (it.value, it.revision) for it in last.items} == board.values()


@pytest.mark.parametrize(
    ("opened", "walks", "steps"), [(memory, 20, 500), (sqlite, 2, 250)], ids=["memory", "sqlite"]
)
def test_random_operations_agree_with_a_plain_model(opened: Opened, walks: int, steps: int) -> None:
    for seed in range(walks):
        lived(opened, partial(walked, steps=steps, seed=seed))


@on_both
def test_the_same_operation_is_done_once_and_answered_the_same(opened: Opened) -> None:
    async def life(one: Commons, other: Commons) -> None:
        first = await one.ask({"key": "l", "op": "append", "value": 1, "id": "x"}, match=0)
        await one.ask({"key": "l", "op": "append", "value": 2})
        again = await other.ask({"key": "l", "op": "append", "value": 1, "id": "x"}, match=0)
        assert again == first
        assert (await one.values())["l"] == ([1, 2], 2)
        both = await other.ask({"key": "l", "op": "append", "value": 1, "id": "x"}, {"key": "m"})
        assert [each.revision for each in both.lines] == [1, 3]
        with pytest.raises(MalformedBody, match="another operation"):
            await one.ask({"key": "l", "op": "append", "value": 9, "id": "x"})
        with pytest.raises(MalformedBody, match="same id"):
            await one.ask({"key": "a", "id": "y"}, {"key": "b", "id": "y"})

    lived(opened, life)


def test_a_repeat_is_known_also_where_it_could_not_be_done_now() -> None:
    async def life(one: Commons, _: Commons) -> None:
        long = {"key": "l", "op": "append", "value": "x" * 9000, "id": "x"}
        assert await one.ask(long) == await one.ask(long)

    lived(memory, life)


def test_operations_of_callers_with_different_keys_never_meet() -> None:
    async def life(one: Commons, _: Commons) -> None:
        for key in ("k", "other"):
            await one.ask({"key": "n", "op": "sum", "value": 1, "id": "1"}, by=Writer(key=key))
        assert (await one.values())["n"] == (2, 2)

    lived(memory, life)


def test_who_says_at_which_revision_all_must_be_is_told_where_it_is() -> None:
    async def life(one: Commons, _: Commons) -> None:
        await one.ask({"key": "a"})
        with pytest.raises(ContextConflict, match="at revision 1, not at 5") as caught:
            await one.ask({"key": "a", "op": "append"}, match=5)
        assert caught.value.there.revision == 1
        assert (await one.ask({"key": "b"}, match=1)).revision == 2

    lived(memory, life)


@on_both
def test_it_can_be_read_as_it_was_at_each_revision(opened: Opened) -> None:
    async def life(one: Commons, other: Commons) -> None:
        for at in range(3):
            await one.ask({"key": "a", "value": at, "revision": at})
        for at in range(1, 4):
            found = await other.contexts.at("tk_1", at, Sensitivity.PUBLIC)
            assert [(each.value, each.revision) for each in found.items] == [(at - 1, at)]
        with pytest.raises(MalformedBody, match="at revision 3"):
            await other.contexts.at("tk_1", 4, Sensitivity.PUBLIC)

    lived(opened, life)


def test_a_task_begins_with_entries_and_only_once() -> None:
    async def life(one: Commons, _: Commons) -> None:
        assert await one.contexts.begin(one.task, [], ANN) == 0
        assert await one.contexts.begin(one.task, [op(key="a")], ANN) == 1
        with pytest.raises(ContextConflict):
            await one.contexts.begin(one.task, [op(key="b")], ANN)

    lived(memory, life)


def test_what_begins_a_context_can_be_written_with_the_task_itself() -> None:
    async def life(one: Commons, _: Commons) -> None:
        assert one.contexts.drafted(one.task, [], ANN) is None
        write = one.contexts.drafted(one.task, [op(key="a", value=1)], ANN)
        assert write is not None
        await one.contexts._papers.write((write,))
        assert await one.values() == {"a": (1, 1)}
        with pytest.raises(MalformedBody):
            one.contexts.drafted(one.task, [op(key="a", op="pin")], ANN)

    lived(memory, life)


def test_a_decision_that_is_named_must_be_one_of_the_task() -> None:
    async def life(one: Commons, _: Commons) -> None:
        for name, task in (("sg_own", "tk_1"), ("sg_child", "tk_2"), ("sg_other", "tk_3")):
            await one.ledger.write(an_entry(name, task=task, agent="eve"))
        await one.tasks.open(Task(id="tk_2", opened=one.clock.date(), ancestors=("tk_1",)))
        for number, name in enumerate(("sg_own", "sg_child", "sg_of_nobody"), 1):
            await one.ask({"key": str(number)}, by=Writer(key="k", decision=name))
        with pytest.raises(MalformedBody, match="another task"):
            await one.ask({"key": "x"}, by=Writer(key="k", decision="sg_other"))
        found = (await one.contexts.snapshot("tk_1")).items
        assert [each.origin.agent for each in found] == ["eve", "eve", ""]

    lived(memory, life)


@on_both
def test_what_others_write_is_heard_of_what_is_in_mind(opened: Opened) -> None:
    async def life(one: Commons, other: Commons) -> None:
        await one.ask({"key": "a", "value": 1})
        await one.contexts._hear()
        await one.contexts.fetch("tk_1")
        await other.ask({"key": "a", "value": 2, "revision": 1})
        held = one.contexts.known("tk_1")
        assert held is not None
        assert held.revision == 1
        await one.contexts._hear()
        held = one.contexts.known("tk_1")
        assert held is not None
        assert [each.value for each in held.document.items] == [2]

    lived(opened, life)


def test_what_was_in_mind_before_it_listened_is_looked_at_anew() -> None:
    async def life(one: Commons, _: Commons) -> None:
        await one.ask({"key": "a"})
        assert one.contexts.known("tk_1") is not None
        await one.contexts._hear()
        assert one.contexts.known("tk_1") is None

    lived(memory, life)


def test_only_who_may_use_a_task_reaches_its_context() -> None:
    async def life(one: Commons, _: Commons) -> None:
        with pytest.raises(UnknownTask):
            await one.contexts.task("trip", KEY)
        task = await one.contexts.task("trip", KEY, opens=True, agent="ann")
        assert (task.id, task.agent) == (task_id("k", "trip"), "ann")
        assert (await one.contexts.task(task.id, KEY)).id == task.id
        for said in (task.id, "trip"):
            with pytest.raises(UnknownTask):
                await one.contexts.task(said, Key(id="stranger"))
        with pytest.raises(UnknownTask):
            await one.contexts.task("tk_" + "z" * 26, KEY, opens=True)

    lived(memory, life)


def test_what_is_kept_and_cannot_be_read_is_said_to_be_our_fault() -> None:
    async def life(one: Commons, _: Commons) -> None:
        write = one.contexts.drafted(one.task, [op(key="a")], ANN)
        assert write is not None
        broken = type(write.paper)(
            kind=PaperKind.CONTEXT, id="tk_1", made=one.clock.date(), body=b"{"
        )
        await one.contexts._papers.write((type(write)(paper=broken),))
        with pytest.raises(LedgerDown):
            await one.contexts.snapshot("tk_1")

    lived(memory, life)


def test_who_is_never_quick_enough_is_told_to_come_again() -> None:
    async def life(one: Commons, other: Commons) -> None:
        papers = one.contexts._papers
        write = papers.write

        async def late(writes: Any) -> Any:
            await other.ask({"key": "n", "op": "sum", "value": 1})
            return await write(writes)

        papers.write = late  # type: ignore[method-assign]  # another is quicker each time
        other.contexts._papers = type(
            "Quick", (), {"find": papers.find, "write": write, "notes": papers.notes}
        )()
        with pytest.raises(LedgerDown, match="too many"):
            await one.ask({"key": "n", "op": "sum", "value": 1})

    lived(memory, life)


def test_a_snapshot_withholds_what_is_too_sensitive() -> None:
    async def life(one: Commons, _: Commons) -> None:
        asked = Asked(operations=(op(key="a", sensitivity="restricted"), op(key="b")))
        await one.contexts.change(one.task, asked, ANN)
        found = await one.contexts.snapshot("tk_1", Sensitivity.INTERNAL)
        assert ([each.key for each in found.items], found.withheld) == (["b"], ("a",))
        assert (await one.contexts.snapshot("tk_1")).items[0].trust is Source.MODEL

    lived(memory, life)
