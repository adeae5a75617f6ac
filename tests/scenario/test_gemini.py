"""OpenAI's and Anthropic's SDKs, through the gateway, to providers that speak Gemini's dialect."""

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from openai import APIError, APIStatusError, AsyncOpenAI

from support.geminis import check_request
from support.town import SECRET, Respond, Town, saying, streaming, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.wire.gemini import TONGUE

Json = dict[str, Any]

DECISION = "sg_01jd0000000000000000000000"
SIGNED = base64.b64encode(b"thoughts of a model").decode()
USAGE = Usage(input=Tokens(50), cached=Tokens(40), output=Tokens(9), reasoning=Tokens(4))
CITIES = ("Oslo", "Rome")
ROOT = "/v1beta"
SCHEMA: Json = {"type": "object", "properties": {"city": {"type": "string"}}}
OPENAI_TOOL: Any = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
TOOL: Any = {"name": "weather", "input_schema": SCHEMA}
ASK = "How is the weather in Oslo and Rome?"
PICTURE = "iVBORw0KGgo="


def answer(body: bytes) -> tuple[Event, ...]:
    """What the model says: first that it needs tools, then what they gave back."""
    asked = check_request(body)
    last, config = asked["contents"][-1]["parts"][0], asked.get("generationConfig", {})
    said: tuple[Event, ...] = (TextDelta("A picture."),)
    stop = Stop.END
    if "functionResponse" in last:
        said = (TextDelta("Rain, "), TextDelta("and sun."))
    elif "responseJsonSchema" in config:
        said = (TextDelta('{"city":'), TextDelta('"Oslo"}'))
    elif "tools" in asked:
        calls = [
            (
                ToolStarted(index=at, id=f"call_{city}", name="weather"),
                ToolDelta(index=at, json=json.dumps({"city": city})),
            )
            for at, city in enumerate(CITIES)
        ]
        signed = ThinkingSigned(SIGNED, origin=Dialect.GEMINI)
        said = (ThinkingDelta("Two cities."), TextDelta("Let me look."), signed)
        said = (*said, *(event for call in calls for event in call))
        stop = Stop.TOOL_USE
    return (Opened(id="r1", model="gemini-9"), *said, Finished(stop=stop, usage=USAGE))


def model(*, stream: bool) -> Respond:
    """A provider that is made of our own tongue."""

    async def respond(body: bytes, writer: asyncio.StreamWriter) -> None:
        events = answer(body)
        if not stream:
            await saying(TONGUE.write_whole(DECISION, events))(body, writer)
            return
        pen = TONGUE.stream_writer(DECISION, Conversation(model="m", turns=()))
        await streaming(*(raw for event in events if (raw := pen.write([event]))))(body, writer)

    return respond


def live(
    life: Callable[[Town], Coroutine[object, object, None]], respond: Respond, **said: object
) -> None:
    async def run() -> None:
        told = {"sim": {"dialect": "gemini", **said}}
        async with town({"sim": (Dialect.GEMINI, respond)}, root=ROOT, said=told) as place:
            await life(place)

    asyncio.run(run())


def openai(place: Town) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=f"{place.url}/v1", api_key="x", max_retries=0)


def anthropic(place: Town) -> AsyncAnthropic:
    return AsyncAnthropic(base_url=place.url, api_key="x", max_retries=0)


def sent(place: Town) -> list[Json]:
    return [json.loads(body) for body in place.houses["sim"].bodies]


def lines(place: Town) -> list[str]:
    return [head.split(b"\r\n")[0].decode() for head in place.houses["sim"].heads]


def checked_loop(place: Town) -> None:
    """The second request holds the calls, signed as they were, and right after them the results."""
    *_, calls, results = sent(place)[-1]["contents"]
    made = [part for part in calls["parts"] if "functionCall" in part]
    assert [part["functionCall"]["args"]["city"] for part in made] == list(CITIES)
    assert [part.get("thoughtSignature") for part in made] == [SIGNED, None]
    given = [part["functionResponse"] for part in results["parts"]]
    assert [(each["id"], each["name"]) for each in given] == [
        (f"call_{city}", "weather") for city in CITIES
    ]
    assert [each["response"] for each in given] == [{"output": f"{city}!"} for city in CITIES]


