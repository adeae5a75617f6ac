"""``switchgear context``: what a task's agents know together, read and set from a terminal."""

import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.cli.papers import open_store
from switchgear.cli.shelf import ConfigOption, LedgerOption, carried_out, refuse
from switchgear.cli.tree import date, shown
from switchgear.domain.context import Asked, Operation, Snapshot, Source, Writer
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Task
from switchgear.engine.rendering import quoted
from switchgear.pipeline.task.context import Contexts
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.nursery import Nursery
from switchgear.surfaces.http.context import entry_of, line_of

Found = TypeVar("Found")
Work = Callable[[Contexts, Task], Awaitable[Found]]
ALL = Sensitivity.RESTRICTED
MOST_SHOWN = 80
"""Letters of a value in a table."""
WIDTH = 110
OWNER = Writer(agent="owner", human=True)

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="The id of the task.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

context = typer.Typer(no_args_is_help=True, help="Read and set what a task's agents know.")


@context.command("show")
def show(
    task: TaskArgument,
    *,
    at: Annotated[int | None, typer.Option(help="As it was at this revision.")] = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the entries of a task's context."""

    async def look(contexts: Contexts, found: Task) -> Snapshot:
        if at is not None:
            return await contexts.at(found.id, at, ALL)
        return await contexts.snapshot(found.id, ALL)

    told = _done(ledger, config, task, look)
    rows = [entry_of(each) for each in told.items]
    if as_json:
        typer.echo(json.dumps({"revision": told.revision, "entries": rows}, indent=2))
    elif not rows:
        typer.echo("There is nothing in its context.")
    else:
        cells = [
            (it.key, it.type.value, it.trust.value, it.revision, it.value) for it in told.items
        ]
        _print(("key", "type", "trust", "revision", "value"), cells)


@context.command("log")
def log(
    task: TaskArgument,
    *,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Print what was done to a task's context, oldest first."""
    lines = _done(ledger, config, task, lambda contexts, found: contexts.log(found.id))
    if as_json:
        typer.echo(json.dumps([line_of(each, ALL) for each in lines], indent=2))
        return
    cells = [
        (
            each.revision,
            date(each.at),
            each.change.deed,
            each.change.key,
            each.change.item.origin.agent if each.change.item else "",
            each.change.item.value if each.change.item else None,
        )
        for each in lines
    ]
    _print(("revision", "when (UTC)", "what", "key", "agent", "value"), cells)


@context.command("set")
def write(
    task: TaskArgument,
    name: Annotated[str, typer.Argument(metavar="KEY", help="Of the entry.")],
    value: Annotated[str, typer.Argument(help="JSON; what is none is taken for words.")],
    *,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Set one entry, as a human's word; what agents wrote meanwhile is not overwritten unseen."""

    async def work(contexts: Contexts, found: Task) -> int:
        there = await contexts.snapshot(found.id, ALL)
        seen = next((it.revision for it in there.items if it.key == name), 0)
        asked = Asked(operations=(_operation(name, _read(value), seen),))
        return (await contexts.change(found, asked, OWNER)).revision

    revision = _done(ledger, config, task, work)
    typer.echo(f"{shown(name)} is set; the context is at revision {revision}.")


def _operation(name: str, value: object, seen: int) -> Operation:
    said = {"key": name, "value": value, "revision": seen, "source": Source.HUMAN.value}
    try:
        return msgspec.convert(said, Operation)
    except msgspec.ValidationError as error:
        refuse(str(error).replace("`", ""))


def _read(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _done(ledger: Path | None, config: Path | None, said: str, work: Work[Found]) -> Found:
    """Do something with a task's context, or exit with 2 and say why not."""

    async def life() -> Found:
        papers = open_store(ledger, config)
        nursery, clock = Nursery(), SystemClock()
        tasks = Tasks(papers, clock, nursery)
        try:
            found = await tasks.find(said)
            if found is None:
                refuse(f"There is no task with the id {shown(said)}.")
            contexts = Contexts(tasks, papers, MemoryLedger(), clock)
            return await work(contexts, found.task)
        finally:
            await nursery.aclose()
            await papers.aclose()

    return carried_out(life())


def _print(headings: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    table = Table(box=None, header_style="bold")
    for each in headings:
        table.add_column(each)
    for *cells, value in rows:
        said = quoted(value)
        said = said if len(said) <= MOST_SHOWN else f"{said[:MOST_SHOWN]}…"
        table.add_row(*[Text(shown(str(cell))) for cell in (*cells, said)])
    Console(width=max(Console().width, WIDTH)).print(table)
