"""Answers that go up a tier, over real sockets: what clients get, and what is kept of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import msgspec
import pytest
from anthropic import AsyncAnthropic
from anthropic.types import TextBlock
from openai import AsyncOpenAI

from support import judging
from support.town import Respond, Town, saying, streaming, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import Entry

Life = Callable[[Town], Awaitable[None]]
CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}
TURN: Any = {"role": "user", "content": "Where?"}
GRAZ, HALF = '{"city":"Graz"}', '{"town":"Graz"}'
LOOP = "and so on and on " * 40
SURE = {"token": "x", "logprob": -0.01, "top_logprobs": [{"logprob": -0.01}, {"logprob": -5.0}]}
TORN = {"token": "x", "logprob": -0.7, "top_logprobs": [{"logprob": -0.7}, {"logprob": -0.8}]}
LENGTH = "support.judging:by_length"


def says(text: str, logprobs: object = None) -> Respond:
    """Say it, whole or as a stream, as it is asked."""
    usage = {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}
    told = None if logprobs is None else {"content": [logprobs] * 5, "refusal": None}
    choice = {"index": 0, "logprobs": told}
    message = {"role": "assistant", "content": text}
    body = {**CHUNK, "object": "chat.completion", "usage": usage}
    whole = {**body, "choices": [{**choice, "message": message, "finish_reason": "stop"}]}
    deltas = [({"content": text[:7]}, None), ({"content": text[7:]}, None), ({}, "stop")]
    frames = [
        {**CHUNK, "choices": [{**choice, "delta": delta, "finish_reason": why}]}
        for delta, why in deltas
    ]
    lines = [b"data: " + msgspec.json.encode(each) + b"\n\n" for each in frames]
    once = saying(msgspec.json.encode(whole))
    parts = streaming(*lines, b"data: [DONE]\n\n")

    async def respond(raw: bytes, writer: asyncio.StreamWriter) -> None:
        await (parts if json.loads(raw).get("stream") else once)(raw, writer)

    return respond


def lived(weak: Respond, strong: Respond, life: Life, **more: Any) -> None:
    async def whole() -> None:
        places = {
            name: (Dialect.OPENAI_CHAT, it) for name, it in (("weak", weak), ("strong", strong))
        }
        dear = {"input_usd": 9, "output_usd": 9}
        targets = {"weak": target("weak"), "strong": target("strong", "mid", price=dear)}
        async with town(places, {"targets": targets, **more}) as place:
            await life(place)

    asyncio.run(whole())


def entries(place: Town) -> list[Entry]:
    return list(place.running.house.outside.ledger.entries.values())  # type: ignore[attr-defined]  # the one in memory


def openai(place: Town) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=f"{place.url}/v1", api_key="x", max_retries=0)


async def by_openai(place: Town, *, stream: bool, **more: Any) -> str:
    async with openai(place) as client:
        common: dict[str, Any] = {"model": "auto", "messages": [TURN], **more}
        if not stream:
            found = await client.chat.completions.create(**common)
            return found.choices[0].message.content or ""
        words = [
            chunk.choices[0].delta.content or ""
            async for chunk in await client.chat.completions.create(stream=True, **common)
            if chunk.choices
        ]
        return "".join(words)


async def by_anthropic(place: Town, *, stream: bool, **more: Any) -> str:
    async with AsyncAnthropic(base_url=place.url, api_key="x", max_retries=0) as client:
        common: dict[str, Any] = {"model": "auto", "max_tokens": 99, "messages": [TURN], **more}
        if not stream:
            found = await client.messages.create(**common)
            return "".join([it.text for it in found.content if isinstance(it, TextBlock)])
        async with client.messages.stream(**common) as reading:
            return "".join([text async for text in reading.text_stream])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("asked", [by_openai, by_anthropic])
def test_both_clients_get_the_stronger_targets_answer_where_the_weak_one_says_nothing(
    asked: Callable[..., Awaitable[str]], *, stream: bool
) -> None:
    async def life(place: Town) -> None:
        assert await asked(place, stream=stream) == "Graz, mostly."
        (entry,) = entries(place)
        assert [(it.target, it.flaw) for it in entry.attempts] == [
            ("weak", "empty"),
            ("strong", ""),
        ]
        assert entry.target == "strong"

    lived(says(""), says("Graz, mostly."), life)


@pytest.mark.parametrize("stream", [False, True])
def test_json_of_another_shape_goes_up_and_the_headers_say_so(*, stream: bool) -> None:
    async def life(place: Town) -> None:
        body = {"model": "auto", "messages": [TURN], "response_format": FORMAT, "stream": stream}
        async with httpx2.AsyncClient() as client:
            got = await client.post(f"{place.url}/v1/chat/completions", json=body)
            told = await client.get(f"{place.url}/metrics")
            name = got.headers["x-switchgear-decision"]
            shown = (await client.get(f"{place.url}/v1/decisions/{name}")).json()
            may = (await client.post(f"{place.url}/v1/decisions/preview", json=body)).json()
        assert got.headers["x-switchgear-target"] == "strong"
        assert got.headers["x-switchgear-tier"] == "mid"
        assert got.headers["x-switchgear-attempts"] == "2"
        assert got.headers["x-switchgear-reason"] == "escalated from weak: off_schema"
        assert '{"city' in got.text.replace("\\", "")
        assert "town" not in got.text
        labels = 'reason="off_schema",result="better",route="auto"'
        assert f"switchgear_escalations_total{{{labels}}} 1.0" in told.text
        up = {"weak": "weak", "flaw": "off_schema", "strong": "strong", "result": "better"}
        assert shown["escalated"] == [up]
        assert may["may_escalate"]["targets"] == ["strong"]
        if not stream:
            cost = sum(each.cost for each in entries(place)[0].attempts) / 1e9
            assert float(got.headers["x-switchgear-cost-usd"]) == pytest.approx(cost, abs=1e-6)

    lived(says(HALF), says(GRAZ), life, server={"open_metrics": True})


def test_a_stream_of_plain_words_goes_on_as_it_comes_and_a_held_one_is_checked() -> None:
    for hold, answer in ((False, LOOP), (True, "done")):

        async def life(place: Town, answer: str = answer) -> None:
            assert await by_openai(place, stream=True) == answer
            assert await by_openai(place, stream=False) == "done"

        lived(says(LOOP), says("done"), life, escalate={"when": ["repeated"], "hold": hold})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("told", "by"), [(SURE, "weak"), (TORN, "strong"), (None, "weak")])
def test_who_was_not_sure_of_its_words_goes_up_where_it_told_how_sure_it_was(
    told: object, by: str, *, stream: bool
) -> None:
    async def life(place: Town) -> None:
        asked = {"logprobs": True, "top_logprobs": 2}
        assert await by_openai(place, stream=stream, **asked) == by
        assert entries(place)[0].attempts[0].flaw == ("unsure" if by == "strong" else "")

    held = {"when": ["unsure"], "hold": True}
    lived(says("weak", told), says("strong", SURE), life, escalate=held)


@pytest.mark.parametrize("asked", [by_openai, by_anthropic])
def test_the_owners_function_sends_an_answer_up(asked: Callable[..., Awaitable[str]]) -> None:
    async def life(place: Town) -> None:
        assert await asked(place, stream=False) == "a longer answer"
        first, second = entries(place)[0].attempts
        assert (first.flaw, second.flaw) == (LENGTH, "")

    lived(says("hm"), says("a longer answer"), life, escalate={"when": [LENGTH]})


def test_a_function_that_is_stuck_or_fails_harms_nobody() -> None:
    async def life(place: Town) -> None:
        judging.LET_GO.clear()
        assert await by_openai(place, stream=False) == "hm"
        judging.LET_GO.set()

    names = ["support.judging:failing", "support.judging:stuck", "support.judging:wordy"]
    lived(says("hm"), says("better"), life, escalate={"when": names})


def test_what_comes_again_under_one_key_gets_the_same_answer() -> None:
    async def life(place: Town) -> None:
        body = {"model": "auto", "messages": [TURN]}
        async with httpx2.AsyncClient(headers={"idempotency-key": "k1"}) as client:
            url = f"{place.url}/v1/chat/completions"
            one, two = [await client.post(url, json=body) for _ in range(2)]
        assert one.content == two.content
        assert b"Graz" in one.content
        assert [len(house.bodies) for house in place.houses.values()] == [1, 1]

    lived(says(""), says("Graz"), life)


def test_it_can_be_switched_off() -> None:
    async def life(place: Town) -> None:
        assert await by_openai(place, stream=False) == ""
        assert [len(house.bodies) for house in place.houses.values()] == [1, 0]

    lived(says(""), says("Graz"), life, escalate="off")
