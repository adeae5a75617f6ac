"""``switchgear context``: read and set from a terminal."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from support.commons import ANN, Commons
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.cli import assemble
from switchgear.domain.units import Seconds

LINE = assemble()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"

    async def life() -> None:
        papers = SqlitePapers(path, durable=False)
        here = Commons(papers)
        await here.tasks.open(here.task)
        await here.ask({"key": "city", "value": "Paris\x1b[2J", "type": "fact"}, by=ANN)
        await here.nursery.aclose(Seconds(0.0))
        await papers.aclose()

    asyncio.run(life())
    return path


def say(file: Path, *words: str) -> Result:
    return CliRunner().invoke(LINE, ["context", *words, "-l", str(file)])


def entries(file: Path) -> dict[str, Any]:
    told = json.loads(say(file, "show", "tk_1", "--json").output)
    return {each["key"]: each for each in told["entries"]}


def test_entries_are_shown_and_nothing_in_them_steers_the_terminal(file: Path) -> None:
    said = say(file, "show", "tk_1")
    assert said.exit_code == 0, said.output
    assert "city" in said.output
    assert "\x1b" not in said.output
    assert "\\u001b" in said.output


def test_what_is_set_is_a_humans_word_and_can_be_read_as_it_was(file: Path) -> None:
    said = say(file, "set", "tk_1", "city", '{"name": "Rome"}')
    assert said.output == "city is set; the context is at revision 2.\n"
    found = entries(file)["city"]
    assert (found["value"], found["trust"], found["type"]) == ({"name": "Rome"}, "human", "fact")
    assert say(file, "set", "tk_1", "note", "just words").exit_code == 0
    assert entries(file)["note"]["value"] == "just words"
    assert "Paris" in say(file, "show", "tk_1", "--at", "1").output


def test_the_log_tells_who_did_what(file: Path) -> None:
    say(file, "set", "tk_1", "city", "Rome")
    lines = json.loads(say(file, "log", "tk_1", "--json").output)
    assert [(each["revision"], each["entry"]["agent"]) for each in lines] == [
        (1, "ann"),
        (2, "owner"),
    ]
    assert "owner" in say(file, "log", "tk_1").output


def test_what_is_wrong_is_said_and_ends_with_2(file: Path) -> None:
    for words, why in (
        (("show", "tk_none"), "no task"),
        (("show", "tk_1", "--at", "9"), "revision 1"),
        (("set", "tk_1", "k" * 201, "v"), "length"),
    ):
        said = say(file, *words)
        assert said.exit_code == 2, said.output
        assert why in said.output


def test_a_context_with_nothing_in_it_says_so(file: Path) -> None:
    assert "nothing" in say(file, "show", "tk_1", "--at", "0").output
