"""``switchgear tickets``, on a file that a gateway may have open or not."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from support.asked import AGENT, REFUND, Office, about
from switchgear.adapters.clock import SystemClock
from switchgear.cli import assemble
from switchgear.domain.task import Caps, Status, Task
from switchgear.domain.ticket import Question, Ticket, TicketKind


def say(*words: str) -> Result:
    return CliRunner().invoke(assemble(), ["tickets", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def asked(file: Path, question: Question) -> str:
    """Ask in a gateway that has ended before anybody looks; a task that is meant waits."""

    async def life() -> Ticket:
        office = Office.on(file, SystemClock())
        if question.task:
            await office.task(question.task)
        ticket = await office.tickets.ask(question, AGENT, pauses=bool(question.task))
        await office.aclose()
        return ticket

    return asyncio.run(life()).id


def task(file: Path, name: str) -> Task:
    async def life() -> Task:
        office = Office.on(file, SystemClock())
        live = await office.tasks.find(name)
        await office.aclose()
        assert live is not None
        return live.task

    return asyncio.run(life())


def shown(file: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(say("show", name, "-l", str(file)).output)
    return found


def test_tickets_are_listed_and_shown_with_what_is_proposed(file: Path) -> None:
    name = asked(file, Question(text="May I\x1b[2J refund " + "x" * 100, action=REFUND, agent="c"))
    listed = say("list", "-l", str(file)).output
    assert name in listed
    assert "approval" in listed
    assert "\x1b" not in listed
    assert "x" * 100 not in listed
    rows = json.loads(say("list", "--json", "-l", str(file)).output)
    assert [each["id"] for each in rows] == [name]
    found = shown(file, name)
    assert found["action"] == json.loads(REFUND)
    assert found["text"].endswith("x" * 100)


@pytest.mark.parametrize(
    ("words", "state", "status"),
    [
        (("approve",), "approved", Status.RUNNING),
        (("deny",), "denied", Status.STOPPED),
        (("take-over",), "taken_over", Status.PAUSED),
    ],
)
def test_a_decision_reaches_the_task_that_waits(
    file: Path, words: tuple[str, ...], state: str, status: Status
) -> None:
    name = asked(file, about())
    assert task(file, "tk_1").status is Status.PAUSED
    said = say(*words, name, "--note", "so be it", "-l", str(file))
    assert (said.exit_code, said.output) == (
        0,
        f"The ticket {name} is {state.replace('_', ' ')}.\n",
    )
    assert task(file, "tk_1").status is status
    found = shown(file, name)["decided"]
    assert (found["note"], found["by"]) == ("so be it", None)
    again = say("deny", name, "-l", str(file))
    assert again.exit_code == 2
    assert "by somebody at the machine" in again.output
    assert say("list", "-l", str(file)).output == "There are no such tickets.\n"
    assert name in say("list", "--state", "all", "-l", str(file)).output


def test_caps_are_raised_with_the_approval(file: Path) -> None:
    name = asked(file, about())
    said = say("approve", name, "--cap", "steps=40", "--cap", "usd=2.5", "-l", str(file))
    assert said.exit_code == 0, said.output
    assert task(file, "tk_1").caps == Caps(steps=40, money=2_500_000_000)  # type: ignore[arg-type]  # nano-dollars


@pytest.mark.parametrize(
    ("words", "answer"), [('{"seat": "12A"}', {"seat": "12A"}), ("12A", "12A"), ("7", 7)]
)
def test_an_answer_is_json_or_words(file: Path, words: str, answer: object) -> None:
    name = asked(file, Question(text="Which seat?", kind=TicketKind.INPUT))
    said = say("answer", name, words, "-l", str(file))
    assert said.exit_code == 0, said.output
    assert shown(file, name)["decided"]["answer"] == answer


def test_what_is_wrong_is_said_and_ends_with_2(file: Path, tmp_path: Path) -> None:
    name = asked(file, about())
    for words, why in (
        (("show", "ti_none"), "No ticket"),
        (("approve", name, "--cap", "wings=2"), "wings"),
        (("approve", name, "--cap", "steps=many"), "steps"),
        (("answer", name, "7"), "kind approval"),
        (("list", "--state", "maybe"), "no state"),
    ):
        said = say(*words, "-l", str(file))
        assert said.exit_code == 2, said.output
        assert why in said.output
    missing = say("list", "-l", str(tmp_path / "none.db"))
    assert (missing.exit_code, "no ledger" in missing.output) == (2, True)
    assert not (tmp_path / "none.db").exists()


def test_the_ledger_of_the_config_is_meant_where_none_is_named(file: Path, tmp_path: Path) -> None:
    name = asked(file, about())
    config = tmp_path / "switchgear.yaml"
    config.write_text(f"ledger: {{path: {file}}}\n", "utf-8")
    assert name in say("list", "-c", str(config)).output
