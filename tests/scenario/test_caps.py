"""Caps of tasks over sockets: what is answered, what was paid, and what the official SDKs see."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import msgspec
import openai
import pytest

from support.town import Respond, Town, lived, target, town
from switchgear.domain.account import Account, Payer, Window
from switchgear.domain.dialect import Dialect
from switchgear.engine.task import task_id

SECRET, ROOT = "sk-a-caller", "sk-an-admin"
ROOM = 37
CALLS = 200
OUTPUT = 5
COST = 50_000
"""Nano-dollars of one answer: what is set aside for it is exactly that."""
PRICED: Any = {"price": {"input_usd": 0, "output_usd": 10}}
TOOLS: Any = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
TURN: Any = {"role": "user", "content": "go on"}
FINAL = "That is all I know."


def provider() -> Respond:
    """Ask for the tool while it may be asked for, else answer; whole, or as a stream."""

    async def respond(raw: bytes, writer: asyncio.StreamWriter) -> None:
        body = msgspec.json.decode(raw)
        tools = body.get("tools") and body.get("tool_choice") != "none"
        said: dict[str, object] = {"role": "assistant", "content": None if tools else FINAL}
        if tools:
            function = {"name": "look", "arguments": "{}"}
            said["tool_calls"] = [
                {"index": 0, "id": "call_1", "type": "function", "function": function}
            ]
        choice = {"index": 0, "finish_reason": "tool_calls" if tools else "stop"}
        usage = {"prompt_tokens": 9, "completion_tokens": OUTPUT, "total_tokens": 9 + OUTPUT}
        head = {"id": "c", "created": 1, "model": "m"}
        await asyncio.sleep(0.01)
        if body.get("stream"):
            chunk = {**head, "object": "chat.completion.chunk"}
            frames = [
                {**chunk, "choices": [{**choice, "finish_reason": None, "delta": said}]},
                {**chunk, "choices": [{**choice, "delta": {}}]},
                {**chunk, "choices": [], "usage": usage},
            ]
            sent = b"".join([b"data: %b\n\n" % msgspec.json.encode(each) for each in frames])
            kind, content = b"text/event-stream", sent + b"data: [DONE]\n\n"
        else:
            whole = {**head, "object": "chat.completion", "choices": [{**choice, "message": said}]}
            kind, content = b"application/json", msgspec.json.encode({**whole, "usage": usage})
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n%b"
            % (kind, len(content), content)
        )

    return respond


def settings(caps: Mapping[str, object], ledger: str = ":memory:", **more: Any) -> dict[str, Any]:
    return {
        "keys": [
            {"id": "k", "secret": SECRET},
            {"id": "root", "secret": ROOT, "rights": ["admin"]},
        ],
        "targets": {"a": target("a", **PRICED)},
        "aliases": {"auto": {"targets": ["a"]}},
        "spending": {"margin": 0},
        "ledger": {"path": ledger},
        "tasks": {"caps": caps, **more.pop("tasks", {})},
        **more,
    }


def a_town(caps: Mapping[str, object], ledger: str = ":memory:", **more: Any) -> Any:
    return town({"a": (Dialect.OPENAI_CHAT, provider())}, settings(caps, ledger, **more))


async def ask(client: httpx2.AsyncClient, there: Town, task: str, parent: str = "") -> int:
    """Send one call; return its status."""
    headers = {"authorization": f"Bearer {SECRET}", "x-switchgear-task": task}
    if parent:
        headers["x-switchgear-parent-task"] = parent
    body = {"model": "auto", "messages": [TURN], "max_tokens": OUTPUT}
    answer = await client.post(f"{there.url}/v1/chat/completions", json=body, headers=headers)
    return answer.status_code


def account(name: str) -> Account:
    return Account(Payer.TASK, f"{task_id('k', name)}.1", Window.TOTAL)


@pytest.mark.parametrize(
    ("caps", "refusal", "place"),
    [({"steps": ROOM}, 422, ":memory:"), ({"usd": ROOM * COST / 1e9}, 402, "ledger.db")],
)
def test_of_two_hundred_calls_at_once_exactly_as_many_are_answered_as_the_cap_has_room_for(
    caps: dict[str, object], refusal: int, place: str, tmp_path: Path
) -> None:
    path = place if place == ":memory:" else str(tmp_path / place)

    async def life() -> None:
        async with a_town(caps, path) as there, httpx2.AsyncClient(timeout=60.0) as client:
            found = Counter(await asyncio.gather(*[ask(client, there, "t") for _ in range(CALLS)]))
            assert found == {200: ROOM, refusal: CALLS - ROOM}
            budgets = there.running.house.outside.budgets
            (level,) = await budgets.levels([account("t")])
            assert (level.spent.calls, level.spent.money) == (ROOM, ROOM * COST)
            assert await budgets.held() == 0
            assert len(there.houses["a"].bodies) == ROOM
            assert await ask(client, there, "t") == refusal

    asyncio.run(life())
    if path != place:
        with closing(sqlite3.connect(path)) as book:
            assert book.execute("SELECT SUM(cost) FROM decisions").fetchone() == (ROOM * COST,)
            rows = book.execute("SELECT status, count(*) FROM decisions GROUP BY 1").fetchall()
        assert dict(rows) == {200: ROOM, refusal: CALLS - ROOM + 1}


def test_a_child_that_its_calls_name_pays_with_its_parent_and_no_deeper_than_is_allowed() -> None:
    async def life() -> None:
        caps = {"steps": 10, "depth": 1, "fan_out": 2}
        async with a_town(caps) as there, httpx2.AsyncClient(timeout=60.0) as client:
            assert await ask(client, there, "top") == 200
            kids = [ask(client, there, f"kid{n % 2}", "top") for n in range(30)]
            assert Counter(await asyncio.gather(*kids)) == {200: 9, 422: 21}
            assert await ask(client, there, "kid2", "top") == 422
            assert await ask(client, there, "grandkid", "kid0") == 422
            names = [account(each) for each in ("top", "kid0", "kid1", "kid2", "grandkid")]
            levels = await there.running.house.outside.budgets.levels(names)
            top, *kids_paid = [each.spent.calls for each in levels]
            assert top == 1 + sum(kids_paid) == 10

    asyncio.run(life())


@contextmanager
def chat(there: Town) -> Iterator[openai.OpenAI]:
    headers = {"x-switchgear-task": "t"}
    with openai.OpenAI(
        base_url=f"{there.url}/v1", api_key=SECRET, max_retries=3, default_headers=headers
    ) as client:
        yield client


def said(client: openai.OpenAI, *, stream: bool) -> tuple[str, bool]:
    """Make one step of an agent with a tool; return its words, and whether it asks for the tool."""
    if not stream:
        whole = client.chat.completions.create(
            model="auto", messages=[TURN], tools=TOOLS, max_tokens=OUTPUT
        )
        message = whole.choices[0].message
        return message.content or "", bool(message.tool_calls)
    words, asks = "", False
    for chunk in client.chat.completions.create(
        model="auto", messages=[TURN], tools=TOOLS, max_tokens=OUTPUT, stream=True
    ):
        for choice in chunk.choices:
            words += choice.delta.content or ""
            asks = asks or bool(choice.delta.tool_calls)
    return words, asks


@pytest.mark.parametrize("form", ["whole", "stream"])
def test_an_agent_that_is_to_wrap_up_gives_its_final_answer_and_is_then_told_why(
    form: str,
) -> None:
    with lived(a_town({"steps": 3, "at_cap": "wrap_up"})) as there, chat(there) as client:
        assert [said(client, stream=form == "stream") for _ in range(3)] == [
            ("", True),
            ("", True),
            (FINAL, False),
        ]
        last = msgspec.json.decode(there.houses["a"].bodies[2])
        assert last["tools"] == TOOLS
        assert last["messages"][0] == TURN
        assert "no tool can be called any more" in last["messages"][-1]["content"]
        with pytest.raises(openai.UnprocessableEntityError) as told:
            said(client, stream=form == "stream")
        assert told.value.code == "task_spent"
        assert "its cap of 3 steps is used up" in str(told.value)
        assert told.value.response.headers["x-should-retry"] == "false"
        assert len(there.houses["a"].bodies) == 3


@pytest.mark.parametrize("form", ["whole", "stream"])
def test_cheaper_targets_serve_a_task_as_long_as_there_is_money_for_them(form: str) -> None:
    places = {name: (Dialect.OPENAI_CHAT, provider()) for name in ("a", "b")}
    config = settings({"usd": 10 * COST / 1e9, "at_cap": "downgrade"}) | {
        "targets": {
            "a": target("a", **PRICED),
            "b": target("b", "frontier", price={"input_usd": 0, "output_usd": 1000}),
        },
        "aliases": {"auto": {"targets": ["a", "b"], "strategy": "quality", "tier": "frontier"}},
        "plan_length": 1,
    }
    with lived(town(places, config)) as there, chat(there) as client:
        assert said(client, stream=form == "stream") == ("", True)
        assert (len(there.houses["a"].bodies), len(there.houses["b"].bodies)) == (1, 0)
        for _ in range(9):
            said(client, stream=form == "stream")
        with pytest.raises(openai.APIStatusError) as told:
            said(client, stream=form == "stream")
        assert (told.value.status_code, told.value.code) == (402, "over_task_cap")


def test_the_declared_tool_answers_in_both_dialects() -> None:
    tool = {
        "kind": "tool",
        "tool": {
            "function": "template",
            "arguments": "json",
            "settings": {"template": "ask me later"},
        },
    }
    config = settings({"steps": 1, "at_cap": "tool"}, tasks={"tool": "later"})
    config["targets"]["later"] = tool
    asked: Any = {"role": "user", "content": "{}"}
    with lived(town({"a": (Dialect.OPENAI_CHAT, provider())}, config)) as there:
        with chat(there) as client:
            said(client, stream=False)
            answer = client.chat.completions.create(model="auto", messages=[asked], max_tokens=5)
            assert answer.choices[0].message.content == "ask me later"
        headers = {"x-switchgear-task": "t"}
        with (
            anthropic.Anthropic(
                base_url=there.url, api_key=SECRET, default_headers=headers
            ) as messages,
            messages.messages.stream(model="auto", max_tokens=5, messages=[asked]) as stream,
        ):
            assert stream.get_final_text() == "ask me later"


@pytest.mark.parametrize("action", ["pause", "ticket"])
@pytest.mark.parametrize("form", ["whole", "stream"])
def test_a_task_that_waits_says_so_and_goes_on_when_its_cap_is_raised(
    action: str, form: str
) -> None:
    with lived(a_town({"steps": 1, "at_cap": action})) as there, chat(there) as client:
        said(client, stream=form == "stream")
        for _ in range(2):
            with pytest.raises(openai.UnprocessableEntityError) as told:
                said(client, stream=form == "stream")
            assert told.value.code == "task_paused"
            assert "its cap of 1 steps is used up" in str(told.value)
            assert ("the ticket ti_" in str(told.value)) == (action == "ticket")
        url = f"{there.url}/v1/tasks/{task_id('k', 't')}"
        for secret, status in ((SECRET, 403), (ROOT, 200)):
            headers = {"authorization": f"Bearer {secret}"}
            raised = httpx2.patch(url, json={"caps": {"steps": 2}}, headers=headers)
            assert raised.status_code == status, raised.text
        assert said(client, stream=form == "stream") == ("", True)


def test_an_anthropic_client_is_told_in_its_own_shape() -> None:
    headers = {"x-switchgear-task": "t"}
    with (
        lived(a_town({"usd": 0})) as there,
        anthropic.Anthropic(base_url=there.url, api_key=SECRET, default_headers=headers) as client,
    ):
        with pytest.raises(anthropic.APIStatusError) as told:
            client.messages.create(model="auto", max_tokens=5, messages=[TURN])
        assert told.value.status_code == 402
        assert "its cap of $0.00 has $0.00 left, and this call may take $0.00005" in str(told.value)
