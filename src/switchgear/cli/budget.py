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
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.pipeline.statement import accounts_of, budgets_in, statement
from switchgear.running import Running, Source, open_keyring

HEADINGS = ("who", "window", "spent", "held", "most", "new (UTC)")
LATELY = 120
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
    rows = _rows(setup, ledger_path(None, file))
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


def _rows(setup: Setup, path: Path) -> list[dict[str, Any]]:
    now = SystemClock().date()
    shelf = open_shelf(path, None)
    try:
        found = budgets_in(setup, [each.key for each in setup.keys] + _made(setup))
        levels = shelf.levels(accounts_of(found, now))
        return [statement(one, level, now) for one, level in zip(found, levels, strict=True)]
    except LedgerDown as error:
        refuse(error.message)
    finally:
        shelf.close()


def _made(setup: Setup) -> list[Key]:
    """Return the keys that were made at run time, less those that are revoked."""

    async def life() -> list[Key]:
        keyring = open_keyring(setup.ledger)
        try:
            return [each.key for each in await keyring.all() if each.revoked is None]
        finally:
            await keyring.aclose()

    return asyncio.run(life())


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
    console.width = max(console.width, LATELY)
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
