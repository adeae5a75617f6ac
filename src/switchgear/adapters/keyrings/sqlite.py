"""Keys in the ledger's own file, which several processes share."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from typing_extensions import override

from switchgear.adapters.ledgers.sqlite.schema import open_for_writing, said
from switchgear.domain.errors import LedgerDown
from switchgear.ports.keyring import Kept, Keyring

ADD = "INSERT INTO keys (id, revision, at, by, deed, document) VALUES (?, ?, ?, ?, ?, ?)"
OWN = "INSERT OR IGNORE INTO key_digests (digest, id) VALUES (?, ?)"
OTHERS = "SELECT count(*) FROM key_digests WHERE digest = ? AND id <> ?"
NEWEST = "SELECT coalesce(max(revision), 0) FROM keys WHERE id = ?"
HISTORY = "SELECT document FROM keys WHERE id = ? ORDER BY revision"
ALL = """
SELECT document FROM keys AS k
WHERE revision = (SELECT max(revision) FROM keys WHERE id = k.id)
ORDER BY (SELECT min(number) FROM keys WHERE id = k.id)
"""
STATE = "SELECT coalesce(max(number), 0) FROM keys"

Value = TypeVar("Value")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Kept).decode


class SqliteKeyring(Keyring):
    """Keeps every revision of every key as a row; the newest is in force.

    One thread does all of it, so that the event loop never waits for the file.
    """

    def __init__(self, path: Path) -> None:
        """Know where the file is; it is opened when it is first needed."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, "keyring")
        self._connection: sqlite3.Connection | None = None

    @override
    async def add(self, new: Kept) -> bool:
        return await self._do(lambda file: _write(file, new, 1))

    @override
    async def change(self, changed: Kept) -> bool:
        return await self._do(lambda file: _write(file, changed, changed.revision))

    @override
    async def find(self, name: str) -> Kept | None:
        found = await self.history(name)
        return found[-1] if found else None

    @override
    async def history(self, name: str) -> Sequence[Kept]:
        return await self._do(lambda file: _read(file, HISTORY, name))

    @override
    async def all(self) -> Sequence[Kept]:
        return await self._do(lambda file: _read(file, ALL))

    @override
    async def state(self) -> int:
        return await self._do(lambda file: int(file.execute(STATE).fetchone()[0]))

    @override
    async def aclose(self) -> None:
        await asyncio.to_thread(self._close)

    async def _do(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._done, work)

    def _done(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        try:
            if self._connection is None:
                self._connection = open_for_writing(self._path, durable=True)
            return work(self._connection)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self._forget()
            reason = said(error) if isinstance(error, sqlite3.Error) else "it holds no keys of ours"
            raise LedgerDown(f"The keys in {self._path} are out of reach: {reason}.") from error

    def _close(self) -> None:
        self._thread.shutdown()
        self._forget()

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _write(file: sqlite3.Connection, kept: Kept, revision: int) -> bool:
    """Keep a revision, if it is the next one and all its digests are its own."""
    name = kept.key.id
    file.execute("BEGIN IMMEDIATE")
    try:
        fits = file.execute(NEWEST, (name,)).fetchone()[0] == revision - 1
        fits = fits and not any(
            file.execute(OTHERS, (each, name)).fetchone()[0] for each in kept.digests
        )
        if fits:
            row = (name, revision, kept.changed, kept.by, kept.deed, _encode(kept))
            file.execute(ADD, row)
            file.executemany(OWN, [(each, name) for each in kept.digests])
        file.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            file.execute("ROLLBACK")
        raise
    return fits


def _read(file: sqlite3.Connection, query: str, *values: str) -> tuple[Kept, ...]:
    return tuple(_decode(document) for (document,) in file.execute(query, values))