@pytest.mark.parametrize("stream", [False, True])
def test_openai_s_sdk_goes_through_a_loop_of_tools(stream: bool) -> None:  # noqa: FBT001 - a case
    async def life(place: Town) -> None:
        asked: Any = {"model": "auto", "tools": [OPENAI_TOOL], "reasoning_effort": "low"}
        talk: Any = [{"role": "user", "content": ASK}]
        async with openai(place) as client:
            said = await whole_of(client, {**asked, "messages": talk}, stream=stream)
            assert said["content"] == "Let me look."
            assert said["reasoning_content"] == "Two cities."
            calls = said["tool_calls"]
            assert [json.loads(each["function"]["arguments"])["city"] for each in calls] == [
                *CITIES
            ]
            results = [
                {"role": "tool", "tool_call_id": each["id"], "content": f"{city}!"}
                for each, city in zip(calls, CITIES, strict=True)
            ]
            talk += [{"role": "assistant", **said}, *results]
            last = await whole_of(client, {**asked, "messages": talk}, stream=stream)
            assert last["content"] == "Rain, and sun."
        checked_loop(place)
        wanted = "streamGenerateContent?alt=sse" if stream else "generateContent"
        assert lines(place) == [f"POST {ROOT}/models/model-of-sim:{wanted} HTTP/1.1"] * 2
        assert all(f"x-goog-api-key: {SECRET}".encode() in each for each in heads(place))
        thinking = sent(place)[0]["generationConfig"]["thinkingConfig"]
        assert thinking == {"thinkingBudget": 1024, "includeThoughts": True}

    live(life, model(stream=stream))


def heads(place: Town) -> list[bytes]:
    return place.houses["sim"].heads


async def whole_of(client: AsyncOpenAI, asked: Any, *, stream: bool) -> Json:
    """Return the message, put together from its deltas if it comes as a stream."""
    if not stream:
        answered = await client.chat.completions.create(**asked)
        usage = answered.usage
        assert usage
        assert usage.prompt_tokens_details
        assert (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens) == (50, 40)
        assert usage.completion_tokens == 9
        return dict(answered.choices[0].message.model_dump(exclude_none=True))
    said: Json = {"content": "", "tool_calls": []}
    async for chunk in await client.chat.completions.create(**asked, stream=True):
        for delta in (each.delta.model_dump(exclude_none=True) for each in chunk.choices):
            joined(said, delta)
    return {name: value for name, value in said.items() if value}


def joined(said: Json, delta: Json) -> None:
    said["content"] += delta.get("content") or ""
    for name in ("reasoning_content", "reasoning_details"):
        if delta.get(name):
            said[name] = said.get(name, type(delta[name])()) + delta[name]
    for call in delta.get("tool_calls") or ():
        if call["index"] == len(said["tool_calls"]):
            said["tool_calls"].append(call)
        else:
            function = said["tool_calls"][call["index"]]["function"]
            function["arguments"] += call["function"]["arguments"]


@pytest.mark.parametrize("stream", [False, True])
def test_anthropic_s_sdk_goes_through_a_loop_of_tools(stream: bool) -> None:  # noqa: FBT001 - a case
    async def life(place: Town) -> None:
        asked: Any = {"model": "auto", "max_tokens": 2000, "tools": [TOOL]}
        asked["thinking"] = {"type": "enabled", "budget_tokens": 1024}
        talk: Any = [{"role": "user", "content": ASK}]
        async with anthropic(place) as client:
            said = await message_of(client, {**asked, "messages": talk}, stream=stream)
            kinds = [block["type"] for block in said["content"]]
            assert kinds == ["thinking", "text", "thinking", "tool_use", "tool_use"]
            assert said["stop_reason"] == "tool_use"
            assert said["usage"]["input_tokens"] == 10
            assert said["usage"]["cache_read_input_tokens"] == 40
            results = [
                {"type": "tool_result", "tool_use_id": f"call_{city}", "content": f"{city}!"}
                for city in CITIES
            ]
            talk += [
                {"role": "assistant", "content": said["content"]},
                {"role": "user", "content": results},
            ]
            last = await message_of(client, {**asked, "messages": talk}, stream=stream)
            assert [block["text"] for block in last["content"]] == ["Rain, and sun."]
        checked_loop(place)

    live(life, model(stream=stream))


async def message_of(client: AsyncAnthropic, asked: Any, *, stream: bool) -> Json:
    if not stream:
        found = await client.messages.create(**asked)
        return dict(found.model_dump(exclude_none=True))
    async with client.messages.stream(**asked) as streamed:
        last = await streamed.get_final_message()
        return dict(last.model_dump(exclude_none=True))


def test_pictures_and_schemas_get_there() -> None:
    async def life(place: Town) -> None:
        parts: Any = [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}},
        ]
        wanted: Any = {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}}
        async with openai(place) as client:
            seen = await client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": parts}]
            )
            shaped = await client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": ASK}], response_format=wanted
            )
        assert seen.choices[0].message.content == "A picture."
        assert json.loads(shaped.choices[0].message.content or "") == {"city": "Oslo"}
        first, second = sent(place)
        data = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
        assert first["contents"][0]["parts"] == [{"text": "What is it?"}, data]
        assert second["generationConfig"]["responseJsonSchema"] == SCHEMA

    live(life, model(stream=False))


def told(code: int, message: str, *details: Json) -> Respond:
    error = {"code": code, "message": message, "status": "S", "details": [*details]}
    return saying(json.dumps({"error": error}).encode(), status=code)


INFO = "type.googleapis.com/google.rpc."


