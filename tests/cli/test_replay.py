"""``switchgear replay``: tables, JSON, exit codes, and what is said of what cannot be done."""

import asyncio
import json
import sqlite3
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from support.cast import ask
from support.entries import attempt, entry
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.cli import assemble
from switchgear.config.read import read_setup
from switchgear.domain.ask import Step
from switchgear.domain.entry import Entry
from switchgear.domain.event import Usage
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.cost import cost_of
from switchgear.engine.decide import decide
from switchgear.engine.policydoc import encode_policy

CONFIG = """\
providers:
  sim: {dialect: openai-chat, base_url: "http://127.0.0.1:9/v1"}
targets:
  little:
    {provider: sim, model: a, tier: small, window: 90000, price: {input_usd: 1, output_usd: 4}}
  big:
    {provider: sim, model: b, tier: frontier, window: 90000,
     price: {input_usd: 10, output_usd: 40}}
"""
DEARER = CONFIG + "aliases: {auto: {tier: frontier}}\n"
NOBODY = CONFIG + "aliases: {other: {}}\n"
READS = CONFIG + "rules: [{name: r, when: 'metadata.team == \"x\"', then: {tier: frontier}}]\n"
AT = 1_795_000_000_000
SETUP = read_setup(CONFIG.encode(), {}, UnixMs(AT)).setup
USAGE = Usage(input=Tokens(1000), output=Tokens(100))
TIMES = ("--since", "2026-01-01")


def call(number: int, **changes: object) -> Entry:
    asked = ask(agent="clerk", task=f"t{number // 2}")
    if number % 2:
        asked = msgspec.structs.replace(asked, step=Step.TOOL_RESULT, held="little")
    decision = decide(asked, Situation(), SETUP.policy, SETUP.conditions)
    served = next(each for each in SETUP.policy.targets if each.id == decision.winner)
    cost = NanoUsd(cost_of(USAGE, served.price))
    plain = entry(
        f"sg_{number:04}",
        at=UnixMs(AT + number),
        ask=asked,
        agent="clerk",
        situation=None,
        decision=decision,
        target=served.id,
        cost=cost,
        attempts=(attempt(served.id, usage=USAGE, cost=cost, took=Seconds(0.4)),),
    )
    return msgspec.structs.replace(plain, **changes)


def written(path: Path, entries: list[Entry]) -> Path:
    async def life() -> None:
        ledger = SqliteLedger(path, durable=False)
        await ledger.keep_policy(SETUP.policy.version, encode_policy(SETUP.policy))
        await asyncio.gather(*[ledger.write(each) for each in entries])
        await ledger.aclose()

    asyncio.run(life())
    return path


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    refused = call(90, ask=None, decision=None)
    folder = tmp_path_factory.mktemp("past")
    return written(folder / "ledger.db", [*[call(number) for number in range(60)], refused])


def run(*words: str) -> Result:
    found = CliRunner().invoke(assemble(), ["replay", *words], env={"COLUMNS": "140"})
    assert "Traceback" not in found.output, found.output
    return found


def under(text: str, ledger: Path, tmp_path: Path, *words: str) -> Result:
    file = tmp_path / "new.yaml"
    file.write_text(text)
    return run("--policy", str(file), "--ledger", str(ledger), *TIMES, *words)


def told(text: str, ledger: Path, tmp_path: Path, *words: str) -> dict[str, object]:
    found = under(text, ledger, tmp_path, "--json", *words)
    answer: dict[str, object] = json.loads(found.stdout)
    return answer


def test_the_same_policy_changes_nothing(ledger: Path, tmp_path: Path) -> None:
    found = told(CONFIG, ledger, tmp_path)
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert (counts["decided"], counts["changed"], counts["undecided"]) == (60, 0, 1)
    assert found["moves"] == []


def test_each_under_its_own_policy_comes_out_as_it_was(ledger: Path) -> None:
    found = run("--same", "--ledger", str(ledger), *TIMES)
    assert found.exit_code == 0
    assert "60 decisions came out exactly as they were, 0 otherwise." in found.stdout


def test_a_decision_that_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    odd = call(1)
    assert odd.decision is not None
    odd = msgspec.structs.replace(odd, decision=msgspec.structs.replace(odd.decision, why="a whim"))
    file = written(tmp_path / "ledger.db", [call(0), odd])
    found = run("--same", "--ledger", str(file), *TIMES)
    assert found.exit_code == 1
    assert "sg_0001: why" in found.stdout
    as_json = json.loads(run("--same", "--json", "--ledger", str(file), *TIMES).stdout)
    assert as_json["examples"] == [["sg_0001", ["why"]]]


