"""Builds the two result files: the matrix for people, one entry a cell for machines."""

from collections.abc import Mapping, Sequence

import msgspec
from parity.cell import Cell
from parity.column import Column, Form
from parity.row import Row

MARKS = {"held": "yes", "broken": "**NO**", "cannot": "-"}
"""What the table says for each verdict."""


class _Card(msgspec.Struct, frozen=True, kw_only=True):
    held: int
    broken: int
    cannot: int
    cells: Sequence[Cell]


def totals(cells: Sequence[Cell]) -> dict[str, int]:
    """Return how many cells have each verdict."""
    return {verdict: sum(each.verdict == verdict for each in cells) for verdict in MARKS}


def write_json(cells: Sequence[Cell]) -> bytes:
    """Return all cells; nothing in it differs from one time to the next."""
    lines = ",\n    ".join(msgspec.json.encode(each).decode() for each in cells)
    head = msgspec.json.encode(_Card(**totals(cells), cells=()))
    text = msgspec.json.format(head, indent=2).decode()
    return text.replace('"cells": []', f'"cells": [\n    {lines}\n  ]').encode() + b"\n"


def read_json(raw: bytes) -> dict[tuple[str, str], Cell]:
    """Return the cells of a result, by row and column."""
    return {(it.row, it.column): it for it in msgspec.json.decode(raw, type=_Card).cells}


def differences(old: Mapping[tuple[str, str], Cell], cells: Sequence[Cell]) -> list[str]:
    """Return which verdicts are not as they were."""
    new = {(it.row, it.column): it for it in cells}
    found = []
    for place in [*new, *(it for it in old if it not in new)]:
        before = old[place].verdict if place in old else "not there"
        after = new[place].verdict if place in new else "not there"
        if before != after:
            note = new[place].note if place in new else ""
            found.append(f"{' / '.join(place)}: {before} before, now {after} {note}".rstrip())
    return found


def write_page(rows: Sequence[Row], columns: Sequence[Column], cells: Sequence[Cell]) -> str:
    """Return the page in Markdown."""
    count = totals(cells)
    broken = [each for each in cells if each.verdict == "broken"]
    found = {(each.row, each.column): each for each in cells}
    callers = list(dict.fromkeys(each.caller for each in columns))
    parts = [
        "# Parity",
        (
            "Written by `make parity`. Every cell is an exchange over real sockets: an official"
            " SDK, which takes nothing that its types do not allow, calls a gateway, and a"
            " simulated provider answers in the target's dialect. `yes` means that it held, `-`"
            " that there can be no such exchange; why, and what is changed or dropped on the way,"
            " stands below and, for each cell, in `parity.json`. What each pair of dialects"
            " carries is in [the reference](reference/wires.md)."
        ),
        (f"**{count['held']} held, {count['broken']} broken, {count['cannot']} cannot exist.**"),
    ]
    if broken:
        lines = [f"- **{it.row}**, {it.column}: {it.note}" for it in broken]
        parts += ["## Broken", "\n".join(lines)]
    for caller in callers:
        mine = [each for each in columns if each.caller is caller]
        parts += [f"## {caller.value} callers", _table(rows, mine, found)]
    parts += ["## What holds", _sentences(rows), "## What cannot exist, and why", _reasons(cells)]
    parts += ["## What is changed or dropped", _notes(cells)]
    return "\n\n".join(parts) + "\n"


def _table(
    rows: Sequence[Row], columns: Sequence[Column], found: Mapping[tuple[str, str], Cell]
) -> str:
    targets = list(dict.fromkeys(each.target for each in columns))
    heads = [f"{target.value}, {form.value}" for target in targets for form in Form]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for row in rows:
        marks = [
            MARKS[found[row.name, each.name].verdict]
            for target in targets
            for form in Form
            for each in columns
            if (each.target, each.form) == (target, form)
        ]
        lines.append(f"| {row.name} | {' | '.join(marks)} |")
    return "\n".join(lines)


def _sentences(rows: Sequence[Row]) -> str:
    return "\n".join(f"- **{row.name}**: {row.sentence}" for row in rows)


def _reasons(cells: Sequence[Cell]) -> str:
    return _gathered([each for each in cells if each.verdict == "cannot"])


def _notes(cells: Sequence[Cell]) -> str:
    return _gathered([each for each in cells if each.verdict == "held" and each.note])


def _gathered(cells: Sequence[Cell]) -> str:
    """Return each note once for its row, with the columns that it is about."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in cells:
        caller, _, target = each.column.split(" · ")
        groups.setdefault((each.row, each.note), []).append(f"{caller} to {target}")
    lines = [
        f"- **{row}**, {', '.join(dict.fromkeys(pairs)) if len(pairs) < MOST else 'all others'}:"
        f" {note}"
        for (row, note), pairs in groups.items()
    ]
    return "\n".join(lines) or "Nothing."


MOST = 10
"""Columns that one note names."""
