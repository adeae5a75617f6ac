"""``switchgear check``: say what is wrong with a config file before it goes live."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from switchgear.adapters.clock import SystemClock
from switchgear.config.document import MAX_BYTES
from switchgear.config.error import ConfigError, Finding, Severity
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import NANO_PER_USD

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def check(
    file: Annotated[Path, typer.Argument(help="The config file.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
) -> None:
    """Read FILE, print what is wrong with it and what it would serve; change nothing.

    Exits with 0 when it can go live, 1 when it has errors, 2 when it cannot be read.
    """
    setup, findings = _read(file)
    if as_json:
        typer.echo(_as_json(setup, findings))
    else:
        _print(file, setup, findings)
    if setup is None:
        raise typer.Exit(1)


def _read(file: Path) -> tuple[Setup | None, tuple[Finding, ...]]:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error.strerror}.", err=True)
        raise typer.Exit(2) from None
    try:
        read = read_setup(content, os.environ, SystemClock().date())
    except ConfigError as error:
        return None, error.findings
    return read.setup, read.warnings


def _as_json(setup: Setup | None, findings: Sequence[Finding]) -> str:
    told = [
        {
            "severity": each.severity.value,
            "code": each.code,
            "path": each.where,
            "line": each.line,
            "column": each.column,
            "message": each.message,
        }
        for each in findings
    ]
    version = setup.policy.version if setup else None
    return json.dumps({"ok": setup is not None, "version": version, "findings": told}, indent=2)


def _print(file: Path, setup: Setup | None, findings: Sequence[Finding]) -> None:
    console = Console(highlight=False)
    for severity, colour in COLOURS.items():
        group = [each for each in findings if each.severity is severity]
        if group:
            plural = "s" if len(group) > 1 else ""
            console.print(Text(f"{len(group)} {severity.value}{plural}", style=f"bold {colour}"))
        for each in group:
            console.print(_line(file, each, colour), soft_wrap=True)
    if setup is None:
        console.print(Text(f"{file} cannot go live.", style="bold red"), soft_wrap=True)
        return
    _print_setup(console, setup)
    console.print(
        Text(f"{file} can go live, as policy {setup.policy.version}.", style="bold green"),
        soft_wrap=True,
    )


def _line(file: Path, finding: Finding, colour: str) -> Text:
    place = f"{file}:{finding.line}:{finding.column}" if finding.line else str(file)
    return Text.assemble(
        f"  {place}  ",
        (_printable(finding.where), "bold"),
        f": {_printable(finding.message)} ",
        (f"[{finding.code}]", colour),
    )


def _print_setup(console: Console, setup: Setup) -> None:
    table = Table("target", "tier", "window", "$ in / out per million", "asked for as", box=None)
    for target in setup.policy.targets:
        names = [name for name, each in setup.policy.aliases.items() if target.id in each.targets]
        price = f"{_usd(target.price.input)} / {_usd(target.price.output)}"
        table.add_row(
            Text(target.id),
            target.tier.name.lower(),
            "" if target.kind is Kind.TOOL else f"{target.window:,}",
            price,
            Text(", ".join(names) or _only(target)),
        )
    console.print(table)
    count = len(setup.policy.rules)
    keys = f"{len(setup.keys)} key(s)" if setup.keys else "no keys: open to this machine"
    address = f"{setup.server.host}:{setup.server.port}"
    console.print(Text(f"{count} rule(s) · {keys} · mode {setup.mode.value} · {address}"))


def _only(target: Target) -> str:
    return "by rule, fallback or its id" if target.kind is not Kind.TOOL else "by rule or at last"


def _usd(nano: int) -> str:
    return f"{nano / NANO_PER_USD:g}"


def _printable(text: str) -> str:
    """Return the text with nothing in it that a terminal would obey."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
