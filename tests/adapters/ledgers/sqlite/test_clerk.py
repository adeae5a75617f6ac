"""A thread with the ledger's file to itself."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from switchgear.adapters.ledgers.sqlite.clerk import Clerk, at_once
from switchgear.domain.errors import LedgerDown


def _count(file: sqlite3.Connection) -> int:
    return int(file.execute("SELECT count(*) FROM keys").fetchone()[0])


def _add(file: sqlite3.Connection, *, fails: bool) -> None:
    with at_once(file):
        file.execute("INSERT INTO keys VALUES (1, 'k', 1, 0, '', 'made', '{}')")
        if fails:
            raise sqlite3.OperationalError("broken off")


def test_work_is_done_whole_or_not_at_all_and_the_file_is_opened_anew(tmp_path: Path) -> None:
    async def life() -> None:
        clerk = Clerk(tmp_path / "ledger.db", "keys")
        with pytest.raises(LedgerDown, match=r"The keys in .*ledger.db are out of reach"):
            await clerk.do(lambda file: _add(file, fails=True))
        assert await clerk.do(_count) == 0
        await clerk.do(lambda file: _add(file, fails=False))
        assert await clerk.do(_count) == 1
        await clerk.aclose()

    asyncio.run(life())


def test_what_is_none_of_ours_is_said_without_its_content(tmp_path: Path) -> None:
    def work(_: sqlite3.Connection) -> None:
        raise ValueError("secret")

    async def life() -> None:
        clerk = Clerk(tmp_path / "ledger.db", "tasks")
        with pytest.raises(LedgerDown) as told:
            await clerk.do(work)
        assert "it holds no tasks of ours" in told.value.message
        assert "secret" not in told.value.message
        await clerk.aclose()

    asyncio.run(life())
