"""``switchgear tickets``: what agents ask humans, listed and answered from a terminal."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.adapters.chance import SystemChance
from switchgear.adapters.clock import SystemClock
from switchgear.cli.papers import open_store
from switchgear.cli.pen import open_pen, with_pen
from switchgear.cli.shelf import ConfigOption, LedgerOption, carried_out, refuse
from switchgear.cli.tree import NOTHING, date, shown
from switchgear.config.opening import CapsForm, capped
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.task import NO_CAPS, Caps
from switchgear.domain.ticket import Ruling, Ticket, TicketState, Verdict
from switchgear.engine.ticket import canonical
from switchgear.pipeline.learning.notice import sets_aside
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import PaperKind, Sought
from switchgear.surfaces.http.ticket import told_of

Found = TypeVar("Found")
MOST_SHOWN = 60
"""Letters of a question in the list."""
WIDTH = 110

NameArgument = Annotated[str, typer.Argument(metavar="ID", help="Of the ticket.")]
NoteOption = Annotated[str, typer.Option(help="Why, for whoever reads it later.")]
CapOption = Annotated[
    list[str] | None,
    typer.Option(help="What its task may use from now on, such as steps=40 or usd=2.5."),
]

tickets = typer.Typer(no_args_is_help=True, help="List and answer what agents ask humans.")


@tickets.command("list")
def show_all(
    *,
    state: Annotated[str, typer.Option(help="open, approved, denied … or all.")] = "open",
    task: Annotated[str, typer.Option(help="Only those about this task, by its id.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """List tickets, newest first; by default those that are open."""
    known = {each.value for each in TicketState}
    if state not in {"all", *known}:
        refuse(f"There is no state {state}; there are {', '.join(sorted(known))}, and all.")
    wanted = "" if state == "all" else state
    sought = Sought(kind=PaperKind.TICKET, state=wanted, of=task, limit=1000)
    found = _done(ledger, config, lambda desk: desk.list(sought))
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(told_of(each)) for each in found], indent=2))
    elif not found:
        typer.echo("There are no such tickets.")
    else:
        Console(width=max(Console().width, WIDTH)).print(_table(found))


@tickets.command("show")
def show(name: NameArgument, *, ledger: LedgerOption = None, config: ConfigOption = None) -> None:
    """Print one ticket as JSON: what is asked, what is proposed, what was decided."""
    found = _done(ledger, config, lambda desk: desk.find(name))
    typer.echo(json.dumps(msgspec.to_builtins(told_of(found)), indent=2))


@tickets.command("approve")
def approve(
    name: NameArgument,
    *,
    note: NoteOption = "",
    cap: CapOption = None,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Let it be done; a task that waits for it goes on."""
    ruling = Ruling(verdict=Verdict.APPROVE, note=note, caps=_caps(cap))
    _decide(name, ruling, ledger, config)


@tickets.command("deny")
def deny(
    name: NameArgument,
    *,
    note: NoteOption = "",
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Let it not be done; a task that waits for it is stopped."""
    _decide(name, Ruling(verdict=Verdict.DENY, note=note), ledger, config)


@tickets.command("answer")
def give(  # noqa: PLR0913  (each is an option of the command)
    name: NameArgument,
    said: Annotated[str, typer.Argument(metavar="ANSWER", help="JSON, or plain words.")],
    *,
    note: NoteOption = "",
    cap: CapOption = None,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Answer what asks for input; what is no JSON is taken as words."""
    try:
        value = msgspec.json.decode(said)
    except (msgspec.MsgspecError, UnicodeError):
        value = said
    try:
        answer = canonical(value)
    except SwitchgearError as error:
        refuse(error.message)
    ruling = Ruling(verdict=Verdict.ANSWER, answer=answer, note=note, caps=_caps(cap))
    _decide(name, ruling, ledger, config)


@tickets.command("take-over")
def take_over(
    name: NameArgument,
    *,
    note: NoteOption = "",
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Say that you do it yourself; a task that waits for it stays paused."""
    _decide(name, Ruling(verdict=Verdict.TAKE_OVER, note=note), ledger, config)


def _decide(name: str, ruling: Ruling, ledger: Path | None, config: Path | None) -> None:
    found = _done(ledger, config, lambda desk: desk.decide(name, ruling))
    typer.echo(f"The ticket {found.id} is {found.state.value.replace('_', ' ')}.")
    if sets_aside(found):
        try:
            with_pen(open_pen(ledger, config), lambda pen: pen.set_aside(found))
        except SwitchgearError as error:
            typer.echo(f"The answer before it could not be marked: {error.message}", err=True)


def _done(
    ledger: Path | None, config: Path | None, work: Callable[[Tickets], Awaitable[Found]]
) -> Found:
    """Do something with the tickets, or exit and say why not."""
    papers = open_store(ledger, config)

    async def life() -> Found:
        clock = SystemClock()
        tasks = Tasks(papers, clock, Nursery())
        try:
            return await work(Tickets(papers, tasks, clock, SystemChance()))
        finally:
            await papers.aclose()

    return carried_out(life())


def _caps(said: list[str] | None) -> Caps | None:
    """Return caps that are said as NAME=VALUE; None where none are."""
    if not said:
        return None
    words = dict(each.partition("=")[::2] for each in said)
    try:
        form = msgspec.convert(words, CapsForm, strict=False)
    except msgspec.ValidationError as error:
        refuse(f"--cap: {str(error).replace('`', '')}; such as steps=40, usd=2.5, wall_s=600.")
    return capped(form, NO_CAPS)


def _table(found: tuple[Ticket, ...]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "kind", "state", "until (UTC)", "agent", "what is asked"):
        table.add_column(name, no_wrap=name == "id")
    for each in found:
        table.add_row(*[Text(shown(cell)) for cell in _cells(each)])
    return table


def _cells(ticket: Ticket) -> tuple[str, ...]:
    asked = ticket.question
    text = asked.text if len(asked.text) <= MOST_SHOWN else asked.text[: MOST_SHOWN - 1] + "…"
    return (
        ticket.id,
        asked.kind.value,
        ticket.state.value.replace("_", " "),
        date(ticket.deadline),
        asked.agent or NOTHING,
        text,
    )
