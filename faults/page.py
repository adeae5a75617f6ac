"""Builds the two result files: a scorecard for people, one entry a cell for machines."""

from collections.abc import Sequence

import msgspec
from faults.cell import ROWS, Cell


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What the cells need beside them to be believed."""

    machine: str
    date: str
    seconds: float
    """What all of it took."""
    partial: str = ""
    """Which exercises these are, if not all."""


class _Card(msgspec.Struct, frozen=True, kw_only=True):
    machine: str
    date: str
    seconds: float
    held: int
    broken: int
    cells: Sequence[Cell]


def write_json(cells: Sequence[Cell], notes: Notes) -> bytes:
    """Return all cells, with the machine and the date."""
    broken = sum(each.verdict == "broken" for each in cells)
    card = _Card(
        machine=notes.machine,
        date=notes.date,
        seconds=round(notes.seconds, 1),
        held=len(cells) - broken,
        broken=broken,
        cells=cells,
    )
    lines = [msgspec.json.encode(each).decode() for each in cells]
    head = msgspec.structs.replace(card, cells=())
    text = msgspec.json.format(msgspec.json.encode(head), indent=2).decode()
    body = ",\n    ".join(lines)
    if not cells:
        return text.encode() + b"\n"
    return text.replace('"cells": []', f'"cells": [\n    {body}\n  ]').encode() + b"\n"


def write_page(cells: Sequence[Cell], notes: Notes) -> str:
    """Return the page in Markdown."""
    broken = [each for each in cells if each.verdict == "broken"]
    partial = f" **Only a part: {notes.partial}.**" if notes.partial else ""
    parts = [
        "# Faults",
        (
            f"Written by `make faults` on {notes.date}, in {notes.seconds:.0f} s. {notes.machine}."
            f"{partial}"
        ),
        (
            "Every cell is a fault, served over real sockets, and what the caller saw of it."
            " `faults.json` has one entry for each, with attempts and seconds;"
            " [the guide](guide/rehearsal.md) tells what the faults are, and how to rehearse them"
            " against your own config."
        ),
        _table(cells),
    ]
    if broken:
        parts += ["## Broken", "\n".join(_line(each) for each in broken)]
    parts += [_row(row, [it for it in cells if it.row == row]) for row in ROWS]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(cells: Sequence[Cell]) -> str:
    lines = ["| what | held | broken |", "|---|---:|---:|"]
    for row, sentence in ROWS.items():
        mine = [each for each in cells if each.row == row]
        broken = sum(each.verdict == "broken" for each in mine)
        if mine:
            lines.append(f"| {sentence} | {len(mine) - broken} | {broken or ''} |")
    total = sum(each.verdict == "broken" for each in cells)
    lines.append(f"| **all** | **{len(cells) - total}** | **{total}** |")
    return "\n".join(lines)


def _row(row: str, cells: Sequence[Cell]) -> str:
    if not cells:
        return ""
    groups: dict[str, list[Cell]] = {}
    for each in cells:
        groups.setdefault(each.name.partition(" · ")[0], []).append(each)
    lines = [f"## {ROWS[row]}", "", "| | held | attempts | seconds | |", "|---|---:|---:|---:|---|"]
    for name, mine in groups.items():
        held = sum(each.verdict == "held" for each in mine)
        attempts = _span([each.attempts for each in mine])
        seconds = _span([round(each.seconds, 2) for each in mine])
        note = next((each.note for each in mine if each.note), "") if len(mine) == 1 else ""
        lines.append(f"| {name} | {held} of {len(mine)} | {attempts} | {seconds} | {note} |")
    return "\n".join(lines)


def _span(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _line(cell: Cell) -> str:
    return f"- **{cell.row}**, {cell.name}: {cell.note}"
