"""Which task calls belong to, from socket to socket, as the official SDKs and real agents call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import msgspec
import openai
import pytest
from typing_extensions import override

from support.dialogue import LOOK
from support.town import Town, town
from support.witness import Witness
from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event, ToolStarted
from switchgear.domain.turn import Conversation
from switchgear.engine.task import task_id
from switchgear.ports.ledger import Query

CHAT, MESSAGES = "openai-chat", "anthropic-messages"
BEHIND = [CHAT, "openai-responses", MESSAGES]
KEYS = [{"id": "one", "secret": "sk-one"}, {"id": "two", "secret": "sk-two"}]
CHAT_LOOK: Any = {"type": "function", "function": {k: LOOK[k] for k in ("name", "parameters")}}
MESSAGES_LOOK: Any = {"name": "look", "input_schema": LOOK["parameters"]}
SESSION = "6f1c1b8e-92a4-4b7f-9d5e-0f6f2b7f8a11"

CLAUDE_CODE = {
    "user-agent": "claude-cli/2.1.150 (external, cli)",
    "x-app": "cli",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14",
    "x-claude-code-session-id": SESSION,
}
CODEX = {
    "user-agent": "codex_exec/0.133.0 (Debian 12.0.0; x86_64) unknown (codex_exec; 0.133.0)",
    "originator": "codex_exec",
    "session-id": SESSION,
    "thread-id": SESSION,
    "x-client-request-id": SESSION,
    "x-codex-window-id": f"{SESSION}:0",
}

Told = Callable[[Town], Awaitable[list[tuple[str, str]]]]


class Drawn(Witness):
    """Its tool calls have ids as the large providers draw them."""

    @override
    def _events(self, talk: Conversation) -> list[Event]:
        return [
            msgspec.structs.replace(each, id=f"call_KzQ3vd2BfTqYb1mWx8p{each.id[5:]:0>4}")
            if isinstance(each, ToolStarted)
            else each
            for each in super()._events(talk)
        ]


@asynccontextmanager
async def place(behind: str, *, drawn: bool = False) -> AsyncIterator[Town]:
    witness = (Drawn if drawn else Witness)(Dialect(behind))
    async with town({"there": (witness.dialect, witness.respond)}, {"keys": KEYS}) as found:
        yield found


def told(headers: Any) -> tuple[str, str]:
    return headers["x-switchgear-task"], headers["x-switchgear-task-source"]


async def by_chat(found: Town, *, stream: bool, strangers: str = "") -> list[tuple[str, str]]:
    """Have a conversation of three calls with a tool, and say which task each belonged to."""
    async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key="sk-one") as client:
        said: list[Any] = [{"role": "user", "content": "look!"}]
        heard = []
        for more in ("found", f"and then?{strangers}", "thanks"):
            create = client.chat.completions.with_raw_response.create
            got = await create(model="auto", messages=said, tools=[CHAT_LOOK], stream=stream)
            heard.append(told(got.headers))
            message = (
                await streamed(got) if stream else (await json_of(got))["choices"][0]["message"]
            )
            said.append(message)
            calls = message.get("tool_calls") or []
            said += [
                {"role": "tool", "tool_call_id": it["id"], "content": more} for it in calls
            ] or [{"role": "user", "content": more}]
    return heard


async def streamed(got: Any) -> dict[str, Any]:
    """Put a streamed message together, as clients do."""
    words = ""
    calls: list[Any] = []
    async for chunk in got.parse():
        for choice in chunk.choices:
            words += choice.delta.content or ""
            calls += choice.delta.tool_calls or []
    whole: dict[str, Any] = {}
    for call in calls:
        made = whole.setdefault(
            call.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        )
        made["id"] += call.id or ""
        made["function"]["name"] += call.function.name or ""
        made["function"]["arguments"] += call.function.arguments or ""
    found: dict[str, Any] = {"role": "assistant", "content": words or None}
    return {**found, "tool_calls": [*whole.values()]} if whole else found


async def json_of(got: Any) -> Any:
    return msgspec.json.decode(await got.http_response.aread())


async def by_messages(found: Town, *, stream: bool) -> list[tuple[str, str]]:
    async with anthropic.AsyncAnthropic(base_url=found.url, api_key="sk-one") as client:
        said: list[Any] = [{"role": "user", "content": "look!"}]
        heard = []
        for more in ("found", "and then?", "thanks"):
            content: list[dict[str, Any]]
            common: dict[str, Any] = {"model": "auto", "messages": said, "max_tokens": 99}
            if stream:
                async with client.messages.stream(**common, tools=[MESSAGES_LOOK]) as coming:
                    content = (await coming.get_final_message()).to_dict()["content"]  # type: ignore[assignment]  # of plain values
                    heard.append(told(coming.response.headers))
            else:
                got = await client.messages.with_raw_response.create(
                    **common, tools=[MESSAGES_LOOK]
                )
                content = (await json_of(got))["content"]
                heard.append(told(got.headers))
            said.append({"role": "assistant", "content": content})
            used = [it["id"] for it in content if it["type"] == "tool_use"]
            results = [{"type": "tool_result", "tool_use_id": it, "content": more} for it in used]
            said.append({"role": "user", "content": results or more})
    return heard


async def by_responses(found: Town, *, stream: bool) -> list[tuple[str, str]]:
    """Send the whole conversation each time, as who has nothing stored."""
    async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key="sk-one") as client:
        said: list[Any] = [{"role": "user", "content": "look!"}]
        heard = []
        for more in ("found", "and then?", "thanks"):
            got = await client.responses.with_raw_response.create(
                model="auto", input=said, tools=[LOOK], store=False, stream=stream
            )
            heard.append(told(got.headers))
            output = (await json_of(got))["output"] if not stream else await completed(got)
            said += output
            used = [it["call_id"] for it in output if it["type"] == "function_call"]
            results = [
                {"type": "function_call_output", "call_id": it, "output": more} for it in used
            ]
            said += results or [{"role": "user", "content": more}]
    return heard


async def completed(got: Any) -> list[Any]:
    async for event in got.parse():
        if event.type == "response.completed":
            return [item.to_dict() for item in event.response.output]
    raise AssertionError


async def by_id(found: Town, *, stream: bool) -> list[tuple[str, str]]:
    """Go on from each answer by its id."""
    async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key="sk-one") as client:
        heard = []
        previous: dict[str, Any] = {}
        for word in ("one", "two", "three"):
            got: Any = await client.responses.with_raw_response.create(
                model="auto", input=word, stream=stream, **previous
            )
            heard.append(told(got.headers))
            if stream:
                events = [event async for event in got.parse()]
                previous = {"previous_response_id": events[-1].response.id}
            else:
                previous = {"previous_response_id": (await json_of(got))["id"]}
    return heard


WAYS = [by_chat, by_messages, by_responses, by_id]
MANNERS = [(False, False), (True, True), (True, False), (False, True)]
CASES = [
    (call, behind, *MANNERS[(one + other) % len(MANNERS)])
    for one, call in enumerate(WAYS)
    for other, behind in enumerate(BEHIND)
]


@pytest.mark.parametrize(("call", "behind", "stream", "drawn"), CASES)
def test_a_conversation_of_which_its_client_says_nothing_is_one_task(
    call: Callable[..., Awaitable[list[tuple[str, str]]]],
    behind: str,
    *,
    stream: bool,
    drawn: bool,
) -> None:
    async def life() -> None:
        async with place(behind, drawn=drawn) as found:
            heard = await call(found, stream=stream)
            assert len({task for task, _ in heard}) == 1
            assert heard[0][1] == "new; confidence=0.40"
            kinds = {"tool_call; confidence=0.95", "previous_response_id; confidence=0.95"}
            assert {source for _, source in heard[1:]} <= kinds | {"prefix; confidence=0.90"}
            rows = await found.running.house.outside.ledger.list(Query(task=heard[0][0]))
            assert [row.step for row in rows] == [3, 2, 1]
            other = await call(found, stream=stream)
            assert {task for task, _ in other} & {task for task, _ in heard} == set()

    asyncio.run(life())


def test_the_sessions_of_claude_code_and_its_agents_are_tasks_and_their_parts() -> None:
    async def life() -> None:
        async with place(MESSAGES) as found:
            main = await sent(found, CLAUDE_CODE)
            agent = await sent(found, {**CLAUDE_CODE, "x-claude-code-agent-id": "a1"})
            below = await sent(
                found,
                {
                    **CLAUDE_CODE,
                    "x-claude-code-agent-id": "a2",
                    "x-claude-code-parent-agent-id": "a1",
                },
            )
            older = await sent(
                found, {}, metadata={"user_id": f"user_{'0' * 64}_account__session_{SESSION}"}
            )
            assert main.task == older.task == task_id("one", SESSION)
            assert (main.task_source, main.task_confidence) == ("x-claude-code-session-id", 1.0)
            assert older.task_source == "metadata.user_id"
            assert (main.parent_task, agent.parent_task) == ("", main.task)
            assert (agent.agent, below.agent) == ("a1", "a2")
            assert below.parent_task == agent.task != main.task

    asyncio.run(life())


def test_a_thread_of_codex_is_a_task_and_the_one_it_sends_a_part_of_it() -> None:
    async def life() -> None:
        async with place("openai-responses") as found:
            main = await responded(found, CODEX)
            other = await responded(
                found,
                {
                    **CODEX,
                    "thread-id": "t-2",
                    "x-codex-parent-thread-id": SESSION,
                    "x-openai-subagent": "review",
                },
            )
            assert (main.task, main.task_source) == (task_id("one", SESSION), "thread-id")
            assert (other.parent_task, other.agent) == (main.task, "review")
            stranger = await responded(found, {"session-id": SESSION, "thread-id": SESSION})
            assert stranger.task_source == "new"

    asyncio.run(life())


async def sent(found: Town, headers: dict[str, str], **more: Any) -> Any:
    async with anthropic.AsyncAnthropic(base_url=found.url, api_key="sk-one") as client:
        got = await client.messages.with_raw_response.create(
            model="auto",
            messages=[{"role": "user", "content": "hi"}],
            max_tokens=9,
            extra_headers=headers,
            **more,
        )
        return await row_of(found, got.headers)


async def responded(found: Town, headers: dict[str, str]) -> Any:
    async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key="sk-one") as client:
        got = await client.responses.with_raw_response.create(
            model="auto", input="hi", extra_headers=headers
        )
        return await row_of(found, got.headers)


async def row_of(found: Town, headers: Any) -> Any:
    row = await found.running.house.outside.ledger.find(headers["x-switchgear-decision"])
    assert row is not None
    assert told(headers) == (row.task, f"{row.task_source}; confidence={row.task_confidence:.2f}")
    return row


def test_two_keys_with_one_name_for_their_tasks_never_meet() -> None:
    async def life() -> None:
        async with place(CHAT) as found:
            tasks = set()
            for key in ("sk-one", "sk-two"):
                async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key=key) as client:
                    got = await client.chat.completions.with_raw_response.create(
                        model="auto",
                        messages=[{"role": "user", "content": "hi"}],
                        extra_headers={"x-switchgear-task": "job"},
                    )
                    tasks.add(told(got.headers)[0])
            assert tasks == {task_id("one", "job"), task_id("two", "job")}
            rows = await found.running.house.outside.ledger.list(Query(key="one", task="job"))
            assert [row.task for row in rows] == [task_id("one", "job")]

    asyncio.run(life())


def test_a_client_that_has_compacted_its_conversation_is_still_in_its_task() -> None:
    async def life() -> None:
        async with place(CHAT, drawn=True) as found:
            said: list[Any] = [{"role": "user", "content": "look!"}]
            async with openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key="sk-one") as client:
                create = client.chat.completions.with_raw_response.create
                first = await create(model="auto", messages=said, tools=[CHAT_LOOK])
                message = (await json_of(first))["choices"][0]["message"]
                summary = {"role": "user", "content": "Summary of all before: we looked."}
                result = {
                    "role": "tool",
                    "tool_call_id": message["tool_calls"][0]["id"],
                    "content": "found",
                }
                messages: Any = [summary, message, result]
                second = await create(model="auto", messages=messages)
            assert told(second.headers) == (told(first.headers)[0], "tool_call; confidence=0.95")

    asyncio.run(life())


def test_an_error_too_says_which_task_it_was() -> None:
    async def life() -> None:
        async with (
            place(CHAT) as found,
            openai.AsyncOpenAI(base_url=f"{found.url}/v1", api_key="sk-one") as client,
        ):
            headers = {"x-switchgear-task": "job"}
            with pytest.raises(openai.APIStatusError) as caught:
                await client.chat.completions.create(
                    model="nothing",
                    messages=[{"role": "user", "content": "x"}],
                    extra_headers=headers,
                )
            assert told(caught.value.response.headers)[0] == task_id("one", "job")
            with pytest.raises(openai.APIStatusError) as caught:
                await client.post(
                    "/chat/completions",
                    cast_to=object,
                    body={"model": 7},
                    options={"headers": headers},
                )
            assert told(caught.value.response.headers)[0] == task_id("one", "job")

    asyncio.run(life())
