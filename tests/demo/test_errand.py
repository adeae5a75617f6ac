"""The agent's errand, directly at a simulated provider: no gateway in between."""

import asyncio

import httpx
import pytest

from switchgear.demo.agent import Agent, Errand
from switchgear.demo.check import Seen, untrue
from switchgear.demo.client import Client
from switchgear.demo.errand import AMOUNT, SYSTEM, WORK_TURN, Unknown, next_step, run_tool
from switchgear.demo.mind import Mind
from switchgear.demo.outage import Outage
from switchgear.demo.provider import Seat, SimulatedProvider
from switchgear.demo.question import Question, read_anthropic, read_openai
from switchgear.demo.sample import read_packaged
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds


def run_errand(outage: Outage | None = None) -> Errand:
    async def life() -> Errand:
        seat = Seat(
            name="sim", dialect=Dialect.OPENAI_CHAT, model="m", first=Seconds(0), outage=outage
        )
        provider = SimulatedProvider(seat, Mind(read_packaged(), 0))
        await provider.start()
        try:
            port = httpx.URL(provider.base_url).port or 0
            return await Agent(Client(port), lambda: None).run()
        finally:
            await provider.stop()

    return asyncio.run(life())


def test_the_errand_ends_after_seven_steps_with_the_right_amount() -> None:
    errand = run_errand()
    assert errand.finished
    assert AMOUNT in errand.words
    assert [step.what for step in errand.steps][1:5] == [
        "find_order",
        "find_policy",
        "find_rate",
        "file_refund",
    ]
    assert len(errand.steps) == 7


def test_an_errand_whose_provider_fails_does_not_finish_and_the_check_says_so() -> None:
    errand = run_errand(Outage(first=4, last=99))
    assert not errand.finished
    seen = Seen(served=(), errand=errand, rows=(), answered=0, victim="", usd=0.1, told_usd=0.2)
    said = " ".join(untrue(seen))
    for complaint in ("did not finish", "ledger has 0 rows", "gateway says", "no provider failed"):
        assert complaint in said


def test_a_tool_refuses_what_was_not_looked_up() -> None:
    with pytest.raises(Unknown):
        run_tool("file_refund", '{"order":"A-1007","amount":"46.20"}')
    with pytest.raises(Unknown):
        run_tool("drop_table", "{}")
    with pytest.raises(Unknown):
        run_tool("find_order", "[1]")


def test_the_next_step_depends_on_the_results_not_on_their_number() -> None:
    tools = frozenset({"find_order", "find_policy", "find_rate", "file_refund"})
    asked = Question(model="m", system=SYSTEM, last=WORK_TURN, tools=tools, results=("{}", "{}"))
    step = next_step(asked)
    assert step is not None
    assert step.tool == "find_order"
    assert next_step(Question(model="m", system="other", last=WORK_TURN, tools=tools)) is None


def test_both_dialects_are_heard_alike() -> None:
    openai = read_openai(
        b'{"model":"m","messages":[{"role":"system","content":"be"},{"role":"user","content":"go"},'
        b'{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":'
        b'{"name":"t","arguments":"{\\"a\\":1}"}}]},'
        b'{"role":"tool","tool_call_id":"1","content":"42"}],'
        b'"tools":[{"type":"function","function":{"name":"t"}}]}'
    )
    anthropic = read_anthropic(
        b'{"model":"m","system":"be","messages":[{"role":"user","content":"go"},'
        b'{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"t","input":{"a":1}}]},'
        b'{"role":"user","content":[{"type":"tool_result","tool_use_id":"1",'
        b'"content":[{"type":"text","text":"42"}]}]}],"tools":[{"name":"t"}]}'
    )
    assert openai == Question(
        model="m", system="be", last="go", results=("42",), tools=frozenset({"t"}), chars=13
    )
    assert anthropic.results == openai.results
    assert (anthropic.last, anthropic.chars, anthropic.tools) == ("go", 13, openai.tools)
