"""``switchgear route``: the decision on a prompt, and nothing sent."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from support.words import Paper
from switchgear.cli import assemble

LINE = assemble()


@pytest.fixture
def provider() -> Iterator[socket.socket]:
    """A port that listens, so that anything sent would be seen."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0)
        yield door


@pytest.fixture
def file(tmp_path: Path, provider: socket.socket) -> Path:
    path = tmp_path / "switchgear.yaml"
    path.write_bytes(Paper("one", "two", port=provider.getsockname()[1]).content)
    return path


def run(
    *arguments: str, said: str | None = None, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    known = {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "", "GEMINI_API_KEY": ""}
    env = {"COLUMNS": "140", "OLLAMA_HOST": "", **known, **(environment or {})}
    outcome = CliRunner().invoke(LINE, ("route", *arguments), input=said, env=env)
    return outcome.exit_code, outcome.output


def test_it_draws_the_decision_and_sends_and_keeps_nothing(
    file: Path, provider: socket.socket
) -> None:
    code, output = run("Name three rivers.", "-c", str(file))
    assert code == 0
    for line in ("asked    auto", "decided", "1. one", "2. two"):
        assert line in output, output
    with pytest.raises(BlockingIOError):
        provider.accept()
    assert sorted(path.name for path in file.parent.iterdir()) == ["switchgear.yaml"]


def test_json_holds_all_of_it(file: Path) -> None:
    _, output = run("Name three rivers.", "-c", str(file), "--json")
    found: Any = json.loads(output)
    assert list(found["choice"]["plan"]) == ["one", "two"]


def test_a_dash_reads_the_prompt_from_standard_input(file: Path) -> None:
    def tokens(*arguments: str, said: str | None = None) -> int:
        found: Any = json.loads(run(*arguments, "-c", str(file), "--json", said=said)[1])
        return int(found["question"]["input_tokens"])

    assert tokens("-", said="word " * 4000) == tokens("word " * 4000) > tokens("word")


def test_the_model_that_is_asked_for_decides(file: Path) -> None:
    _, output = run("hi", "-c", str(file), "--model", "two", "--json")
    assert list(json.loads(output)["choice"]["plan"]) == ["two"]


def test_a_model_that_there_is_not_is_told_with_those_there_are(file: Path) -> None:
    code, output = run("hi", "-c", str(file), "--model", "tow")
    assert code == 1
    assert "tow" in output
    assert "two" in output
    assert "Traceback" not in output


def test_without_a_file_it_takes_what_the_environment_offers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run("hi", environment={"OPENAI_API_KEY": "sk-test-123456"})
    assert code == 0
    assert "openai/" in output
    assert "sk-test-123456" not in output


def test_no_file_and_no_variable_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run("hi")
    assert code == 1
    assert "OPENAI_API_KEY" in output


def test_a_file_that_is_not_there_or_is_broken_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "no.yaml"
    code, output = run("hi", "-c", str(missing))
    assert code == 2
    assert f"{missing} cannot be read: No such file or directory." in output
    assert "switchgear init" in output
    broken = tmp_path / "broken.yaml"
    broken.write_text("targetz: {}\n", "utf-8")
    code, output = run("hi", "-c", str(broken))
    assert code == 1
    assert "did you mean" in output.lower()
    assert f"switchgear check {broken}" in output
