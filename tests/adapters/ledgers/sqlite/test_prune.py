"""Old calls go with what was said of them."""

import asyncio
from pathlib import Path

from support.entries import entry
from support.paperwork import write
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.ledgers.sqlite.prune import ROWS, prune
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.units import UnixMs
from switchgear.ports.papers import PaperKind

OUTCOME = PaperKind.OUTCOME


def test_what_was_said_of_old_calls_goes_with_them_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life() -> None:
        ledger, papers = SqliteLedger(file, durable=False), SqlitePapers(file, durable=False)
        await ledger.write(entry("old", at=UnixMs(1)))
        for number in range(ROWS + 1):
            await papers.write((write(f"old{number}", 1, "n", kind=OUTCOME, made=1),))
        await papers.write((write("old", 1, "n", kind=PaperKind.TASK, made=1),))
        await papers.write((write("new", 1, "n", kind=OUTCOME, made=9),))
        assert await asyncio.to_thread(prune, file, UnixMs(5)) == 1
        for number in (0, ROWS):
            assert await papers.find(OUTCOME, f"old{number}") is None
            assert await papers.notes(OUTCOME, f"old{number}") == ()
        assert await papers.find(PaperKind.TASK, "old") is not None
        assert len(await papers.notes(OUTCOME, "new")) == 1
        await papers.aclose()
        await ledger.aclose()

    asyncio.run(life())


def test_those_who_count_changes_miss_none_after_it(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"

    async def life() -> None:
        papers = SqlitePapers(file, durable=False)
        number, _ = await papers.since(OUTCOME, 0)
        await papers.write((write("late", 1, "n", kind=OUTCOME, made=1),))
        number, found = await papers.since(OUTCOME, number)
        assert [each.id for each in found] == ["late"]
        await asyncio.to_thread(prune, file, UnixMs(5))
        await papers.write((write("next", 1, "n", kind=OUTCOME, made=9),))
        _, found = await papers.since(OUTCOME, number)
        assert [each.id for each in found] == ["next"]
        await papers.aclose()

    asyncio.run(life())
