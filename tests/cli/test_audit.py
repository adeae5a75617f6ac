"""``switchgear audit``: from a gateway that only watches, to a policy that saves."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import switchgear
from support.town import House
from support.words import WHOLE
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.cli import assemble

CALLS = 30
CONFIG = """\
# Watch before you route.
mode: observe
providers:
  sim: {{dialect: openai-chat, base_url: "http://127.0.0.1:{port}/v1"}}
targets:
  little:
    {{provider: sim, model: a, tier: small, window: 9000, price: {{input_usd: 1, output_usd: 4}}}}
  big:
    {{provider: sim, model: b, tier: frontier, window: 9000,
     price: {{input_usd: 10, output_usd: 40}}}}
aliases:
  auto: {{tier: frontier, stands_for: big}}
ledger: {{path: "{ledger}", durable: false}}
"""
TURN: Any = [{"role": "user", "content": "Sort these three numbers: 3, 1, 2."}]


def run(*words: str) -> Result:
    found = CliRunner().invoke(assemble(), words, env={"COLUMNS": "160"})
    assert "Traceback" not in found.output, found.output
    return found


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gateway has watched two agents, and somebody has judged each answer."""
    folder = tmp_path_factory.mktemp("watched")
    file, ledger = folder / "switchgear.yaml", folder / "ledger.db"

    def write(port: int) -> Any:
        file.write_text(CONFIG.format(port=port, ledger=ledger))
        return yaml.safe_load(file.read_text())

    said = asyncio.run(_watched(write))
    outcomes = folder / "outcomes.jsonl"
    outcomes.write_text("\n".join(json.dumps(each) for each in said))
    assert run("outcomes", "import", str(outcomes), "-l", str(ledger)).exit_code == 0
    return file


async def _watched(write: Callable[[int], Any]) -> list[dict[str, str]]:
    house = House(WHOLE)
    server = await asyncio.start_server(house.host, "127.0.0.1", 0)
    written = write(server.sockets[0].getsockname()[1])
    said = []
    async with switchgear.open(written, environment={}) as sg:
        for agent, verdict in (("clerk", "overprovisioned"), ("planner", "good_fit")):
            for _ in range(CALLS):
                wishes = switchgear.Wishes(agent=agent)
                answer = await sg.chat(wishes, model="auto", messages=TURN)
                assert answer.target == "big"
                said.append({"decision": answer.decision, "verdict": verdict, "source": "eval"})
    server.close()
    return said


def test_what_was_watched_becomes_a_policy_that_goes_live_and_saves(
    config: Path, tmp_path: Path
) -> None:
    out = tmp_path / "policy.yaml"
    made = run("audit", "--config", str(config), "--out", str(out))
    assert made.exit_code == 0, made.output
    assert "30 of 30 labels" in " ".join(made.output.split())
    assert config.read_text() in out.read_text()  # all that was there, word for word
    (rule,) = yaml.safe_load(out.read_text())["rules"]
    assert (rule["name"], rule["then"]["tier"]) == ("audit-clerk-auto-user_turn", "small")
    assert run("check", str(out)).exit_code == 0

    limits = ("--fail-if-cost-up", "0%", "--fail-if-quality-down", "0%")
    tried = run("replay", "--policy", str(out), "--config", str(config), "--json", *limits)
    assert tried.exit_code == 0, tried.output
    told = json.loads(tried.stdout)
    # Half of the calls go where they cost a tenth.
    assert told["best"]["cost"]["relative"]["value"] == pytest.approx(-0.45)
    assert told["moves"] == [
        {"before": "big", "after": "little", "calls": 30, "cost": told["moves"][0]["cost"]}
    ]
    assert [(it["agent"], it["changed"]) for it in told["shares"]] == [
        ("clerk", 30),
        ("planner", 0),
    ]


def test_what_a_real_gateway_decided_comes_out_the_same_again(config: Path) -> None:
    found = run("replay", "--same", "--config", str(config))
    assert found.exit_code == 0, found.output
    assert "60 decisions came out exactly as they were, 0 otherwise." in found.output


def test_json_has_what_each_group_needs_and_the_rules(config: Path) -> None:
    told = json.loads(run("audit", "--config", str(config), "--json").stdout)
    clerk, planner = sorted(told["findings"], key=lambda it: str(it["kind"]["agent"]))
    assert (clerk["advice"]["target"], clerk["advice"]["basis"]) == ("little", "labels")
    assert planner["advice"]["target"] == "big"
    assert planner["labels"] == CALLS
    assert yaml.safe_load(told["rules"])["rules"][0]["when"].startswith('task.agent == "clerk"')


def test_without_a_config_the_rules_alone_are_written(config: Path, tmp_path: Path) -> None:
    out, ledger = tmp_path / "rules.yaml", config.with_name("ledger.db")
    made = run("audit", "--ledger", str(ledger), "--out", str(out))
    assert made.exit_code == 0, made.output
    assert "a part of a config" in made.output
    assert list(yaml.safe_load(out.read_text())) == ["rules"]


def test_where_no_rule_follows_none_is_written(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "policy.yaml"
    words = ("audit", "--config", str(config), "--out", str(out), "--least", "0.99")
    found = run(*words)
    assert found.exit_code == 3
    assert "No rule follows" in found.output
    assert not out.exists()
    assert run(*words, "--guesses").exit_code == 0
    assert "A guess" in out.read_text()


def test_nothing_is_written_over(config: Path) -> None:
    before = config.read_bytes()
    found = run("audit", "--config", str(config), "--out", str(config))
    assert (found.exit_code, "not written over" in found.output) == (2, True)
    assert config.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--since", "1m", "--until", "2d"), "--since comes before --until"),
        (("--since", "soon"), "neither a date"),
        (("--since", "2020-01-01", "--until", "2020-01-02"), "No call was decided in that time"),
        (("--route", "fast"), "No call was decided in that time"),
    ],
)
def test_what_cannot_be_said_is_told(config: Path, words: tuple[str, ...], message: str) -> None:
    found = run("audit", "--config", str(config), *words)
    assert (found.exit_code, message in found.output) == (2, True), found.output


def test_an_empty_ledger_and_none_at_all_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    missing = run("audit", "--ledger", str(file))
    assert missing.exit_code == 2
    asyncio.run(SqliteLedger(file).aclose())
    empty = run("audit", "--ledger", str(file))
    assert (empty.exit_code, "The ledger is empty" in empty.output) == (2, True), empty.output
