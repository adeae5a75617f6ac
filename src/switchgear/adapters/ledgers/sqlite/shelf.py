"""Reads entries back."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from switchgear.adapters.ledgers.entry import Fields, entry_of
from switchgear.adapters.ledgers.sqlite.account import read_levels, read_open
from switchgear.adapters.ledgers.sqlite.schema import open_for_reading, said
from switchgear.adapters.ledgers.stretch import (
    BEFORE_ALL,
    TELLS,
    WHOLE,
    Form,
    Part,
    Place,
    Stretch,
    onward,
    stretch_of,
)
from switchgear.domain.account import Account
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.engine.task import looks_minted
from switchgear.ports.budget import Level
from switchgear.ports.ledger import MOST_ROWS, Query

ENTRY_QUERY = """
SELECT d.*, p.version, p.targets, s.id AS situation_id, s.document AS readings{body}
FROM decisions AS d
LEFT JOIN policies AS p ON p.number = d.policy
LEFT JOIN situations AS s ON s.number = d.situation
LEFT JOIN bodies AS b ON b.decision = d.number
WHERE {where} ORDER BY d.at {way}, d.number {way} LIMIT ?
"""
WITH_BODY = ", b.request"
ATTEMPT_QUERY = """
SELECT a.* FROM json_each(?) AS wanted JOIN attempts AS a ON a.decision = wanted.value
ORDER BY a.decision, a.number
"""
BY_TASK = "d.task <> '' AND d.task = ?"
"""The words of the index are said, or it would not be used."""
BY_TASK_NAME = "? IN (d.task, d.task_name)"
IN_PART = f"coalesce(unicode(substr({TELLS}, -1)), 0) % {{of:d}} = {{number:d}}"
COUNT = "SELECT count(*) FROM decisions AS d WHERE {where}"
OLDER = "(d.at, d.number) < (SELECT at, number FROM decisions WHERE id = ?)"


class Shelf:
    """A ledger file, open for reading; one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            LedgerDown: it cannot be read.
        """
        self._connection = open_for_reading(path)
        self._path = path

    def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        found = self._entries("d.id = ?", [entry_id], 1, WITH_BODY)
        return found[0] if found else None

    def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        query = "SELECT document FROM policies WHERE version = ?"
        found = self._rows(query, [version])
        return None if not found or found[0][0] is None else bytes(found[0][0])

    def page(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first, without their request bodies."""
        conditions, values = _conditions(query)
        return self._entries(
            " AND ".join(conditions) or "true", values, min(query.limit, MOST_ROWS), ""
        )

    def pages(self, query: Query) -> Iterator[tuple[Entry, ...]]:
        """Return all entries that fit, however many, a page at a time; the limit is a page's."""
        while page := self.page(query):
            yield page
            query = msgspec.structs.replace(query, before=page[-1].id)

    def count(self, query: Query) -> int:
        """Return how many entries fit."""
        conditions, values = _conditions(query)
        where = " AND ".join(conditions) or "true"
        return int(self._rows(COUNT.format(where=where), values)[0][0])

    def stretches(self, query: Query, part: Part = WHOLE) -> Iterator[Stretch]:
        """Return all entries that fit, oldest first, a page at a time; the limit is a page's."""
        conditions, values = _conditions(query)
        where, most = " AND ".join(conditions) or "true", min(query.limit, MOST_ROWS)
        inside = IN_PART.format(of=part.of, number=part.number) if part.of > 1 else ""
        last: Place | None = BEFORE_ALL
        while last is not None:
            stretch = stretch_of(*self._found(where, values, onward(most, last, inside)))
            last = stretch.last
            if last is not None:
                yield stretch

    def ids(self, beginning: str, limit: int) -> list[str]:
        """Return ids that begin so, newest first."""
        query = "SELECT id FROM decisions WHERE substr(id, 1, ?) = ? ORDER BY at DESC LIMIT ?"
        return [row[0] for row in self._rows(query, [len(beginning), beginning, limit])]

    def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        """Return how accounts stand, in their order."""
        with self._told():
            return read_levels(self._connection, accounts)

    def open_reservations(self) -> int:
        """Return how many reservations are open."""
        with self._told():
            return read_open(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _entries(self, where: str, values: list[Any], limit: int, body: str) -> tuple[Entry, ...]:
        rows, tried = self._found(where, values, Form(limit=limit, body=body))
        return tuple(entry_of(row, tried[row["number"]]) for row in rows)

    def _found(
        self, where: str, values: list[Any], form: Form
    ) -> tuple[list[Fields], dict[int, list[Fields]]]:
        where = f"{where} AND {form.beyond}"
        query = ENTRY_QUERY.format(where=where, body=form.body, way=form.way)
        rows = self._named(query, [*values, form.limit])
        tried: dict[int, list[Fields]] = {row["number"]: [] for row in rows}
        for row in self._named(ATTEMPT_QUERY, [msgspec.json.encode(list(tried)).decode()]):
            tried[row["decision"]].append(row)
        return rows, tried

    def _named(self, query: str, values: list[Any]) -> list[Fields]:
        """Return rows by name; sqlite3's own look through all their columns for each."""
        with self._told():
            cursor = self._connection.execute(query, values)
            names = [each[0] for each in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _rows(self, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with self._told():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerDown(f"The ledger {self._path} cannot be read: {said(error)}.") from error


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    given = {
        "d.key = ?": query.key,
        "d.tenant = ?": query.tenant,
        BY_TASK if looks_minted(query.task) else BY_TASK_NAME: query.task or None,
        "d.target = ?": query.target or None,
        "d.model = ?": query.model or None,
        "d.code = ?": query.code or None,
        "d.ending = ?": None if query.end is None else query.end.value,
        "d.at >= ?": query.since,
        "d.at < ?": query.until,
        OLDER: query.before or None,
    }
    wanted = {condition: value for condition, value in given.items() if value is not None}
    return list(wanted), list(wanted.values())
