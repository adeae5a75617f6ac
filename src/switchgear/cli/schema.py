"""``switchgear schema``: print the JSON Schema of the config file."""

import typer


def schema() -> None:
    """Print the JSON Schema of the config file, for editors and other checks."""
    typer.echo("{}")