def test_what_gets_dearer_is_told_and_breaks_the_limit(ledger: Path, tmp_path: Path) -> None:
    found = under(DEARER, ledger, tmp_path, "--fail-if-cost-up", "5%")
    assert found.exit_code == 1
    assert "60 change (100.0%), 60 to a higher tier" in found.stdout
    assert "+900.0%" in found.stdout
    assert "broken" in found.stdout
    assert under(DEARER, ledger, tmp_path, "--fail-if-cost-up", "901%").exit_code == 0


def test_a_tool_loop_moves_along_with_its_beginning(ledger: Path, tmp_path: Path) -> None:
    found = told(DEARER, ledger, tmp_path)
    shares = found["shares"]
    assert isinstance(shares, list)
    assert {it["step"]: it["changed"] for it in shares} == {"user_turn": 30, "tool_result": 30}


def test_quality_that_is_only_guessed_is_too_little_to_tell(ledger: Path, tmp_path: Path) -> None:
    found = under(DEARER, ledger, tmp_path, "--fail-if-quality-down", "1%")
    assert found.exit_code == 3
    assert "nothing but the owner's figure" in found.stdout


def test_calls_that_nobody_would_serve_are_named(ledger: Path, tmp_path: Path) -> None:
    found = under(NOBODY, ledger, tmp_path, "--fail-if-unserved", "0%")
    assert found.exit_code == 1
    assert "60 call(s) ask for 'auto', and nobody would serve them." in found.stdout


def test_metadata_that_was_not_kept_is_told(ledger: Path, tmp_path: Path) -> None:
    found = under(READS, ledger, tmp_path)
    assert "The rules read metadata.team, which was not kept with 60 call(s)." in found.stdout


def test_only_the_calls_that_are_meant_are_read(ledger: Path, tmp_path: Path) -> None:
    assert "7 decisions" in under(CONFIG, ledger, tmp_path, "--limit", "7").stdout
    assert "No call in that time" in under(CONFIG, ledger, tmp_path, "--route", "x").output
    assert under(CONFIG, ledger, tmp_path, "--tenant", "x").exit_code == 2


def test_rows_and_policies_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    file = written(tmp_path / "ledger.db", [call(number) for number in range(4)])
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE decisions SET ask = x'00' WHERE id = 'sg_0002'")
        connection.execute("UPDATE policies SET document = x'00'")
    found = under(CONFIG, file, tmp_path)
    assert found.exit_code == 0
    assert "3 decisions" in found.stdout
    assert "1 row(s) could not be read" in found.stdout
    assert "3 call(s) were decided under a policy that cannot be read" in found.stdout
    same = run("--same", "--ledger", str(file), *TIMES)
    assert (same.exit_code, "3 could not be tried" in same.stdout) == (3, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "--policy FILE, or --same"),
        (("--same", "--policy", "x"), "--policy FILE, or --same"),
        (("--policy", "none.yaml"), "none.yaml cannot be read"),
        (("--same", "--since", "1m", "--until", "2d"), "--since comes before --until"),
        (("--same", "--since", "whenever"), "neither a date"),
        (("--same", "--fail-if-cost-up", "5"), "write it in per cent"),
        (("--same", "--fail-if-slower", "much%"), "write it in per cent"),
    ],
)
def test_what_cannot_be_done_is_told(ledger: Path, words: tuple[str, ...], message: str) -> None:
    found = run(*words, "--ledger", str(ledger))
    assert (found.exit_code, message in found.output) == (2, True), found.output


def test_a_config_that_is_wrong_is_told_by_its_place(ledger: Path, tmp_path: Path) -> None:
    found = under(CONFIG + "nonsense: 1\n", ledger, tmp_path)
    assert found.exit_code == 2
    assert "new.yaml:9:1" in found.output
    assert "holds no policy that could go live" in found.output


def test_a_version_that_there_is_not_is_told(ledger: Path, tmp_path: Path) -> None:
    for name in ("v7", "current"):
        found = under(CONFIG, ledger, tmp_path, "--brain", name)
        assert (found.exit_code, "There is no version" in found.output) == (2, True), found.output


def test_an_empty_ledger_is_told(tmp_path: Path) -> None:
    file = written(tmp_path / "ledger.db", [])
    assert "The ledger is empty" in under(CONFIG, file, tmp_path).output
