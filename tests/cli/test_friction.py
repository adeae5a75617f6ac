"""``switchgear stats --handoffs``, on a file that no gateway has open."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from support.relay import Relay, looked
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.cli import assemble


def say(*words: str) -> Result:
    return CliRunner().invoke(assemble(), ["stats", *words])


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    file = tmp_path / "ledger.db"

    async def life() -> None:
        await SqliteLedger(file).aclose()
        papers = SqlitePapers(file, durable=False)
        relay = Relay(papers)
        await relay.open(tenant="acme")
        await relay.call("clerk", looked("x", "y"))
        for names in ("", "x", "xz"):
            await relay.call("buyer", looked(*names, by="b"))
        await relay.call("clerk")
        await relay.frictions.aclose()
        await papers.aclose()

    asyncio.run(life())
    return str(file)


def test_the_table_has_one_line_for_each_pair_of_agents(ledger: str) -> None:
    found = say("--handoffs", "--ledger", ledger)
    assert found.exit_code == 0, found.output
    lines = [line.split() for line in found.stdout.splitlines()]
    assert ["clerk", "buyer", "1", "0", "200", "1", "2", "0.0"] in lines
    assert ["buyer", "clerk", "1", "0", "100", "0", "-", "-"] in lines


def test_the_same_can_be_had_as_json(ledger: str) -> None:
    found = json.loads(say("--handoffs", "--json", "--ledger", ledger).stdout)
    assert [(it["sender"], it["receiver"], it["repeated"]) for it in found] == [
        ("buyer", "clerk", 0.0),
        ("clerk", "buyer", 1.0),
    ]
    assert json.loads(say("--handoffs", "--json", "--tenant", "x", "--ledger", ledger).stdout) == []
    assert "No task" in say("--handoffs", "--tenant", "x", "--ledger", ledger).stdout


def test_a_ledger_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert say("--handoffs", "--ledger", str(tmp_path / "none.db")).exit_code == 2
