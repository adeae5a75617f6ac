"""Keys in the ledger's own file, which several processes share."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec
from typing_extensions import override

from switchgear.adapters.ledgers.sqlite.clerk import Clerk, at_once
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

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Kept).decode


class SqliteKeyring(Keyring):
    """Keeps every revision of every key as a row; the newest is in force."""

    def __init__(self, path: Path) -> None:
        """Know where the file is; it is opened when it is first needed."""
        self._clerk = Clerk(path, "keys")

    @override
    async def add(self, new: Kept) -> bool:
        return await self._clerk.do(lambda file: _write(file, new, 1))

    @override
    async def change(self, changed: Kept) -> bool:
        return await self._clerk.do(lambda file: _write(file, changed, changed.revision))

    @override
    async def find(self, name: str) -> Kept | None:
        found = await self.history(name)
        return found[-1] if found else None

    @override
    async def history(self, name: str) -> Sequence[Kept]:
        return await self._clerk.do(lambda file: _read(file, HISTORY, name))

    @override
    async def all(self) -> Sequence[Kept]:
        return await self._clerk.do(lambda file: _read(file, ALL))

    @override
    async def state(self) -> int:
        return await self._clerk.do(lambda file: int(file.execute(STATE).fetchone()[0]))

    @override
    async def aclose(self) -> None:
        await self._clerk.aclose()


def _write(file: sqlite3.Connection, kept: Kept, revision: int) -> bool:
    """Keep a revision, if it is the next one and all its digests are its own."""
    name = kept.key.id
    with at_once(file):
        fits = file.execute(NEWEST, (name,)).fetchone()[0] == revision - 1
        fits = fits and not any(
            file.execute(OTHERS, (each, name)).fetchone()[0] for each in kept.digests
        )
        if fits:
            row = (name, revision, kept.changed, kept.by, kept.deed, _encode(kept))
            file.execute(ADD, row)
            file.executemany(OWN, [(each, name) for each in kept.digests])
    return fits


def _read(file: sqlite3.Connection, query: str, *values: str) -> tuple[Kept, ...]:
    return tuple(_decode(document) for (document,) in file.execute(query, values))
