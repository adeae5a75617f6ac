import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.entries import bare, decision, entries, entry
from support.postgres import emptied, there
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.ledgers.sqlite import Spilling, SqliteLedger
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import UnixMs
from switchgear.engine.task import task_id
from switchgear.ports.ledger import Ledger, Query


@asynccontextmanager
async def memory() -> AsyncIterator[Ledger]:
    yield MemoryLedger()


@asynccontextmanager
async def sqlite() -> AsyncIterator[Ledger]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.db", durable=False)
        yield ledger
        await ledger.aclose()


@asynccontextmanager
async def journalled() -> AsyncIterator[Ledger]:
    """A file that takes nothing: all is in the journal."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        ledger = SqliteLedger(file, durable=False, spilling=Spilling(journal=1_000_000))
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        ledger._spill.refused()  # known from the start, so that no test waits for the lock
        yield ledger
        assert other.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        other.close()
        await ledger.aclose()


@asynccontextmanager
async def postgres() -> AsyncIterator[Ledger]:
    async with emptied() as ledger:
        yield ledger


def on_every_ledger(life: Callable[[Ledger], Awaitable[None]]) -> None:
    on_each((*EMBEDDED, *SHARED), life)


Life = Callable[[Ledger], Awaitable[None]]
Adapter = Callable[[], AbstractAsyncContextManager[Ledger]]
EMBEDDED: tuple[Adapter, ...] = (memory, sqlite, journalled)
SHARED: tuple[Adapter, ...] = (postgres,) if there() else ()


def on_each(adapters: tuple[Adapter, ...], life: Life) -> None:
    async def with_each() -> None:
        for adapter in adapters:
            async with adapter() as ledger:
                await life(ledger)

    asyncio.run(with_each())


def ids(found: tuple[Entry, ...]) -> list[str]:
    return [each.id for each in found]


def test_what_was_written_is_found() -> None:
    async def life(ledger: Ledger) -> None:
        written = entry("sg_1", request=b'{"model": "auto"}')
        await ledger.write(written)
        assert await ledger.find("sg_1") == written
        assert await ledger.find("sg_2") is None

    on_every_ledger(life)


@settings(max_examples=20, deadline=None)
@given(st.lists(entries, max_size=6, unique_by=lambda each: each.id))
def test_any_entry_comes_back_as_it_was_but_for_the_figures_of_verdicts(
    written: list[Entry],
) -> None:
    on_each(EMBEDDED, come_back(written))


@settings(max_examples=6, deadline=None)
@given(st.lists(entries, max_size=8, unique_by=lambda each: each.id))
def test_any_entry_comes_back_from_a_shared_database_too(written: list[Entry]) -> None:
    on_each(SHARED, come_back(written))


def come_back(written: list[Entry]) -> Life:
    async def life(ledger: Ledger) -> None:
        await asyncio.gather(*[ledger.write(each) for each in written])
        for each in written:
            assert bare(await ledger.find(each.id)) == bare(each)

    return life


def test_a_second_entry_with_the_same_id_is_an_error_and_harms_no_other() -> None:
    async def life(ledger: Ledger) -> None:
        await ledger.write(entry("sg_1", model="first"))
        names = ["sg_2", "sg_1", "sg_3", "sg_4"]
        writes = [ledger.write(entry(name, model="second")) for name in names]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(each) for each in results] == [type(None), ValueError, *[type(None)] * 2]
        found = await ledger.list(Query())
        assert {each.id: each.model for each in found} == {
            "sg_1": "first",
            "sg_2": "second",
            "sg_3": "second",
            "sg_4": "second",
        }

    on_every_ledger(life)


def test_a_row_is_kept_even_if_its_waiter_is_cancelled() -> None:
    async def life(ledger: Ledger) -> None:
        async with asyncio.TaskGroup() as group:
            waiter = group.create_task(ledger.write(entry("sg_1")))
            await asyncio.sleep(0)
            waiter.cancel()
        await ledger.write(entry("sg_2"))
        assert await ledger.find("sg_1") == entry("sg_1")

    on_every_ledger(life)


def test_the_list_is_newest_first_and_goes_on_from_the_last_seen() -> None:
    async def life(ledger: Ledger) -> None:
        for number, at in enumerate((30, 10, 20, 20, 40)):
            await ledger.write(entry(f"sg_{number}", at=UnixMs(at)))
        first = await ledger.list(Query(limit=2))
        rest = await ledger.list(Query(before=first[-1].id))
        assert ids(first) + ids(rest) == ["sg_4", "sg_0", "sg_3", "sg_2", "sg_1"]
        assert await ledger.list(Query(before="sg_unknown")) == ()

    on_every_ledger(life)


TASK = task_id("k2", "w2")
FILTERS = [
    Query(key="k1"),
    Query(key=""),
    Query(tenant="t1"),
    Query(task="w1"),
    Query(task=TASK),
    Query(target="mid"),
    Query(model="fast"),
    Query(code="no_target"),
    Query(end=End.FAILED),
    Query(since=UnixMs(5)),
    Query(until=UnixMs(5)),
]
SPECIAL: dict[str, dict[str, Any]] = {
    "sg_key": {"key": "k1"},
    "sg_tenant": {"tenant": "t1", "key": "k2"},
    "sg_named": {"task": task_id("k2", "w1"), "task_name": "w1", "key": "k2"},
    "sg_task": {"task": TASK, "key": "k2"},
    "sg_alike": {"task": task_id("k2", TASK), "task_name": TASK, "key": "k2"},
    "sg_target": {"target": "mid", "key": "k2"},
    "sg_model": {"model": "fast", "key": "k2"},
    "sg_code": {"code": "no_target", "key": "k2"},
    "sg_end": {"end": End.FAILED, "key": "k2"},
    "sg_late": {"at": UnixMs(5), "key": "k2"},
    "sg_early": {"at": UnixMs(4), "key": ""},
}


def test_each_filter_lets_through_what_fits_and_nothing_else() -> None:
    async def life(ledger: Ledger) -> None:
        for name, changes in SPECIAL.items():
            plain = entry(name, at=UnixMs(4))
            await ledger.write(msgspec.structs.replace(plain, **changes))
        found = [set(ids(await ledger.list(query))) for query in FILTERS]
        singles = [
            "key",
            "early",
            "tenant",
            "named",
            "task",
            "target",
            "model",
            "code",
            "end",
            "late",
        ]
        everything = set(SPECIAL)
        assert found == [{f"sg_{name}"} for name in singles] + [everything - {"sg_late"}]

    on_every_ledger(life)


def test_a_list_leaves_request_bodies_out() -> None:
    async def life(ledger: Ledger) -> None:
        await ledger.write(entry("sg_1", request=b"{}"))
        assert [each.request for each in await ledger.list(Query())] == [None]

    on_every_ledger(life)


def test_a_policy_is_kept_before_or_after_decisions_refer_to_it() -> None:
    async def life(ledger: Ledger) -> None:
        document = b'{"targets": [{"id": "calc"}, {"id": "small"}]}'
        assert await ledger.find_policy("v1") is None
        await ledger.write(entry("sg_1"))
        await ledger.keep_policy("v1", document)
        await ledger.keep_policy("v1", document)
        await ledger.keep_policy("v2", document)
        await ledger.write(entry("sg_2", decision=decision(policy="v2")))
        assert await ledger.find_policy("v1") == document
        assert await ledger.find_policy("v2") == document
        assert await ledger.find("sg_1") == entry("sg_1")
        assert await ledger.find("sg_2") == entry("sg_2", decision=decision(policy="v2"))

    on_every_ledger(life)


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_than_the_limit_is_returned(limit: int) -> None:
    async def life(ledger: Ledger) -> None:
        for number in range(5):
            await ledger.write(entry(f"sg_{number}"))
        assert len(await ledger.list(Query(limit=limit))) == limit

    on_every_ledger(life)
