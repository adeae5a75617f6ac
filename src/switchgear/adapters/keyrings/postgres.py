"""Keys in the ledger's own database, which all nodes share."""

from collections.abc import Sequence

import msgspec
from typing_extensions import override

from switchgear.adapters.ledgers.postgres.line import HOT, Connection, Line
from switchgear.adapters.ledgers.postgres.text import kept as as_kept
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.ports.keyring import Kept, Keyring
from switchgear.ports.nursery import Nursery

LOCK = 0x5357_4752_4B45
"""Of the server: changes come one after the other, so that the numbers of those that can be seen
only grow."""
ADD = """
INSERT INTO keys (number, id, revision, at, by, deed, document)
SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, $6 FROM keys
"""
OWN = "INSERT INTO key_digests (digest, id) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING"
OTHERS = "SELECT count(*) FROM key_digests WHERE digest = ANY($1::text[]) AND id <> $2"
NEWEST = "SELECT coalesce(max(revision), 0) FROM keys WHERE id = $1"
HISTORY = "SELECT document FROM keys WHERE id = $1 ORDER BY revision"
ALL = """
SELECT document FROM (
  SELECT DISTINCT ON (id) id, document, min(number) OVER (PARTITION BY id) AS made
  FROM keys ORDER BY id, revision DESC
) AS newest ORDER BY made
"""
STATE = "SELECT coalesce(max(number), 0) FROM keys"
FAILED = "The keys are out of reach"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Kept).decode


class PostgresKeyring(Keyring):
    """Keeps every revision of every key as a row; the newest is in force."""

    def __init__(self, url: Secret) -> None:
        """Know where the database is; a connection is opened when it is first needed."""
        self._nursery = Nursery()
        self._line = Line(url, self._nursery, HOT, durable=True)

    @override
    async def add(self, new: Kept) -> bool:
        return await self._write(new, 1)

    @override
    async def change(self, changed: Kept) -> bool:
        return await self._write(changed, changed.revision)

    @override
    async def find(self, name: str) -> Kept | None:
        found = await self.history(name)
        return found[-1] if found else None

    @override
    async def history(self, name: str) -> Sequence[Kept]:
        return await self._read(HISTORY, as_kept(name))

    @override
    async def all(self) -> Sequence[Kept]:
        return await self._read(ALL)

    @override
    async def state(self) -> int:
        async with self._line.asked(FAILED) as connection:
            return int(await connection.fetchval(STATE))

    @override
    async def aclose(self) -> None:
        await self._line.close()
        await self._nursery.aclose()

    async def _read(self, query: str, *values: str) -> tuple[Kept, ...]:
        async with self._line.asked(FAILED) as connection:
            rows = await connection.fetch(query, *values)
        try:
            return tuple(_decode(row[0]) for row in rows)
        except msgspec.MsgspecError as error:
            raise LedgerDown(f"{FAILED}: the database holds no keys of ours.") from error

    async def _write(self, kept: Kept, revision: int) -> bool:
        """Keep a revision, if it is the next one and all its digests are its own."""
        async with self._line.asked(FAILED) as connection, connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            return await _written(connection, kept, revision)


async def _written(connection: Connection, kept: Kept, revision: int) -> bool:
    name = as_kept(kept.key.id)
    if await connection.fetchval(NEWEST, name) != revision - 1:
        return False
    if await connection.fetchval(OTHERS, kept.digests, name):
        return False
    row = (name, revision, kept.changed, as_kept(kept.by), as_kept(kept.deed), _encode(kept))
    await connection.execute(ADD, *row)
    await connection.execute(OWN, kept.digests, name)
    return True
