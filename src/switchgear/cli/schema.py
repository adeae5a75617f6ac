"""``switchgear schema``: print the JSON Schema of the config file."""

import json

import typer

from switchgear.config.describe import json_schema


def schema() -> None:
    """Print the JSON Schema of the config file, for editors and other checks; change nothing."""
    typer.echo(json.dumps(json_schema(), indent=2))
