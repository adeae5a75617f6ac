"""``switchgear schema``: what it prints is JSON Schema."""

import json

import jsonschema
from typer.testing import CliRunner

from switchgear.cli import COMMANDS, assemble


def test_it_prints_json_schema_with_descriptions() -> None:
    outcome = CliRunner().invoke(assemble(), ["schema"])
    made = json.loads(outcome.output)
    jsonschema.Draft202012Validator.check_schema(made)
    assert outcome.exit_code == 0
    assert made["$defs"]["TargetEntry"]["additionalProperties"] is False
    assert "0 to 1" in made["$defs"]["TargetEntry"]["properties"]["quality"]["description"]


def test_every_command_says_what_it_would_do() -> None:
    for name, _ in COMMANDS:
        outcome = CliRunner().invoke(assemble(), [name, "--help"])
        assert outcome.exit_code == 0
        assert "Usage" in outcome.output
