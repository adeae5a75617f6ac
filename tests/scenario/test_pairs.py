"""Both official SDKs, through the gateway, to a provider of either dialect."""

import asyncio
from typing import Any

import msgspec
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import TextBlock, ToolUseBlock
from openai import AsyncOpenAI, OpenAI

from support.spoken import SPOKEN
from support.town import Respond, Town, saying, streaming, town
from switchgear.domain.dialect import Dialect

OPENAI_WHOLE = msgspec.json.encode(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "upstream-model",
        "some_new_field": {"kept": True},
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": "Let me look.",
                    "tool_calls": [
                        {
                            "id": f"call_{city}",
                            "type": "function",
                            "function": {"name": "weather", "arguments": f'{{"city":"{city}"}}'},
                        }
                        for city in ("Oslo", "Rome")
                    ],
                },
            }
        ],
        "usage": {
            "prompt_tokens": 50,
            "completion_tokens": 9,
            "total_tokens": 59,
            "prompt_tokens_details": {"cached_tokens": 40},
        },
    }
)
ANTHROPIC_WHOLE = msgspec.json.encode(
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "upstream-model",
        "content": [
            {"type": "text", "text": "Let me look."},
            *(
                {
                    "type": "tool_use",
                    "id": f"call_{city}",
                    "name": "weather",
                    "input": {"city": city},
                }
                for city in ("Oslo", "Rome")
            ),
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 40, "output_tokens": 9},
    }
)


Json = dict[str, Any]


def openai_frames() -> list[bytes]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        return b"data: " + msgspec.json.encode({**body, "choices": [choice]}) + b"\n\n"

    def call(city: str, index: int) -> list[bytes]:
        function = {"name": "weather", "arguments": ""}
        start = {"index": index, "id": f"call_{city}", "type": "function", "function": function}
        more = {"index": index, "function": {"arguments": f'{{"city":"{city}"}}'}}
        return [chunk({"tool_calls": [start]}), chunk({"tool_calls": [more]})]

    usage = {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}
    last = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}
    return [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Let me "}),
        chunk({"content": "look."}),
        *call("Oslo", 0),
        *call("Rome", 1),
        chunk({}, "tool_calls"),
        b"data: " + msgspec.json.encode({**last, "usage": usage}) + b"\n\n",
        b"data: [DONE]\n\n",
    ]


def anthropic_frames() -> list[bytes]:
    def frame(kind: str, **fields: object) -> bytes:
        data = msgspec.json.encode({"type": kind, **fields})
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"

    def block(index: int, start: Json, delta: Json) -> list[bytes]:
        return [
            frame("content_block_start", index=index, content_block=start),
            frame("content_block_delta", index=index, delta=delta),
            frame("content_block_stop", index=index),
        ]

    message: Json = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 50, "output_tokens": 1},
    }
    text: Json = {"type": "text", "text": ""}
    frames = [
        frame("message_start", message=message),
        *block(0, text, {"type": "text_delta", "text": "Let me look."}),
    ]
    for index, city in enumerate(("Oslo", "Rome"), 1):
        use: Json = {"type": "tool_use", "id": f"call_{city}", "name": "weather", "input": {}}
        delta: Json = {"type": "input_json_delta", "partial_json": f'{{"city":"{city}"}}'}
        frames += block(index, use, delta)
    last = {"stop_reason": "tool_use", "stop_sequence": None}
    usage = {"output_tokens": 9}
    return [*frames, frame("message_delta", delta=last, usage=usage), frame("message_stop")]


