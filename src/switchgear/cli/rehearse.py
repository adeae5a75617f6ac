"""``switchgear rehearse``: run every fault against a config, and say who answered."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from switchgear.adapters.clock import SystemClock
from switchgear.cli.serve import refused
from switchgear.config.error import ConfigError
from switchgear.rehearsal.catalogue import find
from switchgear.rehearsal.fault import Fault
from switchgear.rehearsal.rehearse import Result, Tour, faults, rehearse, scenes
from switchgear.rehearsal.scorecard import draw
from switchgear.rehearsal.staging import SHORT, UnknownKeyId
from switchgear.running import Running, Source

WIDE = 140
"""Columns, where the output is no terminal."""


def play(
    file: Annotated[Path, typer.Argument(help="The config file.")],
    fault: Annotated[
        list[str] | None, typer.Option(help="Only this fault; may be said several times.")
    ] = None,
    key: Annotated[str, typer.Option(help="Call with the rights of this key of the file.")] = "",
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Nine faults, streaming only.")] = False,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Write the results to this file, too.")
    ] = None,
) -> None:
    """Play every fault against FILE: first at the first target only, then at all of them.

    A gateway is started with FILE's rules, whose providers are all simulated: nothing is sent to
    real ones, no credential of yours is used, and no ledger is written. Exits with 1 when a call
    was lost although another target could have answered, or a broken answer looked like a success.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    try:
        setup = Running(Source.of(file)).read().setup
    except (ConfigError, OSError) as error:
        raise refused(file, error) from None
    wanted = _named(fault) if fault else faults(quick=quick)
    console.print(
        "Everybody is simulated. Patience is shortened, so that whoever hangs takes a second:"
        f" connection {SHORT.connect:g} s, first content {SHORT.first:g} s,"
        f" between chunks {SHORT.between:g} s, whole answer {SHORT.whole:g} s."
    )
    played = list(scenes(setup, wanted, quick=quick))
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("rehearsing", total=len(played))

        def tell(_: Result) -> None:
            progress.advance(bar)

        tour = Tour(setup=setup, scenes=played, key=key, now=SystemClock().now, tell=tell)
        try:
            with _hushed():
                results = asyncio.run(rehearse(tour))
        except* UnknownKeyId:
            typer.echo(f"{file} has no key with the id {key!r}.", err=True)
            raise typer.Exit(2) from None
    console.print(draw(results))
    _write(as_json, results)
    raise typer.Exit(1 if any(each.verdict.bad for each in results) else 0)


@contextmanager
def _hushed() -> Iterator[None]:
    """Log no warnings meanwhile: that targets fail is the point."""
    log = logging.getLogger("switchgear")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _named(names: Sequence[str]) -> list[Fault]:
    found = []
    for name in names:
        fault = find(name)
        if fault is None:
            typer.echo(
                f"No fault is called {name!r}; `switchgear faultd --list` names them.", err=True
            )
            raise typer.Exit(2)
        found.append(fault)
    return found


def _write(file: Path | None, results: Sequence[Result]) -> None:
    if file is not None:
        encoded = msgspec.json.encode(results)
        file.write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")
