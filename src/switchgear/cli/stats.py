"""``switchgear stats``: how routing does, and what passing tasks between agents costs."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console, RenderableType

from switchgear.adapters.clock import SystemClock
from switchgear.cli.figure import By, Wanted, figures
from switchgear.cli.figuretable import (
    figure_table,
    other_table,
    rule_table,
    target_table,
    volume_table,
)
from switchgear.cli.filter import BadFilter, moment
from switchgear.cli.friction import edge_table, edges
from switchgear.cli.goal import goals_in
from switchgear.cli.shelf import ConfigOption, LedgerOption, refuse
from switchgear.domain.units import UnixMs
from switchgear.engine.figure.frame import Frame
from switchgear.engine.figure.level import groups, states_of
from switchgear.engine.figure.report import Report, State

NARROWEST = 180
"""Columns that the table of figures needs; a narrower terminal wraps the lines."""
WINDOW = "7d"


def stats(  # noqa: PLR0913  (each is an option of the command)
    *,
    since: Annotated[str, typer.Option(help="From when on: a date, or an age such as 24h.")] = (
        WINDOW
    ),
    until: Annotated[str, typer.Option(help="Until when, likewise; by default now.")] = "",
    route: Annotated[str, typer.Option(help="Only this route, or what was asked for.")] = "",
    tenant: Annotated[str, typer.Option(help="Only calls, or tasks, of this tenant.")] = "",
    by: Annotated[By, typer.Option(help="What the figures are grouped by.")] = By.ROUTE,
    volume: Annotated[bool, typer.Option("--volume", help="Cost against volume.")] = False,
    targets: Annotated[bool, typer.Option("--targets", help="How each target does.")] = False,
    policies: Annotated[bool, typer.Option("--policies", help="Which rules matched.")] = False,
    others: Annotated[
        bool, typer.Option("--others", help="Thumbs, humans, and who corrected.")
    ] = False,
    handoffs: Annotated[
        bool, typer.Option("--handoffs", help="What each pair of agents costs.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 where a figure misses its goal.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the three figures: cost per automated task, routing accuracy, override rate."""
    if handoffs:
        _show_handoffs(ledger, config, tenant, as_json=as_json)
        return
    wanted = Wanted(
        frame=_frame(since, until),
        tenant=tenant,
        route=route,
        by=by,
        goals=goals_in(None if ledger is not None and config is None else config),
    )
    report = _counted(wanted, ledger, config)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    elif not report.all.calls:
        typer.echo("No call was answered in that time, as far as is kept.")
    else:
        asked = (volume, volume_table), (targets, target_table), (policies, rule_table)
        tables = [draw(report) for on, draw in (*asked, (others, other_table)) if on]
        _print(tables or [figure_table(report, wanted.goals)])
    if check and _alerting(report):
        raise typer.Exit(1)


def _frame(since: str, until: str) -> Frame:
    now = SystemClock().date()
    try:
        frame = Frame(moment(since, now), moment(until, now) if until else UnixMs(now + 1))
    except BadFilter as error:
        refuse(str(error))
    if frame.since >= frame.until or frame.since < 0:
        refuse("Nothing lies between these moments: --since comes before --until.")
    return frame


def _counted(wanted: Wanted, ledger: Path | None, config: Path | None) -> Report:
    console = Console(stderr=True)
    if not console.is_terminal:
        return figures(wanted, ledger, config, int)
    counted = 0
    with console.status("reading the ledger …") as status:

        def tick(more: int) -> None:
            nonlocal counted
            counted += more
            status.update(f"reading the ledger … {counted:,} calls")

        return figures(wanted, ledger, config, tick)


def _alerting(report: Report) -> bool:
    return any(State.ALERT in states_of(group).values() for group in groups(report))


def _print(tables: list[RenderableType]) -> None:
    console = Console()
    console.width = max(console.width, NARROWEST)
    for number, each in enumerate(tables):
        if number:
            console.print()
        console.print(each)


def _show_handoffs(ledger: Path | None, config: Path | None, tenant: str, *, as_json: bool) -> None:
    found = edges(ledger, config, tenant)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif not found:
        typer.echo("No task was handed over yet, as far as is kept.")
    else:
        Console().print(edge_table(found))
