"""Documents in a file that is not as it should be."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from support.paperwork import write
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.errors import LedgerDown
from switchgear.ports.papers import PaperKind, Written

TASK = PaperKind.TASK


def test_a_file_that_is_locked_is_told_and_used_again_when_it_is_free(tmp_path: Path) -> None:
    async def life() -> None:
        papers = SqlitePapers(tmp_path / "ledger.db")
        await papers.find(TASK, "a")
        other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerDown, match="locked by another process"):
            await papers.write((write("a", 1, "n"),))
        assert await papers.find(TASK, "a") is None
        other.execute("COMMIT")
        other.close()
        assert await papers.write((write("a", 1, "n"),)) is Written.DONE
        await papers.aclose()

    asyncio.run(life())


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    async def life() -> None:
        (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
        papers = SqlitePapers(tmp_path / "ledger.db")
        with pytest.raises(LedgerDown, match="no SQLite file"):
            await papers.find(TASK, "a")
        await papers.aclose()

    asyncio.run(life())


def test_what_is_wrong_with_a_value_leaves_nothing_half_done(tmp_path: Path) -> None:
    async def life() -> None:
        papers = SqlitePapers(tmp_path / "ledger.db")
        with pytest.raises(LedgerDown):
            await papers.write((write("a", 1, "n"), write("b", 1, made=2**70)))
        with pytest.raises(LedgerDown):
            await papers.find(TASK, "\ud800")
        assert await papers.find(TASK, "a") is None
        assert await papers.notes(TASK, "a") == ()
        assert await papers.write((write("a", 1, "n"),)) is Written.DONE
        await papers.aclose()

    asyncio.run(life())


def test_a_row_of_a_kind_that_is_not_known_is_told(tmp_path: Path) -> None:
    async def life() -> None:
        papers = SqlitePapers(tmp_path / "ledger.db")
        await papers.write((write("a"),))
        other = sqlite3.connect(tmp_path / "ledger.db")
        with other:
            other.execute("UPDATE papers SET made = 'once'")
        other.close()
        with pytest.raises(LedgerDown, match="no tasks of ours"):
            await papers.find(TASK, "a")
        await papers.aclose()

    asyncio.run(life())


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    async def life() -> None:
        first = SqlitePapers(tmp_path / "ledger.db")
        await first.write((write("a", 1, "n"),))
        await first.aclose()
        again = SqlitePapers(tmp_path / "ledger.db")
        assert await again.find(TASK, "a") == write("a").paper
        assert [each.id for each in await again.notes(TASK, "a")] == ["n"]
        await again.aclose()

    asyncio.run(life())
