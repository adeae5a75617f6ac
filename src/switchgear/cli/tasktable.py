"""Draws tasks for the terminal: a table, or below their parents."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from switchgear.cli.tree import NOTHING, date, shown
from switchgear.domain.task import Status, Task

LONGEST = 60
"""Letters of a reason in the list."""
STYLES = {
    Status.RUNNING: "green",
    Status.PAUSED: "yellow",
    Status.STOPPED: "red",
    Status.DONE: "dim",
}


def table(found: Sequence[Task]) -> Table:
    """Return one row for each."""
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "name", "status", "steps", "agent", "key", "seen (UTC)", "why"):
        drawn.add_column(name, no_wrap=name == "id")
    for each in found:
        cells = [Text(shown(cell)) for cell in _cells(each)]
        cells[2].stylize(STYLES[each.status])
        drawn.add_row(*cells)
    return drawn


def branches(found: Sequence[Task]) -> Tree:
    """Return all below their parents; those whose parents are not there are at the top."""
    top = Tree("tasks", hide_root=True)
    nodes: dict[str, Tree] = {}
    for each in sorted(found, key=lambda task: (len(task.ancestors), task.opened)):
        nodes[each.id] = nodes.get(each.parent, top).add(_leaf(each))
    return top


def _leaf(task: Task) -> Text:
    why = f"  {_short(task.why)}" if task.why else ""
    agent = f"  {task.agent}" if task.agent else ""
    steps = f"  {task.steps} steps"
    return Text.assemble(
        (shown(task.name or task.id), "bold"),
        (f"  {task.id}" if task.name else "", "dim"),
        ("  " + task.status.value, STYLES[task.status]),
        shown(steps + agent + why),
    )


def _cells(task: Task) -> tuple[str, ...]:
    return (
        task.id,
        task.name or NOTHING,
        task.status.value,
        str(task.steps),
        task.agent or NOTHING,
        task.key or NOTHING,
        date(max(task.seen, task.opened)),
        _short(task.why) or NOTHING,
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
