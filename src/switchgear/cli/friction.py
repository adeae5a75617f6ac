"""What passing tasks between agents costs, out of what is kept of it, for ``switchgear stats``."""

from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from switchgear.cli.papers import open_store
from switchgear.cli.shelf import carried_out
from switchgear.domain.handoff import Handoff
from switchgear.domain.units import UnixMs
from switchgear.engine.friction import Edge, edges_of
from switchgear.pipeline.task.handoff import handoff_in
from switchgear.ports.papers import MOST_FOUND, PaperKind, Papers, Sought

MOST_READ = 20_000
"""Hand-offs that are looked at: the newest."""


def edges(ledger: Path | None, config: Path | None, tenant: str) -> tuple[Edge, ...]:
    """Return what each pair of agents costs, or exit with 2 and say why that is not known."""
    return carried_out(_edges(open_store(ledger, config), tenant))


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


def edge_table(edges: tuple[Edge, ...]) -> Table:
    """Return one line for each pair."""
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
