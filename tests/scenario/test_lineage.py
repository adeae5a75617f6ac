"""A wrong answer at step seven leads back to the variable that was misread at step three."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from support.town import Respond, town
from switchgear.cli import assemble
from switchgear.domain.dialect import Dialect

LINE = assemble()
REPORT = {"tenant": "acme", "home": "eu-west", "backup": "us-east"}
COSTS = {"us-east": 70, "eu-west": 90}
KEYS = [{"id": "one", "secret": "sk-one"}]
PROOF = {"authorization": "Bearer sk-one"}
CONFIG = {"keys": KEYS, "tasks": {"context": {"insert": True}}}


def known(messages: list[dict[str, str]]) -> dict[str, Any]:
    """Return what a model is told of its task."""
    lines = messages[-1]["content"].split("\n")
    entries = [json.loads(each) for each in lines if each.startswith('{"key"')]
    return {each["key"]: each["value"] for each in entries}


def thought(asked: str, task: dict[str, Any]) -> str:
    """Answer as a model would that misreads a report, and then reckons well."""
    if asked == "Which region is its home?":
        return str(task["report"]["backup"])
    if asked == "What does it cost there?":
        return str(COSTS[task["region"]])
    return f"It costs {task['cost']}." if asked == "Tell the customer." else "Well."


def model() -> Respond:
    async def respond(body: bytes, writer: asyncio.StreamWriter) -> None:
        messages = json.loads(body)["messages"]
        said = thought(messages[0]["content"], known(messages))
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
        words = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        answer = json.dumps({**words, "choices": [choice], "usage": usage}).encode()
        head = f"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}"
        writer.write(head.encode() + b"\r\n\r\n" + answer)

    return respond


class Agents:
    """Agents that work on one task, and write down what they find out."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self.decisions: list[str] = []

    async def ask(self, agent: str, words: str) -> str:
        headers = {"x-switchgear-task": "quote", "x-switchgear-agent": agent}
        body = {"model": "a", "messages": [{"role": "user", "content": words}]}
        found = await self._client.post("/v1/chat/completions", json=body, headers=headers)
        self.decisions.append(found.headers["x-switchgear-decision"])
        content: str = found.json()["choices"][0]["message"]["content"]
        return content

    async def write(self, agent: str, decision: str = "", **operation: Any) -> None:
        body = {"operations": [operation], "agent": agent, "decision": decision}
        found = await self._client.patch("/v1/tasks/quote/context", json=body)
        assert found.status_code == 200, found.text


async def worked(ledger: Path) -> list[str]:
    """Let the agents work; return the ids of their calls, and see the wrong answer."""
    config = {**CONFIG, "ledger": {"path": str(ledger)}}
    async with (
        town({"a": (Dialect.OPENAI_CHAT, model())}, config) as place,
        httpx2.AsyncClient(base_url=place.url, headers=PROOF) as client,
    ):
        agents = Agents(client)
        await agents.ask("planner", "What is to be done?")
        await agents.write("planner", key="goal", value="a quote", type="plan_item", source="user")
        await agents.ask("reader", "Where is the report?")
        await agents.write("reader", key="report", value=REPORT, type="fact", source="tool")
        region = await agents.ask("reader", "Which region is its home?")
        third = agents.decisions[2]
        await agents.write("reader", third, key="region", value=region, **{"from": ["report"]})
        await agents.ask("planner", "What is next?")
        cost = int(await agents.ask("clerk", "What does it cost there?"))
        fifth = agents.decisions[4]
        await agents.write("clerk", fifth, key="cost", value=cost, **{"from": ["region"]})
        await agents.ask("planner", "Is all known?")
        assert await agents.ask("writer", "Tell the customer.") == "It costs 70."
        await agents.write("boss", key="region", value="eu-west", revision=3)
        return agents.decisions


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    ledger = tmp_path_factory.mktemp("quote") / "ledger.db"
    return str(ledger), asyncio.run(worked(ledger))


def explained(ledger: str, decision: str, *more: str) -> str:
    found = CliRunner().invoke(
        LINE, ["explain", decision, "--lineage", "--ledger", ledger, *more], env={"COLUMNS": "200"}
    )
    assert found.exit_code == 0, found.output
    return found.output


def one(values: list[dict[str, Any]], key: str) -> dict[str, Any]:
    (found,) = [each for each in values if each["key"] == key]
    return found


def test_the_wrong_answer_leads_back_to_what_was_misread(work: tuple[str, list[str]]) -> None:
    ledger, decisions = work
    seventh = json.loads(explained(ledger, decisions[6], "--json"))["lineage"]
    assert (seventh["decision"], seventh["step"], seventh["agent"]) == (decisions[6], 7, "writer")
    cost = one(seventh["given"], "cost")
    assert (cost["value"], cost["agent"], cost["decision"]) == (70, "clerk", decisions[4])
    (region,) = cost["basis"]
    assert (region["value"], region["trust"], region["shown"]) == ("us-east", "model", True)
    region = one(seventh["given"], "region")
    assert (region["decision"], region["call"]["step"]) == (decisions[2], 3)
    (misread,) = region["basis"]
    assert (misread["value"], misread["source"], misread["agent"]) == (REPORT, "tool", "reader")
    assert one(region["call"]["given"], "report")["revision"] == 2
    assert region["later"] == [5]


def test_it_is_drawn_for_people(work: tuple[str, list[str]]) -> None:
    ledger, decisions = work
    drawn = explained(ledger, decisions[6])
    assert '"us-east"' in drawn
    assert "step 3, agent reader" in drawn
    assert "it has another value since revision 5" in drawn


def test_a_call_that_came_before_all_was_given_nothing(work: tuple[str, list[str]]) -> None:
    ledger, decisions = work
    assert "nothing of its task's context was put into it" in explained(ledger, decisions[0])
