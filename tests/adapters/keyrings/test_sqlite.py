"""Keys in a file that is not as it should be."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from switchgear.adapters.keyrings.sqlite import SqliteKeyring
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown
from switchgear.ports.keyring import Kept

ONE = Kept(key=Key(id="a"), digests=("d",))


def test_a_file_that_is_locked_is_told_and_used_again_when_it_is_free(tmp_path: Path) -> None:
    async def life() -> None:
        ring = SqliteKeyring(tmp_path / "ledger.db")
        await ring.all()
        other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerDown, match="locked by another process"):
            await ring.add(ONE)
        assert await ring.state() == 0
        other.execute("COMMIT")
        other.close()
        assert await ring.add(ONE)
        await ring.aclose()

    asyncio.run(life())


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    async def life() -> None:
        (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
        ring = SqliteKeyring(tmp_path / "ledger.db")
        with pytest.raises(LedgerDown, match="no SQLite file"):
            await ring.all()
        await ring.aclose()

    asyncio.run(life())


def test_a_row_that_is_no_key_is_told(tmp_path: Path) -> None:
    async def life() -> None:
        ring = SqliteKeyring(tmp_path / "ledger.db")
        await ring.add(ONE)
        other = sqlite3.connect(tmp_path / "ledger.db")
        with other:
            other.execute("UPDATE keys SET document = '{}'")
        other.close()
        with pytest.raises(LedgerDown, match="no keys of ours"):
            await ring.all()
        await ring.aclose()

    asyncio.run(life())
