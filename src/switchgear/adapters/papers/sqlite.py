"""Documents in the ledger's own file, which several processes share."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from switchgear.adapters.ledgers.sqlite.clerk import Clerk, at_once
from switchgear.adapters.papers.row import (
    FIRST,
    NEWEST_FIRST,
    PAPERS,
    Value,
    at_odds,
    note_of,
    page,
    paper_of,
    row_of,
    wanted,
)
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

FIND = PAPERS + " kind = ? AND id = ?"
NOTES = """
SELECT note, at, revision, body FROM paper_notes WHERE kind = ? AND id = ? AND revision > ?
ORDER BY revision, number LIMIT ?
"""
SINCE = """
SELECT kind, id, owner, tenant, task, state, due, made, revision, body, number FROM papers
WHERE kind = ? AND number > ? ORDER BY number LIMIT ?
"""
NUMBER = "SELECT coalesce(max(number), ?) FROM papers"
KNOWN = "SELECT count(*) FROM paper_notes WHERE kind = ? AND id = ? AND note = ?"
REVISION = "SELECT revision FROM papers WHERE kind = ? AND id = ?"
PUT = """
INSERT OR REPLACE INTO papers
  (kind, id, owner, tenant, task, state, due, made, revision, body, number)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ADD = """
INSERT INTO paper_notes (kind, id, note, at, revision, body) VALUES (?, ?, ?, ?, ?, ?)
"""


class SqlitePapers(Papers):
    """Keeps the newest revision of each document as a row, and its log as rows beside it."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Know where the file is; it is opened when it is first needed."""
        self._clerk = Clerk(path, "tasks", durable=durable)

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        found = await self._clerk.do(lambda file: _read(file, FIND, (kind.value, name)))
        return found[0] if found else None

    @override
    async def write(self, writes: Sequence[Write]) -> Written:
        odds = at_odds(writes)
        return await self._clerk.do(lambda file: _written(file, writes)) if odds is None else odds

    @override
    async def list(self, sought: Sought) -> tuple[Paper, ...]:
        asked = wanted(sought)
        where = " AND ".join([f"{column}?" for column, _ in asked])
        query = f"{PAPERS} {where} {NEWEST_FIRST} ?"
        values = (*[value for _, value in asked], page(sought))
        return await self._clerk.do(lambda file: _read(file, query, values))

    @override
    async def notes(self, kind: PaperKind, name: str, after: int = 0) -> tuple[Note, ...]:
        values = (kind.value, name, after, MOST_FOUND)
        return await self._clerk.do(
            lambda file: tuple([note_of(row) for row in file.execute(NOTES, values)])
        )

    @override
    async def since(self, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
        return await self._clerk.do(lambda file: _since(file, kind, number))

    @override
    async def aclose(self) -> None:
        await self._clerk.aclose()


def _written(file: sqlite3.Connection, writes: Sequence[Write]) -> Written:
    with at_once(file):
        written = _fit(file, writes)
        if written is Written.DONE:
            _put(file, writes)
    return written


def _fit(file: sqlite3.Connection, writes: Sequence[Write]) -> Written:
    for each in writes:
        name = each.paper.kind.value, each.paper.id
        if any(file.execute(KNOWN, (*name, note.id)).fetchone()[0] for note in each.notes):
            return Written.REPEATED
    for each in writes:
        there = file.execute(REVISION, (each.paper.kind.value, each.paper.id)).fetchone()
        if each.paper.revision != (0 if there is None else there[0]) + 1:
            return Written.CONFLICT
    return Written.DONE


def _put(file: sqlite3.Connection, writes: Sequence[Write]) -> None:
    number = file.execute(NUMBER, (FIRST,)).fetchone()[0]
    for place, each in enumerate(writes, 1):
        paper = each.paper
        file.execute(PUT, (*row_of(paper), number + place))
        file.executemany(
            ADD,
            [
                (paper.kind.value, paper.id, note.id, note.at, note.revision, note.body)
                for note in each.notes
            ],
        )


def _since(file: sqlite3.Connection, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
    latest = int(file.execute(NUMBER, (FIRST,)).fetchone()[0])
    if not number or number >= latest:
        return number or latest, ()
    rows = file.execute(SINCE, (kind.value, number, MOST_FOUND)).fetchall()
    found = tuple([paper_of(row[:-1]) for row in rows])
    # Where that was all, the next look need not go past changes of other kinds again.
    last = rows[-1][-1] if rows else latest
    return (max(latest, last) if len(rows) < MOST_FOUND else last), found


def _read(file: sqlite3.Connection, query: str, values: tuple[Value, ...]) -> tuple[Paper, ...]:
    return tuple([paper_of(row) for row in file.execute(query, values)])
