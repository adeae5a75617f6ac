"""``switchgear init``: write a config file to start from."""

import os
from pathlib import Path
from typing import Annotated

import typer

from switchgear.config.environment import PRESETS, write_config
from switchgear.config.vendor import VENDORS


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("switchgear.yaml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
) -> None:
    """Write a commented config file with three tiers to PATH; touch nothing else.

    It has the providers whose variables are set (OPENAI_API_KEY, ANTHROPIC_API_KEY,
    GEMINI_API_KEY, OLLAMA_HOST), else OpenAI. Credentials are not written. For other vendors
    whose variables are set, such as GROQ_API_KEY, it says what to add.
    """
    presets = [each for each in PRESETS if os.environ.get(each.variable)] or [PRESETS[0]]
    text = write_config(presets, os.environ)
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        typer.echo(f"{path} is there already; --force writes over it.", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"{path} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"Wrote {path}, with {', '.join(each.provider for each in presets)}.")
    for preset in presets:
        if not os.environ.get(preset.variable):
            typer.echo(f"Set {preset.variable} before you use it.")
    there = {preset.provider for preset in presets}
    for vendor in VENDORS.values():
        if vendor.key and os.environ.get(vendor.key) and vendor.name not in there:
            typer.echo(f"{vendor.key} is set too. Add under providers:  {vendor.line}")
    typer.echo(f"Then: switchgear check {path}")
