"""``switchgear halt``, ``halts`` and ``resume``: with no gateway that runs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from support.words import Paper
from switchgear.adapters.halts.file import FileBoard
from switchgear.cli import assemble
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs


def say(*words: str) -> Result:
    return CliRunner().invoke(assemble(), words)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "halts.json")


def on(file: str) -> list[tuple[str, str, str]]:
    found = FileBoard(Path(file)).look() or ()
    return [(each.kind.value, each.name, each.tenant) for each in found if each.on]


def test_what_is_stopped_is_listed_until_it_is_let_go(file: str) -> None:
    assert "Nothing is stopped" in say("halts", "--file", file).output
    said = say("halt", "tenant", "acme", "--note", "too dear", "--file", file)
    assert said.exit_code == 0
    assert "tenant 'acme' is stopped" in said.output
    assert say("halt", "everything", "--file", file).exit_code == 0
    assert set(on(file)) == {("tenant", "acme", ""), ("everything", "", "")}
    listed = say("halts", "--file", file).output
    assert "tenant 'acme'" in listed
    assert "too dear" in listed
    rows = json.loads(say("halts", "--json", "--file", file).output)
    assert {row["kind"] for row in rows} == {"tenant", "everything"}
    assert say("resume", "tenant", "acme", "--file", file).exit_code == 0
    assert on(file) == [("everything", "", "")]
    assert say("resume", "tenant", "acme", "--file", file).exit_code == 1


def test_what_an_admin_stopped_is_let_go_at_the_machine_whatever_the_clocks_say(file: str) -> None:
    far_ahead = UnixMs(1 << 45)
    mine = Halt(kind=Halted.AGENT, name="x", tenant="acme", at=far_ahead)
    FileBoard(Path(file)).write([mine, Halt(kind=Halted.AGENT, name="x", at=far_ahead)])
    assert say("resume", "agent", "x", "--tenant", "acme", "--file", file).exit_code == 0
    assert on(file) == [("agent", "x", "")]
    assert say("resume", "agent", "x", "--file", file).exit_code == 0
    assert on(file) == []


@pytest.mark.parametrize(
    "words", [("tenant",), ("everything", "x"), ("galaxy", "x"), ("key", "--note", "x")]
)
def test_nonsense_stops_nothing_and_says_why(words: tuple[str, ...], file: str) -> None:
    said = say("halt", *words, "--file", file)
    assert said.exit_code != 0
    assert said.output
    assert "Traceback" not in said.output
    assert not Path(file).exists()


def test_a_broken_file_stops_nobody_from_stopping_and_nothing_goes_on_by_it(file: str) -> None:
    Path(file).write_text("{")
    for command in (("halts",), ("resume", "everything")):
        said = say(*command, "--file", file)
        assert said.exit_code == 1
        assert "halts.json" in said.output
    assert say("halt", "everything", "--file", file).exit_code == 0
    assert on(file) == [("everything", "", "")]


def test_the_config_says_where_the_file_is_and_what_there_is_to_stop(tmp_path: Path) -> None:
    config = tmp_path / "switchgear.yaml"
    content = json.loads(Paper("one").content)
    content["ledger"] = {"path": str(tmp_path / "ledger.db")}
    config.write_text(json.dumps(content))
    said = say("halt", "target", "one", "--config", str(config))
    assert "knows no" not in said.output
    assert on(str(tmp_path / "halts.json")) == [("target", "one", "")]
    said = say("halt", "target", "onne", "--config", str(config))
    assert said.exit_code == 0
    assert "knows no target 'onne'" in said.output
    config.write_text("broken: [")
    said = say("halt", "everything", "--config", str(config))
    assert said.exit_code == 1
    assert "--file" in said.output
    content["ledger"] = {"path": ":memory:"}
    config.write_text(json.dumps(content))
    assert "halts.path" in say("halts", "--config", str(config)).output
