"""Streams that break off after content, over sockets, read by the official SDKs."""

import asyncio
from itertools import product
from typing import Any

import msgspec
import pytest
from anthropic import APIError as AnthropicError
from anthropic import AsyncAnthropic
from anthropic.types import TextBlock, ToolUseBlock
from openai import APIError as OpenAIError
from openai import AsyncOpenAI

from support.spoken import SPOKEN
from support.town import Respond, Town, streaming, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event, Finished, Opened, Stop, TextDelta, ToolDelta, ToolStarted
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.wire.registry import TONGUES

BEGINNING, REST = "Once upon a time ", "there was a router."
TALK = Conversation(model="m", turns=(Turn(Role.USER, (Text("hi"),)),), stream=True)
OPENED = Opened(id="x1", model="upstream", created=1)
BROKEN: list[Event] = [
    OPENED,
    TextDelta("Once upon "),
    TextDelta("a time "),
    ToolStarted(index=0, id="call_lost", name="weather"),
    ToolDelta(index=0, json='{"city": "Os'),
]
WHOLE: list[Event] = [
    OPENED,
    TextDelta("there was "),
    TextDelta("a router."),
    ToolStarted(index=0, id="call_kept", name="weather"),
    ToolDelta(index=0, json='{"city":"Rome"}'),
    Finished(stop=Stop.TOOL_USE),
]
PAIRS = list(product(SPOKEN, SPOKEN, SPOKEN))
NAMES = ["-".join(each.value.partition("-")[0] for each in pair) for pair in PAIRS]


def frames(dialect: Dialect, events: list[Event]) -> list[bytes]:
    writer = TONGUES[dialect].stream_writer("sg_0", TALK)
    return [frame for event in events if (frame := writer.write([event]))]


def cutting(*pieces: bytes) -> Respond:
    """Stream these, each by itself, and break the connection."""
    return streaming(*pieces, pause=0.02, cut=True)


DEAR = {"input_usd": 2, "output_usd": 8}


def config(**more: object) -> dict[str, Any]:
    """Return a config that prefers ``one``, which costs less."""
    targets = {"one": target("one"), "two": target("two", price=DEAR)}
    return {"aliases": {"auto": {"targets": ["one", "two"]}}, "targets": targets, **more}


async def openai_reads(place: Town) -> tuple[str, list[tuple[str, str]]]:
    client = AsyncOpenAI(base_url=f"{place.url}/v1", api_key="k", max_retries=0)
    text = ""
    calls: dict[int, list[str]] = {}
    async with client:
        stream = await client.chat.completions.create(
            model="auto", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        async for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                for call in choice.delta.tool_calls or []:
                    known = calls.setdefault(call.index, ["", ""])
                    known[0] = call.id or known[0]
                    known[1] += (call.function and call.function.arguments) or ""
    return text, [(one, other) for one, other in calls.values()]


async def anthropic_reads(place: Town) -> tuple[str, list[tuple[str, str]]]:
    client = AsyncAnthropic(base_url=place.url, api_key="k", max_retries=0)
    async with (
        client,
        client.messages.stream(
            model="auto", max_tokens=100, messages=[{"role": "user", "content": "hi"}]
        ) as stream,
    ):
        message = await stream.get_final_message()
    text = [block.text for block in message.content if isinstance(block, TextBlock)]
    assert len(text) == 1, "one answer is one block, whoever wrote it"
    tools = [block for block in message.content if isinstance(block, ToolUseBlock)]
    return text[0], [(each.id, msgspec.json.encode(each.input).decode()) for each in tools]


READS = {Dialect.OPENAI_CHAT: openai_reads, Dialect.ANTHROPIC_MESSAGES: anthropic_reads}


@pytest.mark.parametrize(("caller", "first", "second"), PAIRS, ids=NAMES)
def test_another_goes_on_and_no_sdk_notices(
    caller: Dialect, first: Dialect, second: Dialect
) -> None:
    async def life() -> None:
        places = {
            "one": (first, cutting(*frames(first, BROKEN))),
            "two": (second, streaming(*frames(second, WHOLE))),
        }
        async with town(places, config()) as place:
            text, calls = await READS[caller](place)
            assert text == BEGINNING + REST
            assert calls == [("call_kept", '{"city":"Rome"}')]
            (asked,) = place.houses["two"].bodies
            assert BEGINNING.strip().encode() in asked
            assert b"call_lost" not in asked

    asyncio.run(life())


@pytest.mark.parametrize("caller", SPOKEN)
def test_with_nobody_to_go_on_the_stream_ends_in_one_error(caller: Dialect) -> None:
    async def life() -> None:
        places = {"one": (caller, cutting(*frames(caller, BROKEN)))}
        rules = config(aliases={"auto": {"targets": ["one"]}}, targets={"one": target("one")})
        async with town(places, rules) as place:
            with pytest.raises((OpenAIError, AnthropicError), match="in the middle of its answer"):
                await READS[caller](place)
            assert len(place.houses["one"].bodies) == 2, "it was asked to go on itself, once"

    asyncio.run(life())


@pytest.mark.parametrize("caller", SPOKEN)
def test_an_answer_that_is_held_is_made_anew_unseen(caller: Dialect) -> None:
    async def life() -> None:
        places = {
            "one": (caller, cutting(*frames(caller, BROKEN))),
            "two": (caller, streaming(*frames(caller, WHOLE))),
        }
        async with town(places, config(rescue="hold")) as place:
            text, calls = await READS[caller](place)
            assert text == REST
            assert calls == [("call_kept", '{"city":"Rome"}')]

    asyncio.run(life())


def test_a_target_that_takes_a_prefill_gets_one_in_its_providers_form() -> None:
    async def life() -> None:
        chat = Dialect.OPENAI_CHAT
        places = {
            "one": (chat, cutting(*frames(chat, BROKEN))),
            "two": (chat, streaming(*frames(chat, WHOLE))),
        }
        async with town(places, config()) as place:
            content = msgspec.json.decode(place.running._source.read())
            content["providers"]["two"]["prefill"] = "prefix"
            content["targets"]["two"]["capabilities"] = ["streaming", "prefill"]
            raw = msgspec.json.encode(content)
            place.running._source = msgspec.structs.replace(place.running._source, read=lambda: raw)
            await place.running.reload()
            text, _ = await openai_reads(place)
            assert text == BEGINNING + REST
            last = msgspec.json.decode(place.houses["two"].bodies[0])["messages"][-1]
            assert last == {"role": "assistant", "content": BEGINNING.strip(), "prefix": True}

    asyncio.run(life())
