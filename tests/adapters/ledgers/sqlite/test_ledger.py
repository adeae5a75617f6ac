import asyncio
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support import scribe
from support.cast import ask
from support.entries import decision, entry
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.domain.decision import Reason, Verdict
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.ids import mint
from switchgear.domain.situation import Latency, Reading, Situation
from switchgear.domain.target import Capability
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.ledger import Query

Life = Callable[[SqliteLedger], Awaitable[None]]


def with_ledger(file: Path, life: Life, *, durable: bool = False) -> None:
    async def whole() -> None:
        ledger = SqliteLedger(file, durable=durable)
        try:
            await life(ledger)
        finally:
            await ledger.aclose()

    asyncio.run(whole())


def start_scribe(file: Path, name: str, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, scribe.__file__, str(file), name, str(count), "0"]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    return subprocess.Popen(  # noqa: S603  (our own interpreter and script)
        arguments, env=environment, stdout=subprocess.PIPE, text=True
    )


def ids(file: Path) -> Counter[str]:
    connection = sqlite3.connect(file)
    found = Counter(row[0] for row in connection.execute("SELECT id FROM decisions"))
    connection.close()
    return found


def test_a_killed_process_leaves_each_acknowledged_row_exactly_once(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    process = start_scribe(file, "k", 0)
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(200)]
    process.kill()
    said += process.stdout.read().split("\n")[:-1]
    process.wait()
    process.stdout.close()
    found = ids(file)
    assert set(said) <= set(found)
    assert set(found.values()) == {1}


