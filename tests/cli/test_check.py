"""``switchgear check``: what it prints, and how it exits."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchgear.cli import assemble

LINE = assemble()
GOOD = """\
providers: {p: {dialect: openai-chat, base_url: "http://127.0.0.1:1/v1"}}
targets:
  s: {provider: p, tier: small, window: 9000, price: {input_usd: 1, output_usd: 2}}
  m: {provider: p, tier: mid, window: 9000, price: {input_usd: 1, output_usd: 2}}
"""


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(LINE, arguments, env={"COLUMNS": "100"})
    return outcome.exit_code, outcome.output


def written(folder: Path, text: str) -> str:
    file = folder / "switchgear.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_config_with_warnings_only_can_go_live(tmp_path: Path) -> None:
    code, output = run("check", written(tmp_path, GOOD))
    assert code == 0
    assert "1 warning" in output
    assert "[empty_tier]" in output
    assert "can go live" in output
    assert "open to this machine" in output


def test_a_config_with_errors_is_refused_with_every_place(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("tier: small", "tire: small") + "strategy: x\n")
    code, output = run("check", file)
    assert code == 1
    assert "2 errors" in output
    assert f"{file}:3:" in output
    assert f"{file}:5:" in output
    assert "cannot go live" in output


def test_findings_as_json_can_be_read_by_programs(tmp_path: Path) -> None:
    code, output = run("check", "--json", written(tmp_path, GOOD + "mode: maybe\n"))
    told = json.loads(output)
    assert code == 1
    assert told["ok"] is False
    assert told["findings"][0]["code"] == "wrong_type"
    assert told["findings"][0]["path"] == "mode"
    assert told["findings"][0]["line"] == 5
    code, output = run("check", "--json", written(tmp_path, GOOD))
    assert code == 0
    assert len(json.loads(output)["version"]) == 12


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_read_exits_with_two(tmp_path: Path, name: str) -> None:
    code, output = run("check", str(tmp_path / name))
    assert code == 2
    assert "cannot be read" in output


def test_what_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    code, output = run("check", written(tmp_path, GOOD + '"\\e[31m[red]x": 1\n'))
    assert code == 1
    assert "\x1b[31m" not in output
    assert "\\x1b[31m[red]x" in output
