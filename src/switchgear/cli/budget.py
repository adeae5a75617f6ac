"""``switchgear budgets``: what was spent of each budget, what is set aside, and when it is new."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.adapters.clock import SystemClock
from switchgear.cli.shelf import CONFIG, ConfigOption, ledger_path, open_shelf, refuse
from switchgear.cli.tree import NOTHING, date, money, shown
from switchgear.config.error import ConfigError
from switchgear.config.setup import Setup
from switchgear.domain.account import Account
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.pipeline.statement import accounts_of, budgets_in, statement
from switchgear.ports.budget import Level
from switchgear.running import Running, Source, open_keyring, open_ledger

HEADINGS = ("who", "window", "spent", "held", "most", "new (UTC)")
NARROWEST = 120
"""Columns that a table needs for its rows to be whole."""
COUNTED = ("usd", "tokens", "calls")


def budgets(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show how each budget stands, with or without a gateway that runs."""
    file = config or CONFIG
    setup = _setup(file)
    rows = _rows(setup, file)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    elif not rows:
        typer.echo("No budget is declared.")
    else:
        _print(rows)


def _setup(file: Path) -> Setup:
    try:
        return Running(Source.of(file)).read().setup
    except ConfigError as error:
        refuse(f"{file} is not good: {error.errors[0].told}")
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}.")


def _rows(setup: Setup, file: Path) -> list[dict[str, Any]]:
    now = SystemClock().date()
    # Opened before the keys are, which would make a file that is not there.
    shelf = open_shelf(ledger_path(None, file), None) if setup.ledger.url is None else None
    try:
        keys = [each.key for each in setup.keys] + asyncio.run(_made(setup))
        found = budgets_in(setup, keys)
        accounts = accounts_of(found, now)
        levels = shelf.levels(accounts) if shelf else asyncio.run(_shared(setup, accounts))
    except LedgerDown as error:
        refuse(error.message)
    finally:
        if shelf:
            shelf.close()
    return [statement(one, level, now) for one, level in zip(found, levels, strict=True)]


async def _shared(setup: Setup, accounts: list[Account]) -> tuple[Level, ...]:
    """Return the levels that a database says which processes share."""
    ledger = await open_ledger(setup.ledger)
    try:
        return await ledger.budgets.levels(accounts)
    finally:
        await ledger.aclose()


async def _made(setup: Setup) -> list[Key]:
    """Return the keys that were made at run time, less those that are revoked."""
    keyring = open_keyring(setup.ledger)
    try:
        return [each.key for each in await keyring.all() if each.revoked is None]
    finally:
        await keyring.aclose()


def _print(rows: Iterable[dict[str, Any]]) -> None:
    table = Table(box=None, header_style="bold")
    for name in HEADINGS:
        table.add_column(name, justify="right" if name in {"spent", "held", "most"} else "left")
    for row in rows:
        counted = [each for each in COUNTED if row["most"][each] is not None] or list(COUNTED[:1])
        new = NOTHING if row["renews"] is None else date(UnixMs(row["renews"]))
        cells = [f"{row['payer']} {row['name']}", row["window"]]
        cells += [_amounts(row[name], counted) for name in ("spent", "held", "most")]
        table.add_row(*[Text(shown(cell)) for cell in (*cells, new)])
    console = Console()
    console.width = max(console.width, NARROWEST)
    console.print(table)


def _amounts(amount: dict[str, Any], counted: Iterable[str]) -> str:
    """Return what is bounded of an amount, in words."""
    words = []
    for each in counted:
        value = amount[each]
        if value is None:
            words.append("any")
        else:
            words.append(money(value) if each == "usd" else f"{value:,} {each}")
    return ", ".join(words)