WHOLE = {Dialect.OPENAI_CHAT: OPENAI_WHOLE, Dialect.ANTHROPIC_MESSAGES: ANTHROPIC_WHOLE}
FRAMES = {Dialect.OPENAI_CHAT: openai_frames(), Dialect.ANTHROPIC_MESSAGES: anthropic_frames()}
TOOL = {
    "name": "weather",
    "description": "Weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
OPENAI_TOOL: Any = {
    "type": "function",
    "function": {
        "name": TOOL["name"],
        "description": TOOL["description"],
        "parameters": TOOL["input_schema"],
    },
}
ASK: Any = [{"role": "user", "content": "How is the weather in Oslo and Rome?"}]


def respond(dialect: Dialect, *, stream: bool) -> Respond:
    return streaming(*FRAMES[dialect]) if stream else saying(WHOLE[dialect])


def check_row(place: Town) -> None:
    ledger = place.running.house.outside.ledger
    (entry,) = ledger.entries.values()  # type: ignore[attr-defined]  # the ledger in memory
    assert entry.end.value == "answered"
    assert entry.attempts[0].usage.input == 50
    assert entry.attempts[0].usage.output == 9


@pytest.mark.parametrize("upstream", SPOKEN)
@pytest.mark.parametrize("mode", ["sync", "async", "sync stream", "async stream"])
def test_the_openai_sdk_gets_text_and_parallel_tool_calls(upstream: Dialect, mode: str) -> None:
    stream = "stream" in mode

    async def life() -> None:
        async with town({"sim": (upstream, respond(upstream, stream=stream))}) as place:
            ask: Any = {"model": "auto", "messages": ASK, "tools": [OPENAI_TOOL]}
            url = f"{place.url}/v1"
            if "async" in mode:
                found = await ask_openai_async(url, ask, stream=stream)
            else:
                found = await asyncio.to_thread(ask_openai, url, ask, stream=stream)
            assert found == ("Let me look.", ['{"city":"Oslo"}', '{"city":"Rome"}'], "tool_calls")
            check_row(place)

    asyncio.run(life())


Found = tuple[str, list[str], str]


def ask_openai(url: str, ask: Any, *, stream: bool) -> Found:
    with OpenAI(base_url=url, api_key="x", max_retries=0) as client:
        if not stream:
            return read_openai(client.chat.completions.create(**ask))
        return fold_openai(list(client.chat.completions.create(**ask, stream=True)))


async def ask_openai_async(url: str, ask: Any, *, stream: bool) -> Found:
    async with AsyncOpenAI(base_url=url, api_key="x", max_retries=0) as client:
        if not stream:
            return read_openai(await client.chat.completions.create(**ask))
        answer = await client.chat.completions.create(**ask, stream=True)
        return fold_openai([chunk async for chunk in answer])


def read_openai(answer: Any) -> Found:
    choice = answer.choices[0]
    assert answer.usage.prompt_tokens == 50
    assert answer.usage.completion_tokens == 9
    calls = [call.function.arguments for call in choice.message.tool_calls]
    assert [call.id for call in choice.message.tool_calls] == ["call_Oslo", "call_Rome"]
    return choice.message.content, calls, choice.finish_reason


def fold_openai(chunks: list[Any]) -> Found:
    text, calls, finish = "", dict[int, str](), ""
    for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for call in choice.delta.tool_calls or ():
                calls[call.index] = calls.get(call.index, "") + (call.function.arguments or "")
            finish = choice.finish_reason or finish
    return text, [calls[index] for index in sorted(calls)], finish


@pytest.mark.parametrize("upstream", SPOKEN)
@pytest.mark.parametrize("mode", ["sync", "async", "sync stream", "async stream"])
def test_the_anthropic_sdk_gets_text_and_parallel_tool_calls(upstream: Dialect, mode: str) -> None:
    stream = "stream" in mode

    async def life() -> None:
        async with town({"sim": (upstream, respond(upstream, stream=stream))}) as place:
            ask: Any = {"model": "auto", "messages": ASK, "tools": [TOOL], "max_tokens": 100}
            if "async" in mode:
                message = await ask_anthropic_async(place.url, ask, stream=stream)
            else:
                message = await asyncio.to_thread(ask_anthropic, place.url, ask, stream=stream)
            text, *uses = message.content
            assert isinstance(text, TextBlock)
            assert text.text == "Let me look."
            assert all(isinstance(use, ToolUseBlock) for use in uses)
            assert [use.input for use in uses] == [{"city": "Oslo"}, {"city": "Rome"}]
            assert message.stop_reason == "tool_use"
            assert message.usage.output_tokens == 9
            check_row(place)

    asyncio.run(life())


def ask_anthropic(url: str, ask: Any, *, stream: bool) -> Any:
    with Anthropic(base_url=url, api_key="x", max_retries=0) as client:
        if not stream:
            return client.messages.create(**ask)
        with client.messages.stream(**ask) as answer:
            return answer.get_final_message()


async def ask_anthropic_async(url: str, ask: Any, *, stream: bool) -> Any:
    async with AsyncAnthropic(base_url=url, api_key="x", max_retries=0) as client:
        if not stream:
            return await client.messages.create(**ask)
        async with client.messages.stream(**ask) as answer:
            return await answer.get_final_message()
