"""``switchgear explain``: draw one decision and all that came of it."""

import json
from typing import Annotated

import typer
from rich.console import Console

from switchgear.cli.judgement import draw_said, said_of
from switchgear.cli.lineage import draw_lineage, follow
from switchgear.cli.remote import Readable
from switchgear.cli.shelf import ConfigOption, LedgerOption, open_shelf, refuse
from switchgear.cli.tree import draw, shown
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.engine.explain import to_json
from switchgear.engine.lineage import to_json as lineage_json
from switchgear.engine.replay import explained
from switchgear.engine.spoken import judged
from switchgear.pipeline.learning.outcome import tiers_in
from switchgear.ports.ledger import Query

LAST = "last"
NEAR = 5
"""Ids shown when one is not found."""


def explain(
    decision: Annotated[str, typer.Argument(metavar="ID", help="A decision id, or: last.")] = LAST,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Also what it knew of its task, and from where.")
    ] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Say what was asked, what was decided and why, what was tried, and what came back."""
    shelf = open_shelf(ledger, config)
    try:
        entry = _found(shelf, decision)
        version = entry.decision.policy if entry.decision is not None else ""
        document = shelf.find_policy(version)
        explanation = explained(entry, document)
        reading = follow(entry, shelf, ledger, config) if lineage else None
    except LedgerDown as error:
        refuse(error.message)
    finally:
        shelf.close()
    said = said_of(entry, ledger, config)
    if as_json:
        told = {**to_json(explanation), **judged(said, entry, tiers_in(document))}
        more = {} if reading is None else {"lineage": lineage_json(reading)}
        typer.echo(json.dumps({**told, **more}, indent=2))
        return
    tree = draw(explanation)
    draw_said(tree, entry, said, tiers_in(document))
    Console().print(tree)
    if reading is not None:
        Console().print(draw_lineage(reading))


def _found(shelf: Readable, decision: str) -> Entry:
    if decision == LAST:
        newest = shelf.page(Query(limit=1))
        if not newest:
            refuse("The ledger is empty: no call has been made yet.")
        return newest[0]
    entry = shelf.find(decision)
    if entry is None:
        refuse(f"There is no decision {shown(decision)} on this ledger. {_hint(shelf, decision)}")
    return entry


def _hint(shelf: Readable, decision: str) -> str:
    """Name ids that begin as this one does, as far as any do."""
    for length in range(len(decision), 2, -1):
        near = shelf.ids(decision[:length], NEAR)
        if near:
            return f"Those nearest to it are {', '.join(shown(each) for each in near)}."
    newest = ", ".join(shown(each) for each in shelf.ids("", NEAR))
    return f"The newest are {newest}." if newest else "It is empty."
