"""``switchgear stats``: what passing tasks between agents costs, out of what is kept of it."""

import asyncio
import json
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.cli.papers import open_store
from switchgear.cli.shelf import ConfigOption, LedgerOption, refuse
from switchgear.domain.errors import LedgerDown
from switchgear.domain.handoff import Handoff
from switchgear.domain.units import UnixMs
from switchgear.engine.friction import Edge, edges_of
from switchgear.pipeline.task.handoff import handoff_in
from switchgear.ports.papers import MOST_FOUND, PaperKind, Papers, Sought

MOST_READ = 20_000
"""Hand-offs that are looked at: the newest."""


def stats(
    *,
    handoffs: Annotated[
        bool, typer.Option("--handoffs", help="What each pair of agents costs.")
    ] = False,
    tenant: Annotated[str, typer.Option(help="Only tasks of this tenant.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Show figures of what is kept: with --handoffs, how hard each hand-off is on the receiver."""
    if not handoffs:
        refuse("Say of what: --handoffs.")
    papers = open_store(ledger, config)
    try:
        found = asyncio.run(_edges(papers, tenant))
    except LedgerDown as error:
        refuse(error.message)
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))
    elif not found:
        typer.echo("No task was handed over yet, as far as is kept.")
    else:
        Console().print(_table(found))


async def _edges(papers: Papers, tenant: str) -> tuple[Edge, ...]:
    try:
        return edges_of(await _all(papers, tenant))
    finally:
        await papers.aclose()


async def _all(papers: Papers, tenant: str) -> list[Handoff]:
    sought = Sought(kind=PaperKind.HANDOFF, tenant=tenant or None, limit=MOST_FOUND)
    found: dict[str, Handoff] = {}
    while len(found) < MOST_READ:
        page = await papers.list(sought)
        before = len(found)
        found |= {each.id: handoff_in(each) for each in page}
        if len(page) < MOST_FOUND or len(found) == before:
            break
        sought = msgspec.structs.replace(sought, before=UnixMs(page[-1].made + 1))
    return list(found.values())


def _table(edges: tuple[Edge, ...]) -> Table:
    table = Table(box=None, pad_edge=False, caption="Medians, until the first new result.")
    table.add_column("from")
    table.add_column("to")
    for column in ("times", "said", "tokens reread", "calls repeated", "turns", "seconds"):
        table.add_column(column, justify="right")
    for each in edges:
        table.add_row(
            Text(each.sender or "(nobody known)"),
            Text(each.receiver),
            str(each.count),
            str(each.said),
            f"{each.reread:,.0f}",
            f"{each.repeated:g}",
            "-" if each.turns is None else f"{each.turns:g}",
            "-" if each.seconds is None else f"{each.seconds:.1f}",
        )
    return table