def test_two_processes_write_to_one_file_that_neither_had_made(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    processes = [start_scribe(file, name, 150) for name in ("a", "b")]
    said = [process.communicate(timeout=30)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [len(each) for each in said] == [150, 150]
    assert ids(file) == Counter([*said[0], *said[1]])


def test_a_full_disk_fails_the_waiters_plainly_and_is_got_over(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        await ledger.write(entry("before"))
        writer = ledger._writer._connection
        assert writer is not None
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count = {pages}")
        big = [entry(f"big{number}", request=b"x" * 50_000) for number in range(3)]
        results = await asyncio.gather(*map(ledger.write, big), return_exceptions=True)
        assert [str(each) for each in results] == [
            "The call could not be written down: the disk is full."
        ] * 3
        assert {type(each) for each in results} == {LedgerDown}
        await ledger.write(entry("after"))
        assert [await ledger.find(f"big{number}") for number in range(3)] == [None] * 3

    with_ledger(file, life)
    assert set(ids(file)) == {"before", "after"}


def test_a_file_locked_for_too_long_fails_the_waiter_and_is_got_over(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        await ledger.write(entry("before"))
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerDown, match="locked by another process"):
            await ledger.write(entry("during"))
        other.execute("ROLLBACK")
        other.close()
        await ledger.write(entry("after"))

    with_ledger(file, life)
    assert set(ids(file)) == {"before", "after"}


def test_a_value_that_cannot_be_kept_harms_no_other(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        odd = [entry("lone", agent="\ud800"), entry("huge", status=2**70)]
        writes = [ledger.write(each) for each in [entry("sg_1"), *odd, entry("sg_2")]]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(each) for each in results] == [type(None), LedgerDown, LedgerDown, type(None)]
        assert [each.id for each in await ledger.list(Query())] == ["sg_2", "sg_1"]

    with_ledger(tmp_path / "ledger.db", life)


def test_more_than_it_can_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchgear.adapters.ledgers.sqlite.writer.MOST_PENDING", 0)

    async def life(ledger: SqliteLedger) -> None:
        with pytest.raises(LedgerDown, match="More calls wait"):
            await ledger.write(entry())

    with_ledger(tmp_path / "ledger.db", life)


def test_closing_writes_what_waits_and_takes_no_more(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life() -> None:
        ledger = SqliteLedger(file, durable=False)
        writes = [asyncio.ensure_future(ledger.write(entry(f"sg_{n}"))) for n in range(700)]
        await asyncio.sleep(0)
        await ledger.aclose()
        await asyncio.gather(*writes)
        with pytest.raises(LedgerDown, match="closed"):
            await ledger.write(entry("late"))

    asyncio.run(life())
    assert len(ids(file)) == 700


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def first(ledger: SqliteLedger) -> None:
        await ledger.write(entry("sg_1"))

    async def second(ledger: SqliteLedger) -> None:
        await ledger.write(entry("sg_2"))
        assert [await ledger.find(name) for name in ("sg_1", "sg_2")] == [
            entry("sg_1"),
            entry("sg_2"),
        ]

    with_ledger(file, first, durable=True)
    with_ledger(file, second)


def test_situations_are_stored_once_however_many_refer_to_them(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        for number in range(3):
            await ledger.write(entry(f"sg_{number}"))
        await ledger.write(entry("bare", situation=None))

    with_ledger(file, life)
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT id FROM situations").fetchall() == [("s1",)]
    connection.close()


def test_pruning_drops_old_calls_with_all_that_only_they_had(tmp_path: Path) -> None:
    async def life(ledger: SqliteLedger) -> None:
        old = Situation(id="old", readings={"small": Reading(in_flight=1)})
        await ledger.write(entry("sg_1", at=UnixMs(1), situation=old, request=b"{}"))
        await ledger.write(entry("sg_2", at=UnixMs(2)))
        assert await ledger.prune(UnixMs(2)) == 1
        assert await ledger.find("sg_1") is None
        await ledger.write(entry("sg_3", at=UnixMs(3), situation=old))
        assert await ledger.find("sg_2") == entry("sg_2", at=UnixMs(2))
        assert await ledger.find("sg_3") == entry("sg_3", at=UnixMs(3), situation=old)

    file = tmp_path / "ledger.db"
    with_ledger(file, life)
    connection = sqlite3.connect(file)
    counts = [
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  (a literal)
        for table in ("decisions", "attempts", "bodies", "situations")
    ]
    connection.close()
    assert counts == [2, 2, 0, 2]


def test_people_can_sum_in_plain_sql(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        for number in range(2):
            await ledger.write(entry(f"sg_{number}", tenant="t1"))

    with_ledger(file, life)
    connection = sqlite3.connect(file)
    query = "SELECT tenant, target, sum(cost), sum(input), max(took) FROM decisions GROUP BY 1, 2"
    assert connection.execute(query).fetchall() == [("t1", "small", 132_000, 840, 501_000)]
    view = "SELECT date, cost_usd, took_ms, policy, why FROM calls LIMIT 1"
    assert connection.execute(view).fetchone() == (
        "2025-06-15 15:06:40",
        0.000066,
        501.0,
        "v1",
        "cheapest for tier small, before mid",
    )
    connection.close()


MEAN_BYTES = 1000
CALLS = 2000


def a_day_of_twelve_targets() -> list[Entry]:
    names = [f"provider/model-name-{number}" for number in range(12)]
    times = Latency(Seconds(0.21), Seconds(0.43), Seconds(0.98))
    asked = ask(
        needs=frozenset({Capability.TOOLS}),
        system_digest="3f" * 16,
        tools_digest="a7" * 16,
        metadata=(("team", "search"),),
        draw=0.123456789,
    )
    decided = decision(
        plan=tuple(names[:4]),
        verdicts=tuple(Verdict(target=name, reason=Reason.NOT_NEEDED) for name in names),
        policy="0123456789ab",
        rule="tools-stay-mid",
    )
    return [
        entry(
            mint(UnixMs(1_750_000_000_000 + number * 20), number * 2**60),
            at=UnixMs(1_750_000_000_000 + number * 20),
            key="team-a-key",
            tenant="team-a",
            task=f"task-{number // 20:012}",
            agent="researcher",
            ask=asked,
            decision=decided,
            situation=Situation(
                id=f"{number // 12:016x}",
                readings={
                    name: Reading(first_content=times, token=times, in_flight=number % 9)
                    for name in names
                },
            ),
        )
        for number in range(CALLS)
    ]


def test_a_call_with_twelve_targets_takes_less_than_a_kilobyte(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        await asyncio.gather(*map(ledger.write, a_day_of_twelve_targets()))

    with_ledger(file, life)
    assert file.stat().st_size / CALLS < MEAN_BYTES
