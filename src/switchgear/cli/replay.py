"""``switchgear replay``: what another policy would have made of past calls."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from switchgear.adapters.clock import SystemClock
from switchgear.cli.history import History, Wanted, open_history, wanted
from switchgear.cli.replaytable import draw, draw_findings, draw_same, notes_of
from switchgear.cli.rerun import Replayed, Same, replayed, same
from switchgear.cli.shelf import ConfigOption, LedgerOption, refuse
from switchgear.domain.errors import LedgerDown
from switchgear.engine.whatif.gate import Finding, Limits, Ruling, judge, verdict

WINDOW = "7d"
MOST = 1_000_000
PERCENT = "%"
MOST_SHARE = 1000.0
"""Per cent."""
CODES = {Ruling.KEPT: 0, Ruling.BROKEN: 1, Ruling.UNSURE: 3}
"""Exit codes; 2 is for what cannot be done at all."""
NARROWEST = 110
"""Columns that the tables need; a narrower terminal wraps the lines."""


def replay(  # noqa: PLR0913  (each is an option of the command)
    *,
    policy: Annotated[
        Path | None, typer.Option("--policy", "-p", help="The config file to try.")
    ] = None,
    same: Annotated[
        bool,
        typer.Option("--same", help="Decide each under its own policy: all must come out alike."),
    ] = False,
    since: Annotated[str, typer.Option(help="From when on: a date, or an age such as 24h.")] = (
        WINDOW
    ),
    until: Annotated[str, typer.Option(help="Until when, likewise; by default now.")] = "",
    route: Annotated[str, typer.Option(help="Only calls that asked for this name.")] = "",
    tenant: Annotated[str, typer.Option(help="Only calls of this tenant.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest.")] = MOST,
    brain: Annotated[
        str,
        typer.Option(help="Chances by this version of what was learnt, or: current."),
    ] = "",
    fail_if_cost_up: Annotated[str, typer.Option(help="By more than so much, such as 5%.")] = "",
    fail_if_slower: Annotated[str, typer.Option(help="By more than so much.")] = "",
    fail_if_quality_down: Annotated[
        str, typer.Option(help="By more than so much of all calls.")
    ] = "",
    fail_if_changed: Annotated[str, typer.Option(help="More than so much of all calls.")] = "",
    fail_if_unserved: Annotated[str, typer.Option(help="More than so much of all calls.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide past calls again under another policy, and say what changes.

    Exits with 0 when every limit is kept, 1 when one is surely broken, 2 when nothing can be said,
    3 when there is too little to tell.
    """
    calls = wanted((since, until), route, tenant, limit, SystemClock().date())
    limits = Limits(
        cost_up=_share(fail_if_cost_up),
        slower=_share(fail_if_slower),
        quality_down=_share(fail_if_quality_down),
        changed=_share(fail_if_changed),
        unserved=_share(fail_if_unserved),
    )
    if same == (policy is not None):
        refuse("Say what to replay under: --policy FILE, or --same for each call's own policy.")
    try:
        history = open_history(ledger, config, calls)
        try:
            if policy is None:
                _check(history, calls, as_json=as_json)
            else:
                where = (ledger, config)
                found = replayed(history, calls, policy, (brain, *where))
                _tell(found, limits, history, as_json=as_json)
        finally:
            history.close()
    except LedgerDown as error:
        refuse(error.message)


def _tell(found: Replayed, limits: Limits, history: History, *, as_json: bool) -> None:
    if not found.report.counts.rows:
        refuse(
            "No call in that time, as far as is kept; --since and --until say when."
            if history.any_at_all()
            else "The ledger is empty: no call has been made yet."
        )
    findings = judge(found.report, limits)
    notes = notes_of(found)
    if as_json:
        typer.echo(_json(found, findings, notes))
    else:
        console = Console()
        console.width = max(console.width, NARROWEST)
        for each in (*draw(found), *draw_findings(findings)):
            console.print(each)
        for note in notes:
            console.print(f"- {note}", markup=False, highlight=False)
    code = CODES[verdict(findings)]
    if code:
        raise typer.Exit(code)


def _json(found: Replayed, findings: tuple[Finding, ...], notes: list[str]) -> str:
    told = {
        "policy": found.version,
        "since": found.since,
        "until": found.until,
        "brain": found.brain,
        **msgspec.to_builtins(found.report),
        "best": {each.name: each.best for each in found.report.measures},
        "limits": findings,
        "verdict": verdict(findings),
        "notes": notes,
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _check(history: History, calls: Wanted, *, as_json: bool) -> None:
    found: Same = same(history, calls)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for line in draw_same(found):
            typer.echo(line)
    if found.other:
        raise typer.Exit(1)
    if not found.alike:
        raise typer.Exit(3)


def _share(text: str) -> float | None:
    """Return a share that is written as per cent, or exit with 2."""
    if not text:
        return None
    number = text.removesuffix(PERCENT).strip()
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not text.endswith(PERCENT) or not 0 <= value <= MOST_SHARE:
        refuse(f"{text!r} is no share; write it in per cent, such as 5%.")
    return value / 100
