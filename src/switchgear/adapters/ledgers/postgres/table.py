"""The statement that adds calls to the tables, all of a batch in one round trip."""

from collections.abc import Sequence
from typing import Any

from switchgear.adapters.ledgers.postgres.text import kept_all
from switchgear.adapters.ledgers.row import ATTEMPT_COLUMNS, DECISION_COLUMNS

BLOBS = frozenset({"ask", "named", "odds", "request"})
FLOATS = frozenset({"complexity", "propensity", "task_confidence"})
NUMBERS = frozenset(
    {
        "number",
        "at",
        "stream",
        "status",
        "cost",
        "baseline",
        "input",
        "cached",
        "output",
        "first_content",
        "took",
        "own",
        "situation",
        "bytes_in",
        "bytes_out",
        "waited",
        "policy",
        "tier",
        "sticky",
        "decision",
        "began",
        "cache_written",
        "cache_written_1h",
        "reasoning",
        "estimated",
        "broken",
        "expected_input",
        "explored",
        "step",
    }
)
"""Columns by their type, whatever the table; all others are text."""


def type_of(column: str) -> str:
    """Return the type that the values of a column are sent in."""
    if column in NUMBERS:
        return "bigint"
    if column in BLOBS:
        return "bytea"
    return "double precision" if column in FLOATS else "text"


def _names(columns: str) -> list[str]:
    return [name.strip() for name in columns.split(",")]


DECISIONS = [*_names(DECISION_COLUMNS), "named"]
ATTEMPTS = _names(ATTEMPT_COLUMNS)
BODIES = ["decision", "request"]
VERDICTS = DECISIONS.index("verdicts")

Columns = list[Sequence[Any]]


def _insert(table: str, columns: list[str], first: int) -> str:
    places = enumerate(columns, first)
    arrays = ", ".join([f"${place}::{type_of(name)}[]" for place, name in places])
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608  (names of ours)


def _whole() -> str:
    parts, first = [], 1
    tables = (("decisions", DECISIONS), ("attempts", ATTEMPTS), ("bodies", BODIES))
    for table, columns in tables:
        parts.append(f"{table}_added AS ({_insert(table, columns, first)})")
        first += len(columns)
    return f"WITH {', '.join(parts)} SELECT"


INSERT = _whole()
"""Takes one array a column: of the decisions, then of the attempts, then of the bodies."""


def columns_of(values: list[Any], names: list[str]) -> Columns:
    """Return rows that lie one behind the other as one sequence a column."""
    width = len(names)
    found: Columns = [values[place::width] for place in range(width)]
    return [
        kept_all(column) if type_of(name) == "text" else column
        for name, column in zip(names, found, strict=True)
    ]


def decision_columns(values: list[Any]) -> Columns:
    """Return the decisions' columns; verdicts that are no letters have one of their own."""
    width = len(DECISIONS) - 1
    verdicts = values[VERDICTS::width]
    values[VERDICTS::width] = [None if isinstance(it, bytearray) else it for it in verdicts]
    named = [it if isinstance(it, bytearray) else None for it in verdicts]
    return [*columns_of(values, DECISIONS[:-1]), named]
