"""``switchgear check``: say what is wrong with a config file before it goes live."""

from pathlib import Path
from typing import Annotated

import typer


def check(
    file: Annotated[Path, typer.Argument(help="The config file.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False,
) -> None:
    """Read FILE, print what is wrong with it and what it would serve; change nothing.

    Exits with 0 when it can go live, 1 when it has errors, 2 when it cannot be read.
    """
    typer.echo(f"{file} {as_json}")
