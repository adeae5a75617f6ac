"""``switchgear audit``: what each agent's calls need and cost, and the policy that follows."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from switchgear.adapters.clock import SystemClock
from switchgear.cli.audittable import draw, notes_of
from switchgear.cli.history import History, Wanted, open_history, wanted
from switchgear.cli.rerun import policy_in
from switchgear.cli.shelf import CONFIG, ConfigOption, LedgerOption, refuse
from switchgear.cli.tree import day
from switchgear.config.error import ConfigError
from switchgear.config.graft import Scion, Unfit, grafted
from switchgear.config.read import read_setup
from switchgear.domain.errors import LedgerDown
from switchgear.engine.audit.draft import draft, flow, rules_of
from switchgear.engine.audit.evidence import Goal
from switchgear.engine.audit.finding import Finding
from switchgear.engine.audit.reckoning import Audit, Auditor
from switchgear.engine.outcome import NO_TIERS
from switchgear.engine.policy import Policy

WINDOW = "30d"
MOST = 1_000_000
NARROWEST = 190
"""Columns that the table needs; a narrower terminal wraps the lines."""


def audit(  # noqa: PLR0913  (each is an option of the command)
    *,
    since: Annotated[str, typer.Option(help="From when on: a date, or an age such as 7d.")] = (
        WINDOW
    ),
    until: Annotated[str, typer.Option(help="Until when, likewise; by default now.")] = "",
    route: Annotated[str, typer.Option(help="Only calls that asked for this name.")] = "",
    tenant: Annotated[str, typer.Option(help="Only calls of this tenant.")] = "",
    least: Annotated[
        float, typer.Option(min=0.01, max=0.999, help="Share of answers that must do.")
    ] = Goal().least,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="With which that must hold.")
    ] = Goal().confidence,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the policy that follows: the config with more rules."),
    ] = None,
    guesses: Annotated[
        bool, typer.Option("--guesses", help="Write rules that only a guess speaks for, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ledger: LedgerOption = None,
    config: ConfigOption = None,
) -> None:
    """Say what the calls of each agent, route and step need, cost, and could do with.

    Exits with 2 when nothing can be said, 3 when no rule follows that could be written to --out.
    """
    calls = wanted((since, until), route, tenant, MOST, SystemClock().date())
    file = config or (CONFIG if ledger is None and CONFIG.exists() else None)
    if out is not None and out.exists():
        refuse(f"{out} is there already, and is not written over.")
    try:
        history = open_history(ledger, config, calls)
        try:
            found = _audited(history, calls, file, Goal(least=least, confidence=confidence))
        finally:
            history.close()
    except LedgerDown as error:
        refuse(error.message)
    rules = rules_of(found, guesses=guesses)
    if as_json:
        typer.echo(_json(found, rules))
    else:
        _print(found, rules)
    if out is not None:
        _write(out, rules, _text(file), calls)


def _audited(history: History, calls: Wanted, file: Path | None, goal: Goal) -> Audit:
    policy = _policy(history, calls, file)
    auditor = Auditor(policy, goal)
    tiers = {each.id: each.tier for each in policy.targets} or NO_TIERS
    for stretch in history.stretches(calls):
        auditor.unread(stretch.unread)
        for entry in stretch.entries:
            auditor.add(entry, history.labels(entry, tiers))
    found = auditor.audit()
    if not found.calls:
        refuse(
            "No call was decided in that time, as far as is kept."
            if history.any_at_all()
            else "The ledger is empty: no call has been made yet."
        )
    return found


def _policy(history: History, calls: Wanted, file: Path | None) -> Policy:
    """Return whose targets there are: those of the config, else those of the newest decision."""
    if file is not None:
        return policy_in(file).policy
    newest = history.newest(calls)
    version = "" if newest is None or newest.decision is None else newest.decision.policy
    policy = history.policy(version)
    if newest is not None and policy is None:
        refuse("The policy of the newest call is not kept, or not readable; give --config.")
    return policy or Policy(version="", targets=(), tiers=())


def _print(found: Audit, rules: Sequence[Finding]) -> None:
    console = Console()
    console.width = max(console.width, NARROWEST)
    for each in draw(found):
        console.print(each)
    for note in notes_of(found, rules):
        console.print(f"- {note}", markup=False, highlight=False)


def _json(found: Audit, rules: Sequence[Finding]) -> str:
    told = {**msgspec.to_builtins(found), "rules": "\n".join(["rules:", *draft(rules, 2)])}
    if not rules:
        told["rules"] = ""
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _text(file: Path | None) -> str | None:
    """Return the config's text; None where there is none."""
    if file is None:
        return None
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{file} cannot be read: {getattr(error, 'strerror', '') or error}.")


def _write(out: Path, rules: Sequence[Finding], text: str | None, calls: Wanted) -> None:
    if not rules:
        typer.echo(f"No rule follows, so {out} is not written.", err=True)
        raise typer.Exit(3)
    told = f"# Rules of an audit of {day(calls.since)} to {day(calls.until)} follow the others."
    if text is None:
        content = "\n".join([told, "rules:", *draft(rules, 2), ""])
    else:
        content = _grafted(text, rules)
        try:
            read_setup(content.encode(), os.environ, SystemClock().date())
        except ConfigError as error:
            refuse(f"The rules do not fit the config: {error.errors[0].told}.")
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(content)
    except OSError as error:
        refuse(f"{out} cannot be written: {error.strerror}.")
    whole = "" if text is not None else " They are a part of a config: put them into yours."
    typer.echo(f"Wrote {len(rules)} rule(s) to {out}.{whole}", err=True)
    if text is not None:
        typer.echo(f"Try them: switchgear replay --policy {out}", err=True)


def _grafted(text: str, rules: Sequence[Finding]) -> str:
    scion = Scion(partial(draft, rules), partial(flow, rules))
    try:
        return grafted(text, scion)
    except Unfit as error:
        refuse(f"The rules cannot be put into the config: {error}.")
