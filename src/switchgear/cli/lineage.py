"""Draws where the values came from that a call was given, back to their beginnings."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.text import Text
from rich.tree import Tree

from switchgear.cli.papers import open_store
from switchgear.cli.remote import Readable
from switchgear.cli.tree import date, shown
from switchgear.domain.context import Line
from switchgear.domain.entry import Entry
from switchgear.engine.lineage import Before, Books, Reading, Value, trace
from switchgear.engine.rendering import quoted
from switchgear.pipeline.task.journal import read
from switchgear.pipeline.task.lineage import MOST_ROUNDS

MOST_LETTERS = 120
"""Of a value."""
NAME, PALE, ODD = "bold", "dim", "yellow"


def follow(entry: Entry, shelf: Readable, ledger: Path | None, config: Path | None) -> Reading:
    """Return what a call was given, and so back; all of it may be seen from here.

    Raises:
        LedgerDown: it is not known.
    """
    entries: dict[str, Entry | None] = {}
    logs: dict[str, Sequence[Line]] = {}
    found = trace(entry, Books(entries, logs))
    for _ in range(MOST_ROUNDS):
        if not found.decisions and not found.tasks:
            break
        entries.update({name: shelf.find(name) for name in found.decisions})
        if found.tasks:
            logs.update(asyncio.run(_logs(found.tasks, ledger, config)))
        found = trace(entry, Books(entries, logs))
    return found.reading


async def _logs(
    tasks: Iterable[str], ledger: Path | None, config: Path | None
) -> dict[str, Sequence[Line]]:
    papers = open_store(ledger, config)
    try:
        return {task: await read(papers, task) for task in tasks}
    finally:
        await papers.aclose()


def draw_lineage(reading: Reading) -> Tree:
    """Return a call with what it was given, each value with what is behind it."""
    tree = Tree(_line(("given  ", NAME), (_call(reading), "")))
    if not reading.given:
        tree.add(_line(("nothing of its task's context was put into it", PALE)))
    for each in reading.given:
        _draw(tree, each)
    return tree


def _draw(branch: Tree, value: Value) -> None:
    said = "(withheld)" if value.withheld else _short(value.value)
    if not value.found:
        said = "(not on the log)"
    elif value.shown:
        said += "  (see the same above or below)"
    node = branch.add(
        _line((value.key, NAME), (f"  revision {value.revision}  ", PALE), (said, ""))
    )
    if not value.found or value.shown:
        return
    who = f" by {value.agent}" if value.agent else ""
    deed = f"{value.op}{who} at {date(value.at)}, {value.type.value}, source {value.source.value}"
    node.add(_line((f"{deed}, trust {value.trust.value}", PALE)))
    node.add(_line((_was(value.before), PALE)))
    if value.later or value.gone:
        node.add(_line((_since(value), ODD)))
    for each in value.basis:
        _draw(node.add(_line(("made from", PALE))), each)
    if value.cut:
        node.add(_line(("more is behind it than is shown", PALE)))
    if value.decision:
        _draw_call(node, value)


def _draw_call(node: Tree, value: Value) -> None:
    if value.call is None:
        node.add(_line((f"from the answer {value.decision}, which this ledger has not", PALE)))
        return
    branch = node.add(_line(("from the answer  ", PALE), (_call(value.call), "")))
    for each in value.call.given:
        _draw(branch, each)


def _call(reading: Reading) -> str:
    step = f"step {reading.step}" if reading.step else ""
    agent = f"agent {reading.agent}" if reading.agent else ""
    to = f"target {reading.target}" if reading.target else ""
    return ", ".join(each for each in (reading.decision, step, agent, to) if each)


def _was(before: Before | None) -> str:
    if before is None:
        return "there was nothing before"
    return f"before that, at revision {before.revision}: {_short(before.value)}"


def _since(value: Value) -> str:
    revisions = ", ".join(str(each) for each in value.later)
    other = f"it has another value since revision {revisions}" if revisions else ""
    return "; ".join(each for each in (other, "it is gone now" if value.gone else "") if each)


def _short(value: object) -> str:
    text = quoted(value)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def _line(*parts: tuple[str, str]) -> Text:
    return Text.assemble(*[(shown(text), style) for text, style in parts])
