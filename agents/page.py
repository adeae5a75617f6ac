"""Builds the two result files: a table for people, one entry a run for machines."""

from collections.abc import Sequence
from textwrap import indent

import msgspec
from agents.agent import AGENTS
from agents.cell import Cell

HELD = {"held": "held", "broken": "**broken**", "not installed": "**not installed**"}
TITLES = {agent.name: agent.title for agent in AGENTS}


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs need beside them to be believed."""

    machine: str
    date: str
    seconds: float
    partial: str = ""
    """What was asked for, if not all."""


class _Card(msgspec.Struct, frozen=True, kw_only=True):
    machine: str
    date: str
    seconds: float
    held: int
    runs: Sequence[Cell]


def write_json(cells: Sequence[Cell], notes: Notes) -> bytes:
    """Return all runs, with the machine and the date."""
    card = _Card(
        machine=notes.machine,
        date=notes.date,
        seconds=round(notes.seconds, 1),
        held=sum(each.verdict == "held" for each in cells),
        runs=cells,
    )
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"


def write_page(cells: Sequence[Cell], notes: Notes) -> str:
    """Return the page in Markdown."""
    partial = f" **Only a part: `{notes.partial}`.**" if notes.partial else ""
    held = sum(each.verdict == "held" for each in cells)
    parts = [
        "# Agents",
        (
            f"Written by `make agents` on {notes.date}, in {notes.seconds:.0f} s. {notes.machine}."
            f"{partial}"
        ),
        (
            "Each line is a real agent that did a task of several steps with tools, through a"
            " gateway in a process of its own, the way [its page](guide/agents/README.md) says. The"
            " model is scripted: it asks for two tools at once, then for another with what they"
            " gave, and its answer is only right if every result came back as it was. The first"
            " target of each plan is down, so that every task begins with a fallback. A run holds"
            " if the answer is right, each step was taken once, no answer was an error, and each"
            " call has one row on the ledger. `agents.json` has one entry for each run."
        ),
        f"**{held} of {len(cells)} held.**",
        _table(cells),
    ]
    return "\n\n".join([*parts, *_notes(cells)]) + "\n"


def _table(cells: Sequence[Cell]) -> str:
    lines = [
        "| agent | version | it speaks | answered by | as | calls | verdict | dropped on the way |",
        "|---|---|---|---|---|---:|---|---|",
    ]
    lines += [
        f"| {TITLES.get(each.agent, each.agent)} | {each.version} | {each.wire} | {each.target}"
        f" | {each.form} | {each.calls} | {HELD[each.verdict]} | {', '.join(each.dropped)} |"
        for each in cells
    ]
    return "\n".join(lines)


def _notes(cells: Sequence[Cell]) -> list[str]:
    """Return what the table has no room for."""
    found: list[str] = []
    besides = _by_agent([(each.agent, each.besides) for each in cells])
    if besides:
        found += ["## What else was asked of the gateway", besides]
    outside = _by_agent([(each.agent, each.outside) for each in cells])
    if outside:
        found += ["## Who else an agent wanted to reach", "Nobody was reached.", outside]
    bad = [each for each in cells if each.verdict != "held"]
    if bad:
        lines = [
            f"- **{each.agent}**, {each.wire} to {each.target}:\n\n{_fenced(each.note)}"
            for each in bad
        ]
        found += ["## What did not hold", "\n".join(lines)]
    return found


def _fenced(text: str) -> str:
    return f"  ```text\n{indent(text, '  ')}\n  ```"


def _by_agent(found: Sequence[tuple[str, Sequence[str]]]) -> str:
    names: dict[str, set[str]] = {}
    for agent, each in found:
        names.setdefault(agent, set()).update(each)
    return "\n".join(
        f"- {TITLES.get(agent, agent)}: {', '.join(f'`{name}`' for name in sorted(each))}"
        for agent, each in names.items()
        if each
    )
