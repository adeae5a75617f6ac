"""``switchgear tasks``, on the store of a ledger that a gateway has made."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from support.keyed import SUM, keyed
from switchgear.cli import assemble

CONFIG = """
targets:
  calc: {kind: tool, tool: {function: arithmetic}}
aliases:
  auto: {targets: [calc]}
keys:
  - {id: plain, secret: 'plain-secret'}
ledger: {path: %s}
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    book = tmp_path / "ledger.sqlite3"

    async def life() -> None:
        async with keyed(book):
            pass

    asyncio.run(life())
    file = tmp_path / "switchgear.yaml"
    file.write_text(CONFIG % book)
    return str(file)


def say(config: str, *words: str) -> Result:
    return CliRunner().invoke(assemble(), ["tasks", *words, "--config", config])


def rows(config: str, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(say(config, "list", "--json", *words).stdout)
    return found


def shown(config: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(say(config, "show", name).stdout)
    return found


def test_a_task_is_opened_for_a_key_and_shown_below_its_parent(config: str) -> None:
    made = say(config, "open", "nightly", "--key", "plain", "--cap", "usd=2", "--cap", "steps=5")
    assert made.exit_code == 0, made.output
    say(config, "open", "part", "--key", "plain", "--parent", "nightly", "--deadline", "2h")
    tree = CliRunner().invoke(assemble(), ["tasks", "--tree", "--config", config]).stdout
    above, below = tree.splitlines()
    assert "nightly" in above
    assert below.startswith("└── part")
    seen = shown(config, "nightly")
    assert (seen["caps"], seen["key"]) == ({"usd": 2.0, "steps": 5}, "plain")
    assert {each["cap"] for each in seen["standing"]} == {"usd", "steps"}
    part = shown(config, "part")
    assert part["deadline"] - part["opened"] == 7_200_000


def test_what_is_done_at_the_terminal_holds_for_the_next_call(config: str, tmp_path: Path) -> None:
    say(config, "open", "nightly", "--key", "plain")
    words = say(config, "pause", "nightly", "--note", "look first").stdout
    assert "(nightly) is paused" in words

    async def life() -> int:
        async with keyed(tmp_path / "ledger.sqlite3") as gateway:
            named = {"x-switchgear-task": "nightly"}
            path = "/v1/chat/completions"
            answer = await gateway.ask("POST", path, "s-plain", SUM, **named)
            return answer.status_code

    assert asyncio.run(life()) == 422
    assert "look first" in shown(config, "nightly")["why"]
    say(config, "resume", "nightly")
    assert asyncio.run(life()) == 200


def test_caps_are_raised_and_tasks_stopped_and_closed(config: str) -> None:
    say(config, "open", "nightly", "--cap", "steps=1")
    assert "changed" in say(config, "raise", "nightly", "--cap", "steps=9").stdout
    assert shown(config, "nightly")["caps"] == {"steps": 9}
    for verb, status in (("stop", "stopped"), ("done", "done")):
        assert say(config, verb, "nightly").exit_code == 0
        assert [each["status"] for each in rows(config, "--status", status)] == [status]
    deeds = json.loads(say(config, "show", "nightly", "--history").stdout)
    assert [each["deed"].partition(" ")[0] for each in deeds] == [
        "opened",
        "changed",
        "stopped",
        "closed",
    ]


def test_a_name_that_two_keys_use_is_asked_for_by_its_id(config: str) -> None:
    for key in ("plain", ""):
        say(config, "open", "nightly", "--key", key)
    refused = say(config, "stop", "nightly")
    assert refused.exit_code == 2
    names = [each["id"] for each in rows(config)]
    assert all(name in refused.stderr for name in names)
    assert say(config, "stop", names[0]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "nobody"), "No task goes by 'nobody'"),
        (("show", "tk_" + "0" * 26), "No task of yours"),
        (("open", "x", "--key", "nobody"), "There is no key 'nobody'"),
        (("open", "x", "--cap", "usd=much"), "--cap: Expected float"),
        (("open", "x", "--cap", "speed=3"), "speed"),
        (("open", "x", "--deadline", "soon"), "deadline"),
        (("list", "--status", "gone"), "There is no status gone"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    config: str, words: tuple[str, ...], told: str
) -> None:
    refused = say(config, *words)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_without_a_ledger_it_says_who_makes_one(tmp_path: Path) -> None:
    refused = CliRunner().invoke(assemble(), ["tasks", "--ledger", str(tmp_path / "none.db")])
    assert refused.exit_code == 2
    assert "switchgear serve" in refused.stderr


def test_a_list_of_nothing_says_so(config: str) -> None:
    assert "There are no such tasks" in say(config, "list").stdout
