"""Documents in the ledger's own database, which all nodes share."""

from collections.abc import Sequence

from typing_extensions import override

from switchgear.adapters.ledgers.postgres.line import HOT, Connection, Line
from switchgear.adapters.ledgers.postgres.text import kept, told
from switchgear.adapters.papers.row import (
    FIRST,
    NEWEST_FIRST,
    PAPERS,
    Row,
    Value,
    at_odds,
    note_of,
    page,
    paper_of,
    row_of,
    wanted,
    whole,
)
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import (
    MOST_FOUND,
    Note,
    Paper,
    PaperKind,
    Papers,
    Sought,
    Write,
    Written,
)

LOCK = 0x5357_4752_5041
"""Of the server: writes come one after the other, so that the numbers of those that can be seen
only grow."""
FIND = PAPERS + " kind = $1 AND id = $2"
NOTES = """
SELECT note, at, revision, body FROM paper_notes WHERE kind = $1 AND id = $2 AND revision > $3
ORDER BY revision, number LIMIT $4
"""
SINCE = """
SELECT kind, id, owner, tenant, task, state, due, made, revision, body, number FROM papers
WHERE kind = $1 AND number > $2 ORDER BY number LIMIT $3
"""
NUMBER = "SELECT coalesce(max(number), $1) FROM papers"
KNOWN = "SELECT count(*) FROM paper_notes WHERE kind = $1 AND id = $2 AND note = ANY($3::text[])"
REVISION = "SELECT revision FROM papers WHERE kind = $1 AND id = $2"
PUT = """
INSERT INTO papers (kind, id, owner, tenant, task, state, due, made, revision, body, number)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (kind, id) DO UPDATE SET
  (owner, tenant, task, state, due, made, revision, body, number)
  = ($3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
ADD = """
INSERT INTO paper_notes (kind, id, note, at, revision, body) VALUES ($1, $2, $3, $4, $5, $6)
"""
FAILED = "The tasks are out of reach"


class PostgresPapers(Papers):
    """Keeps the newest revision of each document as a row, and its log as rows beside it."""

    def __init__(self, url: Secret) -> None:
        """Know where the database is; a connection is opened when it is first needed."""
        self._nursery = Nursery()
        self._line = Line(url, self._nursery, HOT, durable=True)

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        found = _papers(await self._fetched(FIND, kind.value, kept(name)))
        return found[0] if found else None

    @override
    async def write(self, writes: Sequence[Write]) -> Written:
        odds = at_odds(writes)
        if odds is not None:
            return odds
        async with self._line.asked(FAILED) as connection, connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            written = await _fit(connection, writes)
            if written is Written.DONE:
                await _put(connection, writes)
            return written

    @override
    async def list(self, sought: Sought) -> tuple[Paper, ...]:
        asked = wanted(sought)
        where = " AND ".join([f"{column}${place}" for place, (column, _) in enumerate(asked, 1)])
        query = f"{PAPERS} {where} {NEWEST_FIRST} ${len(asked) + 1}"
        values = [*_kept([value for _, value in asked]), page(sought)]
        return _papers(await self._fetched(query, *values))

    @override
    async def notes(self, kind: PaperKind, name: str, after: int = 0) -> tuple[Note, ...]:
        rows = await self._fetched(NOTES, kind.value, kept(name), after, MOST_FOUND)
        return tuple([note_of(_told(row)) for row in rows])

    @override
    async def since(self, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
        latest = whole((await self._fetched(NUMBER, FIRST))[0][0])
        if not number or number >= latest:
            return number or latest, ()
        rows = await self._fetched(SINCE, kind.value, number, MOST_FOUND)
        # Where that was all, the next look need not go past changes of other kinds again.
        last = whole(rows[-1][-1]) if rows else latest
        reached = max(latest, last) if len(rows) < MOST_FOUND else last
        return reached, _papers([row[:-1] for row in rows])

    @override
    async def aclose(self) -> None:
        await self._line.close()
        await self._nursery.aclose()

    async def _fetched(self, query: str, *values: Value) -> Sequence[Row]:
        async with self._line.asked(FAILED) as connection:
            return [tuple(row) for row in await connection.fetch(query, *values)]


async def _fit(connection: Connection, writes: Sequence[Write]) -> Written:
    for each in writes:
        name = each.paper.kind.value, kept(each.paper.id)
        notes = [kept(note.id) for note in each.notes]
        if notes and await connection.fetchval(KNOWN, *name, notes):
            return Written.REPEATED
    for each in writes:
        name = each.paper.kind.value, kept(each.paper.id)
        if each.paper.revision != (await connection.fetchval(REVISION, *name) or 0) + 1:
            return Written.CONFLICT
    return Written.DONE


async def _put(connection: Connection, writes: Sequence[Write]) -> None:
    number = await connection.fetchval(NUMBER, FIRST)
    for place, each in enumerate(writes, 1):
        row = _kept(row_of(each.paper))
        await connection.execute(PUT, *row, number + place)
        if each.notes:
            await connection.executemany(
                ADD,
                [
                    (row[0], row[1], kept(note.id), note.at, note.revision, note.body)
                    for note in each.notes
                ],
            )


def _papers(rows: Sequence[Row]) -> tuple[Paper, ...]:
    try:
        return tuple([paper_of(_told(row)) for row in rows])
    except ValueError as error:
        raise LedgerDown(f"{FAILED}: the database holds none of ours.") from error


def _kept(values: Sequence[Value]) -> list[Value]:
    return [kept(each) if isinstance(each, str) else each for each in values]


def _told(row: Row) -> list[Value]:
    return [told(each) if isinstance(each, str) else each for each in row]