@pytest.mark.parametrize(
    ("respond", "status", "code", "words"),
    [
        (
            told(429, "Quota", {"@type": INFO + "RetryInfo", "retryDelay": "90s"}),
            429,
            "upstream_busy",
            "",
        ),
        (
            told(
                400, "The input token count (9) exceeds the maximum number of tokens allowed (8)."
            ),
            400,
            "context_too_long",
            "exceeds the maximum",
        ),
        (told(400, "Unknown name x."), 400, "upstream_rejected", "Unknown name x."),
        (
            told(400, "API key not valid: s3cret", {"reason": "API_KEY_INVALID"}),
            502,
            "upstream_denied",
            "",
        ),
    ],
)
def test_errors_come_as_callers_know_them(
    respond: Respond, status: int, code: str, words: str
) -> None:
    async def life(place: Town) -> None:
        async with openai(place) as client:
            with pytest.raises(APIStatusError) as caught:
                await client.chat.completions.create(
                    model="auto", messages=[{"role": "user", "content": ASK}]
                )
        assert (caught.value.status_code, caught.value.code) == (status, code)
        assert words in caught.value.message
        assert "s3cret" not in caught.value.message
        if status == 429:
            assert caught.value.response.headers["retry-after"] == "90"

    live(life, respond)


def test_tokens_are_counted_by_the_target_for_callers_of_another_dialect() -> None:
    async def life(place: Town) -> None:
        async with anthropic(place) as client:
            found = await client.messages.count_tokens(
                model="auto", messages=[{"role": "user", "content": ASK}], system="Be short."
            )
        assert found.input_tokens == 17
        assert lines(place) == [f"POST {ROOT}/models/model-of-sim:countTokens HTTP/1.1"]
        (asked,) = sent(place)
        inner = asked.pop("generateContentRequest")
        assert not asked
        assert inner["model"] == "models/model-of-sim"
        assert inner["systemInstruction"] == {"parts": [{"text": "Be short."}]}
        assert inner["contents"] == [{"role": "user", "parts": [{"text": ASK}]}]

    live(life, saying(b'{"totalTokens": 17}'))


def test_vertex_is_asked_at_its_publisher_s_path_with_a_token() -> None:
    async def life(place: Town) -> None:
        async with openai(place) as client:
            await client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": ASK}]
            )
        path = f"{ROOT}/publishers/google/models/model-of-sim:generateContent"
        assert lines(place) == [f"POST {path} HTTP/1.1"]
        assert f"authorization: Bearer {SECRET}".encode() in heads(place)[0]

    live(life, model(stream=False), service="vertex")


CLAUDE: Json = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "Hi."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2},
}


def test_claude_at_vertex_gets_the_caller_s_bytes_without_the_model() -> None:
    async def life(place: Town) -> None:
        talk: Any = [{"role": "user", "content": [{"type": "text", "text": ASK, "new": {"a": 1}}]}]
        async with anthropic(place) as client:
            said = await client.messages.create(model="auto", max_tokens=9, messages=talk)
        assert said.content[0].type == "text"
        path = f"{ROOT}/publishers/anthropic/models/model-of-sim:rawPredict"
        assert lines(place) == [f"POST {path} HTTP/1.1"]
        assert sent(place) == [
            {"max_tokens": 9, "messages": talk, "anthropic_version": "vertex-2023-10-16"}
        ]

    respond = saying(json.dumps(CLAUDE).encode())
    live(life, respond, service="vertex", dialect="anthropic-messages")


def test_claude_at_vertex_counts_with_the_model_in_the_body() -> None:
    async def life(place: Town) -> None:
        async with anthropic(place) as client:
            found = await client.messages.count_tokens(
                model="auto", messages=[{"role": "user", "content": ASK}]
            )
        assert found.input_tokens == 17
        path = f"{ROOT}/publishers/anthropic/models/count-tokens:rawPredict"
        assert lines(place) == [f"POST {path} HTTP/1.1"]
        (asked,) = sent(place)
        assert (asked["model"], asked["anthropic_version"]) == ("model-of-sim", "vertex-2023-10-16")

    respond = saying(b'{"input_tokens": 17}')
    live(life, respond, service="vertex", dialect="anthropic-messages")


def test_a_stream_that_breaks_off_in_a_call_is_gone_on_with_by_nobody_unseen() -> None:
    """An answer that the model gave up is no success: one error, and no terminal frame."""
    chunks: Sequence[Json] = [
        {"candidates": [{"content": {"parts": [{"text": "Let me"}], "role": "model"}}]},
        {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL", "index": 0}]},
    ]
    frames = [b"data: %b\r\n\r\n" % json.dumps(each).encode() for each in chunks]

    async def life(place: Town) -> None:
        async with openai(place) as client:
            stream = await client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": ASK}], stream=True
            )
            words = ""
            chunks = aiter(stream)
            for _ in range(2):
                words += (await anext(chunks)).choices[0].delta.content or ""
            assert words == "Let me"
            with pytest.raises(APIError, match="MALFORMED_FUNCTION_CALL"):
                await anext(chunks)

    live(life, streaming(*frames))
