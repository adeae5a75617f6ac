"""Documents in the ledger's own file, which several processes share."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from switchgear.adapters.ledgers.sqlite.schema import open_for_writing, said
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
from switchgear.domain.errors import LedgerDown
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

Found = TypeVar("Found")


class SqlitePapers(Papers):
    """Keeps the newest revision of each document as a row, and its log as rows beside it.

    One thread does all of it, so that the event loop never waits for the file.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Know where the file is; it is opened when it is first needed."""
        self._path = path
        self._durable = durable
        self._thread = ThreadPoolExecutor(1, "papers")
        self._connection: sqlite3.Connection | None = None

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        found = await self._do(lambda file: _read(file, FIND, (kind.value, name)))
        return found[0] if found else None

    @override
    async def write(self, writes: Sequence[Write]) -> Written:
        odds = at_odds(writes)
        return await self._do(lambda file: _written(file, writes)) if odds is None else odds

    @override
    async def list(self, sought: Sought) -> tuple[Paper, ...]:
        asked = wanted(sought)
        where = " AND ".join([f"{column}?" for column, _ in asked])
        query = f"{PAPERS} {where} {NEWEST_FIRST} ?"
        values = (*[value for _, value in asked], page(sought))
        return await self._do(lambda file: _read(file, query, values))

    @override
    async def notes(self, kind: PaperKind, name: str, after: int = 0) -> tuple[Note, ...]:
        values = (kind.value, name, after, MOST_FOUND)
        return await self._do(
            lambda file: tuple([note_of(row) for row in file.execute(NOTES, values)])
        )

    @override
    async def since(self, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
        return await self._do(lambda file: _since(file, kind, number))

    @override
    async def aclose(self) -> None:
        await asyncio.to_thread(self._close)

    async def _do(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._done, work)

    def _done(self, work: Callable[[sqlite3.Connection], Found]) -> Found:
        try:
            if self._connection is None:
                self._connection = open_for_writing(self._path, durable=self._durable)
            return work(self._connection)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            self._forget()
            reason = said(error) if isinstance(error, sqlite3.Error) else "it holds none of ours"
            raise LedgerDown(f"The tasks in {self._path} are out of reach: {reason}.") from error

    def _close(self) -> None:
        self._thread.shutdown()
        self._forget()

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _written(file: sqlite3.Connection, writes: Sequence[Write]) -> Written:
    file.execute("BEGIN IMMEDIATE")
    try:
        written = _fit(file, writes)
        if written is Written.DONE:
            _put(file, writes)
        file.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            file.execute("ROLLBACK")
        raise
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
    if not number:
        return int(file.execute(NUMBER, (FIRST,)).fetchone()[0]), ()
    rows = file.execute(SINCE, (kind.value, number, MOST_FOUND)).fetchall()
    return (rows[-1][-1] if rows else number), tuple([paper_of(row[:-1]) for row in rows])


def _read(file: sqlite3.Connection, query: str, values: tuple[Value, ...]) -> tuple[Paper, ...]:
    return tuple([paper_of(row) for row in file.execute(query, values)])
