"""``switchgear budgets``, on a file that no gateway has open."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.cli import assemble
from switchgear.domain.account import Amount, Bound, Budget, Payer, Reservation, Window
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.engine.charge import shares_of

CONFIG = """
targets:
  calc: {kind: tool, tool: {function: arithmetic}}
aliases:
  auto: {targets: [calc]}
tenants:
  acme: {budgets: {month: {usd: 100}, total: {calls: 5}}}
keys:
  - {id: k1, secret: s1, tenant: acme, budgets: {day: {usd: 5, tokens: 1000}}}
ledger: {path: %s}
"""


def say(*words: str) -> Result:
    return CliRunner().invoke(assemble(), ["budgets", *words])


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "switchgear.yaml"
    ledger = tmp_path / "ledger.db"
    file.write_text(CONFIG % ledger)

    async def life() -> None:
        book = SqliteLedger(ledger)
        now = SystemClock().date()
        mine = Budget(payer=Payer.KEY, name="k1", window=Window.DAY, most=Bound())
        asked = Reservation(
            id="r1",
            shares=shares_of([mine], now),
            amount=Amount(money=NanoUsd(250_000_000)),
            until=UnixMs(now + 60_000),
        )
        await book.budgets.reserve(asked)
        await book.aclose()

    asyncio.run(life())
    return str(file)


def test_the_table_says_who_may_spend_what_and_what_is_held(config: str) -> None:
    found = say("--config", config)
    assert found.exit_code == 0, found.output
    lines = [line.split() for line in found.stdout.splitlines()]
    assert lines[0][:3] == ["who", "window", "spent"]
    (key,) = [line for line in lines if line[:2] == ["key", "k1"]]
    assert key[2] == "day"
    assert any("0.25" in each for each in key)
    assert any(line[:3] == ["tenant", "acme", "total"] for line in lines)


def test_json_has_every_row(config: str) -> None:
    rows = json.loads(say("--json", "--config", config).stdout)
    assert [(each["payer"], each["window"]) for each in rows] == [
        ("tenant", "month"),
        ("tenant", "total"),
        ("key", "day"),
    ]
    assert rows[2]["held"]["usd"] == 0.25


def test_a_config_or_a_ledger_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    missing = say("--config", str(tmp_path / "none.yaml"))
    assert (missing.exit_code, missing.output.count("\n")) == (2, 1)
    file = tmp_path / "switchgear.yaml"
    file.write_text(CONFIG % (tmp_path / "none.db"))
    assert say("--config", str(file)).exit_code == 2
    assert not (tmp_path / "none.db").exists()
