"""Reads entries back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from switchgear.adapters.ledgers.entry import Fields, entry_of
from switchgear.adapters.ledgers.postgres.line import Connection, Line
from switchgear.adapters.ledgers.postgres.text import kept, told
from switchgear.adapters.ledgers.stretch import (
    TELLS,
    WHOLE,
    Form,
    Part,
    Place,
    Stretch,
    onward,
    stretch_of,
)
from switchgear.domain.entry import Entry
from switchgear.engine.task import looks_minted
from switchgear.ports.ledger import MOST_ROWS, Query

ENTRY_QUERY = """
SELECT d.*, p.version, p.targets, s.id AS situation_id, s.document AS readings{body}
FROM decisions AS d
LEFT JOIN policies AS p ON p.number = d.policy
LEFT JOIN situations AS s ON s.number = d.situation
LEFT JOIN bodies AS b ON b.decision = d.number
WHERE {where} ORDER BY d.at {way}, d.number {way} LIMIT ${last}
"""
WITH_BODY = ", b.request"
ATTEMPT_QUERY = """
SELECT * FROM attempts WHERE decision = ANY($1::bigint[]) ORDER BY decision, number
"""
BY_TASK = "d.task <> '' AND d.task = {}"
"""The words of the index are said, or it would not be used."""
BY_TASK_NAME = "{} IN (d.task, d.task_name)"
IN_PART = f"ascii(right({TELLS}, 1)) % {{of:d}} = {{number:d}}"
COUNT = "SELECT count(*) FROM decisions AS d WHERE {where}"
OLDER = "(d.at, d.number) < (SELECT at, number FROM decisions WHERE id = {})"


class Shelf:
    """A ledger, open for reading."""

    def __init__(self, line: Line) -> None:
        """Take a connection."""
        self._line = line

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        found = await self._entries(["d.id = {}"], [kept(entry_id)], 1, WITH_BODY)
        return found[0] if found else None

    async def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        query = "SELECT document FROM policies WHERE version = $1"
        async with self.asked() as connection:
            found = await connection.fetchval(query, kept(version))
        return None if found is None else bytes(found)

    async def page(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first, without their request bodies."""
        conditions, values = _conditions(query)
        return await self._entries(conditions, values, min(query.limit, MOST_ROWS), "")

    async def count(self, query: Query) -> int:
        """Return how many entries fit."""
        conditions, values = _conditions(query)
        places = [each.format(f"${place}") for place, each in enumerate(conditions, 1)]
        async with self.asked() as connection:
            found = await connection.fetchval(
                COUNT.format(where=" AND ".join(places) or "true"), *values
            )
        return int(found)

    async def stretch(self, query: Query, after: Place, part: Part = WHOLE) -> Stretch:
        """Return the entries after a place that fit, oldest first."""
        inside = IN_PART.format(of=part.of, number=part.number) if part.of > 1 else ""
        form = onward(min(query.limit, MOST_ROWS), after, inside)
        return stretch_of(*await self._found(*_conditions(query), form))

    async def ids(self, beginning: str, limit: int) -> list[str]:
        """Return ids that begin so, newest first."""
        query = "SELECT id FROM decisions WHERE starts_with(id, $1) ORDER BY at DESC LIMIT $2"
        async with self.asked() as connection:
            return [told(row[0]) for row in await connection.fetch(query, kept(beginning), limit)]

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Connection]:
        """Have the connection; all that goes wrong is said plainly.

        Raises:
            LedgerDown: it cannot be read.
        """
        async with self._line.asked(f"The ledger {self._line.where} cannot be read") as connection:
            yield connection

    async def _entries(
        self, conditions: list[str], values: list[Any], limit: int, body: str
    ) -> tuple[Entry, ...]:
        form = Form(limit=limit, body=body)
        rows, tried = await self._found(conditions, values, form)
        return tuple(entry_of(row, tried[row["number"]]) for row in rows)

    async def _found(
        self, conditions: list[str], values: list[Any], form: Form
    ) -> tuple[list[Fields], dict[int, list[Fields]]]:
        places = [each.format(f"${place}") for place, each in enumerate(conditions, 1)]
        where, last = " AND ".join([*places, form.beyond]), len(places) + 1
        query = ENTRY_QUERY.format(where=where, body=form.body, last=last, way=form.way)
        async with self.asked() as connection:
            rows = [_told(row) for row in await connection.fetch(query, *values, form.limit)]
            tried: dict[int, list[Fields]] = {row["number"]: [] for row in rows}
            for row in await connection.fetch(ATTEMPT_QUERY, list(tried)):
                tried[row["decision"]].append(_told(row))
        return rows, tried


def _told(row: Any) -> Fields:  # noqa: ANN401  (the library has no types)
    fields = {name: told(it) if type(it) is str else it for name, it in row.items()}
    if fields.get("named") is not None:
        fields["verdicts"] = fields["named"]
    return fields


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    given = {
        "d.key = {}": query.key,
        "d.tenant = {}": query.tenant,
        BY_TASK if looks_minted(query.task) else BY_TASK_NAME: query.task or None,
        "d.target = {}": query.target or None,
        "d.model = {}": query.model or None,
        "d.code = {}": query.code or None,
        "d.ending = {}": None if query.end is None else query.end.value,
        "d.at >= {}": query.since,
        "d.at < {}": query.until,
        OLDER: query.before or None,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    return list(wanted), [kept(it) if isinstance(it, str) else it for it in wanted.values()]
