"""What commands say of decisions is heard by a gateway that runs, and the other way round."""

import asyncio
from pathlib import Path

import pytest

from support.asked import AGENT, REFUND, Office
from support.entries import entry
from support.judged import DECISION, fill, outcomes, run
from support.keyed import keyed
from switchgear.adapters.clock import SystemClock
from switchgear.domain.outcome import Source
from switchgear.domain.ticket import Question

KEYS = [{"id": "app", "secret": "s-app"}]
CALLED = entry("sg_1", decision=DECISION, task="tk_1")


@pytest.mark.parametrize(("words", "kept"), [("deny", 1), ("take-over", 1), ("approve", 0)])
def test_a_ticket_that_is_decided_at_a_terminal_marks_the_answer_that_it_sets_aside(
    tmp_path: Path, words: str, kept: int
) -> None:
    file = fill(tmp_path / "ledger.db", CALLED)

    async def asked() -> str:
        office = Office.on(file, SystemClock())
        await office.task("tk_1")
        question = Question(text="May I?", action=REFUND, task="tk_1")
        ticket = await office.tickets.ask(question, AGENT)
        await office.aclose()
        return ticket.id

    name = asyncio.run(asked())
    found = run("tickets", words, name, "-l", str(file))
    assert found.exit_code == 0, found.output
    said = outcomes(file, "sg_1")
    assert [(each.source, each.override) for each in said] == [(Source.HUMAN, "human")] * kept


def test_a_gateway_that_runs_shows_what_was_said_at_a_terminal_and_keeps_its_own(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ledger.db"

    async def life() -> None:
        async with keyed(file, (), keys=KEYS) as gateway:
            name = (await gateway.calc("s-app")).headers["x-switchgear-decision"]
            words = ("label", name, "--verdict", "good_fit", "-l", str(file))
            found = await asyncio.to_thread(run, *words)
            assert found.exit_code == 0, found.output
            said = {"decision": name, "thumbs": "down"}
            told = (await gateway.ask("POST", "/v1/outcomes", "s-app", said)).json()
            assert (told["label"]["good"], told["label"]["source"]) == (1.0, "label")
            shown = (await gateway.ask("GET", f"/v1/decisions/{name}", "s-app")).json()
            assert [each["source"] for each in shown["outcomes"]] == ["label", "user"]

    asyncio.run(life())
