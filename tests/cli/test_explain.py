"""``switchgear explain``: a plain, a fallen-back and a refused call."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from support.cast import NEVER, ask, policy
from support.entries import READY, attempt, entry
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.cli import assemble
from switchgear.domain.entry import End, Entry
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.decide import decide
from switchgear.engine.policydoc import encode_policy, versioned

LINE = assemble()
POLICY = versioned(policy())
DECISION = decide(ask(), READY, POLICY, NEVER)
BROKEN = attempt(code="upstream_lost", usage=None, first_content=None, note="reset by peer")
PLAIN = entry("sg_plain", at=UnixMs(3), decision=DECISION)
FALLEN = entry(
    "sg_fallen", at=UnixMs(2), decision=DECISION, target="mid", attempts=(BROKEN, attempt("mid"))
)
REFUSED = entry(
    "sg_refused",
    at=UnixMs(1),
    end=End.FAILED,
    code="malformed_body",
    status=400,
    target="",
    ask=None,
    situation=None,
    decision=None,
    attempts=(),
    cost=NanoUsd(0),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    write(path, [PLAIN, FALLEN, REFUSED])
    return str(path)


def write(path: Path, entries: list[Entry]) -> None:
    async def life() -> None:
        ledger = SqliteLedger(path, durable=False)
        await ledger.keep_policy(POLICY.version, encode_policy(POLICY))
        for each in entries:
            await ledger.write(each)
        await ledger.aclose()

    asyncio.run(life())


def run(*arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(LINE, ("explain", *arguments), env={"COLUMNS": "140"})
    return outcome.exit_code, outcome.output


def test_a_plain_call_shows_what_each_target_would_have_cost(file: str) -> None:
    code, output = run("sg_plain", "-l", file)
    assert code == 0
    for line in (
        "asked    auto, openai-chat, a stream",
        "deciding again gives the same",
        "why    cheapest for tier small, before mid ($0.000171 and 8.40 s against $0.001710",
        "1. small  small model",
        "would cost $0.000171 and take 8.40 s",
        "The name that was asked for does not include it.",
        "HTTP 200, It answered to the end.",
        "420 tokens in (0 cached), 60 out, $0.000066",
        "ended    small answered to the end. HTTP 200",
    ):
        assert line in output, line


def test_a_fallen_back_call_shows_every_try_and_what_came_back(file: str) -> None:
    _, output = run("sg_fallen", "-l", file)
    assert "upstream_lost: The connection broke before the answer's end." in output
    assert "it said: reset by peer" in output
    assert "2. mid  model-mid" in output
    assert "ended    mid answered to the end." in output


def test_a_refused_call_shows_that_nothing_was_decided_or_tried(file: str) -> None:
    _, output = run("sg_refused", "-l", file)
    assert "its body was not read" in output
    assert "decided  nothing: it was refused before that" in output
    assert "tried    nobody" in output
    assert "The body is not what the endpoint takes; the message says where. HTTP 400" in output


def test_last_is_the_newest(file: str) -> None:
    assert run("last", "-l", file) == run("-l", file) == run("sg_plain", "-l", file)


def test_json_holds_all_of_it(file: str) -> None:
    _, output = run("sg_fallen", "--json", "-l", file)
    found = json.loads(output)
    assert found["id"] == "sg_fallen"
    assert found["choice"]["replayed"] is True
    assert [each["target"] for each in found["tries"]] == ["small", "mid"]
    assert [each["reason"] for each in found["choice"]["targets"]] == [
        "chosen",
        "fallback",
        "fallback",
        "not_asked",
    ]


def test_an_unknown_id_names_those_nearest(file: str) -> None:
    code, output = run("sg_pluin", "-l", file)
    assert code == 2
    assert "There is no decision sg_pluin" in output
    assert "nearest to it are sg_plain" in output


def test_an_empty_ledger_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    write(path, [])
    assert run("-l", str(path)) == (2, "The ledger is empty: no call has been made yet.\n")
    assert "It is empty." in run("sg_1", "-l", str(path))[1]
