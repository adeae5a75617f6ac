"""Rows that the file cannot take: kept, found, brought back, and lost only where that is asked."""

import asyncio
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support import scribe
from support.entries import decision, entry
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.ledgers.spill import RETRY, TELL_EVERY, Spill
from switchgear.adapters.ledgers.sqlite import Spilling, SqliteLedger
from switchgear.config.setup import WhenFull
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds

ROOMY = Spilling(journal=4_000_000)
LOOKS = 1000
WHY = LedgerDown("The call could not be written down: the disk is full.")

Life = Callable[[SqliteLedger], Awaitable[None]]


def with_ledger(file: Path, life: Life, spilling: Spilling = ROOMY) -> None:
    async def whole() -> None:
        ledger = SqliteLedger(file, durable=False, spilling=spilling)
        try:
            await life(ledger)
        finally:
            await ledger.aclose()

    asyncio.run(whole())


def locked(file: Path) -> sqlite3.Connection:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    return other


async def nothing_waits(ledger: SqliteLedger) -> None:
    for _ in range(LOOKS):
        if not ledger.waiting:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{ledger.waiting} rows still wait")


def ids(file: Path) -> Counter[str]:
    connection = sqlite3.connect(file)
    found = Counter(row[0] for row in connection.execute("SELECT id FROM decisions"))
    connection.close()
    return found


def spill(folder: Path, spilling: Spilling = ROOMY, clock: ManualClock | None = None) -> Spill:
    return Spill(folder / "x.db", spilling, clock or ManualClock(), durable=False)


def test_a_locked_file_delays_nobody_for_long_and_gets_its_rows_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        await ledger.write(entry("before"))
        other = locked(file)
        await asyncio.gather(*[ledger.write(entry(f"sg_{number}")) for number in range(1500)])
        await ledger.keep_policy("v9", b"{}")
        assert ledger.waiting == 1501
        assert await ledger.find("sg_7") == entry("sg_7")
        assert await ledger.find_policy("v9") == b"{}"
        other.close()
        await nothing_waits(ledger)
        await ledger.write(entry("after"))
        assert await ledger.find("sg_7") == entry("sg_7")
        assert await ledger.find_policy("v9") == b"{}"

    with_ledger(file, life)
    assert ids(file) == Counter(["before", "after", *[f"sg_{number}" for number in range(1500)]])


def test_a_row_that_finds_the_disk_full_waits_until_there_is_room(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life(ledger: SqliteLedger) -> None:
        writer = ledger._writer._connection
        assert writer is not None
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count = {pages}")
        await ledger.write(entry("big", request=b"x" * 50_000))
        await nothing_waits(ledger)

    with_ledger(file, life)
    assert ids(file) == Counter(["big"])


def test_a_killed_process_leaves_the_rows_of_its_journal_to_the_next(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with_ledger(file, lambda ledger: ledger.write(entry("before")))
    other = locked(file)
    process = subprocess.Popen(  # noqa: S603  (our own interpreter and script)
        [sys.executable, scribe.__file__, str(file), "k", "0", "4000000"],
        env={"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(300)]
        process.kill()
        said += process.stdout.read().split("\n")[:-1]
    other.close()

    async def nothing(ledger: SqliteLedger) -> None:
        assert ledger.waiting == 0

    with_ledger(file, nothing)
    found = ids(file)
    assert {*said, "before"} <= set(found)
    assert set(found.values()) == {1}


def test_a_row_that_is_in_the_file_and_in_the_journal_is_one_row(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    journal, copy = tmp_path / "ledger.db.journal", tmp_path / "copy"

    async def life(ledger: SqliteLedger) -> None:
        other = locked(file)
        await asyncio.gather(*[ledger.write(entry(f"sg_{number}")) for number in range(3)])
        shutil.copy(journal, copy)
        other.close()

    with_ledger(file, life)
    shutil.copy(copy, journal)  # as if it had been killed between the commit and the emptying

    async def more(ledger: SqliteLedger) -> None:
        await ledger.write(entry("sg_3"))

    with_ledger(file, more)
    assert ids(file) == Counter(f"sg_{number}" for number in range(4))


def test_an_id_that_waits_already_is_not_taken_again(tmp_path: Path) -> None:
    kept = spill(tmp_path)
    first, second, third = kept.keep([entry("a"), entry("b"), entry("a")], WHY)
    assert (first, second) == (None, None)
    assert isinstance(third, ValueError)
    assert [type(it) for it in kept.keep([entry("b"), entry("c")], WHY)] == [
        ValueError,
        type(None),
    ]
    kept.close()


def test_while_the_file_takes_nothing_it_is_tried_now_and_then(tmp_path: Path) -> None:
    clock = ManualClock()
    kept = spill(tmp_path, clock=clock)
    assert (kept.due, kept.pause) == (False, None)
    kept.keep([entry("a")], WHY)
    assert (kept.due, kept.pause) == (False, RETRY)
    clock.advance(RETRY)
    assert kept.due
    kept.refused()
    assert not kept.due
    clock.advance(RETRY)
    kept.keep([entry("b")], WHY)
    kept.taken(kept.next(1))
    assert (kept.due, kept.pause, kept.shut) == (True, 0, False)
    assert [it.id for it in kept.entries()] == ["b"]
    kept.taken(kept.next(1))
    assert (kept.due, kept.pause) == (False, None)
    kept.close()


@pytest.mark.parametrize("size", [0, 4096])
def test_a_row_without_room_is_refused_or_lost_as_the_owner_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    large = entry("large", request=os.urandom(5000))
    strict = spill(tmp_path, Spilling(journal=size))
    assert [str(it) for it in strict.keep([large], WHY)] == [WHY.message]
    strict.close()
    clock = ManualClock()
    mild = spill(tmp_path, Spilling(journal=size, when_full=WhenFull.SERVE), clock)
    with caplog.at_level(logging.ERROR, "switchgear"):
        for _ in range(3):
            assert mild.keep([large], WHY) == [None]
            clock.advance(Seconds(TELL_EVERY * 0.6))
    assert (mild.lost, mild.find("large")) == (3, None)
    told = [it.getMessage() for it in caplog.records if "without a row" in it.getMessage()]
    assert [text.split("row, ")[1] for text in told] == ["1 so far.", "3 so far."]
    mild.close()


def test_what_cannot_be_kept_harms_no_other(tmp_path: Path) -> None:
    kept = spill(tmp_path)
    odd = [entry("lone", agent="\ud800"), entry("huge", status=2**70)]
    faults = kept.keep([entry("a"), *odd, entry("b")], WHY)
    assert [type(it) for it in faults] == [type(None), LedgerDown, LedgerDown, type(None)]
    assert [it.id for it in kept.entries()] == ["a", "b"]
    kept.close()


def test_without_a_place_for_a_journal_the_ledger_works_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ledger.db.journal").mkdir()

    async def life(ledger: SqliteLedger) -> None:
        await ledger.write(entry("sg_1", decision=decision()))
        assert await ledger.find("sg_1") == entry("sg_1")

    with_ledger(tmp_path / "ledger.db", life)
    assert "the ledger has no journal" in caplog.text
