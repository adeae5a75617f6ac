"""``switchgear demo``: run the main job on simulated providers, and check what it shows."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from switchgear.demo.show import Wish, show

WIDE = 120
"""Columns, where the output is no terminal."""


def demo(
    *,
    prompts: Annotated[int, typer.Option(min=1, max=2000, help="How many to send.")] = 300,
    keep: Annotated[bool, typer.Option("--keep", help="Go on serving afterwards.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(envvar="SWITCHGEAR_DEMO_DATA", help="Folder with the full routing data."),
    ] = None,
) -> None:
    """Start three simulated providers and the gateway, send prompts and an agent, and report.

    Nothing leaves this machine. Exits with 1 when something that it shows is not true.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    good = True
    with suppress(KeyboardInterrupt):
        try:
            good = show(Wish(prompts=prompts, keep=keep, data=data), console)
        except (OSError, KeyError) as error:
            typer.echo(f"The data cannot be read: {error}", err=True)
            good = False
    raise typer.Exit(0 if good else 1)
