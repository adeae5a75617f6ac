"""``switchgear init``: it writes a file that checks clean, and nothing over another."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchgear.cli import assemble
from switchgear.config.environment import PRESETS
from switchgear.config.vendor import VENDORS

LINE = assemble()
UNSET = {each.variable: None for each in PRESETS}
UNSET |= {each.key: None for each in VENDORS.values() if each.key}


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(LINE, arguments, env={**UNSET, **environment})
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"ANTHROPIC_API_KEY": "sk-ant-secret"},
        {"OPENAI_API_KEY": "sk-secret-1", "OLLAMA_HOST": "127.0.0.1"},
    ],
    ids=["nothing set", "one set", "two set"],
)
def test_the_file_that_it_writes_checks_clean_when_its_variables_are_set(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    file = tmp_path / "new.yaml"
    code, output = run("init", str(file), **environment)
    assert code == 0
    assert "switchgear check" in output
    assert ("Set OPENAI_API_KEY" in output) is (not environment)
    assert "-secret" not in file.read_text(encoding="utf-8")
    code, output = run("check", str(file), **(environment or {"OPENAI_API_KEY": "sk-later"}))
    assert code == 0, output
    assert "warning" not in output


def test_it_does_not_write_over_a_file_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine", encoding="utf-8")
    code, output = run("init", str(file))
    assert code == 1
    assert "--force" in output
    assert file.read_text(encoding="utf-8") == "mine"
    code, _ = run("init", str(file), "--force")
    assert code == 0
    assert file.read_text(encoding="utf-8") != "mine"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    code, output = run("init", str(tmp_path / "no" / "such" / "folder.yaml"))
    assert code == 2
    assert "cannot be written" in output


def test_it_says_what_to_add_for_other_vendors_whose_variables_are_set(tmp_path: Path) -> None:
    _, output = run("init", str(tmp_path / "new.yaml"), GROQ_API_KEY="gsk-secret")
    assert 'groq: {vendor: groq, api_key: "${GROQ_API_KEY}"}' in output
    assert "gsk-secret" not in output
    assert "MISTRAL_API_KEY" not in output
