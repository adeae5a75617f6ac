"""``switchgear faultd``: a provider that serves every fault, by model name."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from switchgear.adapters.clock import SystemClock
from switchgear.rehearsal.catalogue import CATALOGUE
from switchgear.rehearsal.faultd import Faultd

PORT = 8799
WIDE = 120
"""Columns, where the output is no terminal."""


def faultd(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where to listen; 0 takes a free one.")
    ] = PORT,
    listed: Annotated[bool, typer.Option("--list", help="Name every fault, and end.")] = False,
) -> None:
    """Serve every fault on this machine: the name of the model says which.

    Point a provider's base_url at it in a copy of your config. Nothing leaves this machine.
    """
    if listed:
        _list()
        return
    try:
        asyncio.run(_serve(port))
    except KeyboardInterrupt:
        return
    except OSError as error:
        typer.echo(f"faultd cannot listen on port {port}: {error.strerror or error}.", err=True)
        raise typer.Exit(1) from None


async def _serve(port: int) -> None:
    daemon = Faultd(SystemClock().now)
    await daemon.start(port)
    typer.echo(f"serving faults at {daemon.base_url()}, in both dialects; `--list` names them")
    for row in daemon.rows():
        if row.address:
            typer.echo(f"{row.name}: {row.address}")
    try:
        await asyncio.Event().wait()
    finally:
        await daemon.stop()


def _list() -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    table = Table("name", "what it does", "what a caller gets")
    for fault in CATALOGUE:
        expects = fault.expect.value
        if fault.whole is not None:
            expects += f"; whole: {fault.whole.value}"
        table.add_row(fault.name, fault.sentence, expects)
    console.print(table)
