"""The same call twice, from the official clients to real sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import anthropic
import httpx2
import msgspec
import openai
import pytest

from support.gateway import CHAT as CHAT_ANSWER
from support.gateway import MESSAGE, chat_frames, message_frames
from support.spoken import SPOKEN
from support.town import Respond, Town, saying, streaming, target, town
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End, Entry

PATHS = {Dialect.OPENAI_CHAT: "/v1/chat/completions", Dialect.ANTHROPIC_MESSAGES: "/v1/messages"}
ANSWERS: dict[Dialect, tuple[bytes, list[bytes]]] = {
    Dialect.OPENAI_CHAT: (CHAT_ANSWER, chat_frames()),
    Dialect.ANTHROPIC_MESSAGES: (MESSAGE, message_frames()),
}
KEY = {"Idempotency-Key": "job 7/1"}
TURN: Any = {"role": "user", "content": "hi"}
Life = Callable[[Town], Awaitable[None]]


def body(**more: object) -> bytes:
    plain = {"model": "auto", "max_tokens": 9, "messages": [TURN]}
    return msgspec.json.encode({**plain, **more})


async def post(place: Town, path: str, content: bytes, key: bytes = b"k") -> httpx2.Response:
    headers = [(b"content-type", b"application/json"), (b"idempotency-key", key)]
    async with httpx2.AsyncClient(timeout=20) as client:
        return await client.post(place.url + path, content=content, headers=headers)


def entries(place: Town) -> list[Entry]:
    return list(place.running.house.outside.ledger.entries.values())  # type: ignore[attr-defined]  # the one in memory


def connections(place: Town) -> int:
    """How many are open to the provider."""
    return sum(bool(line.pool.open) for line in place.running._upstreams.http._lines.values())


def readers(place: Town) -> int:
    return sum(len(each._readers) for each in place.running.house.answers._running.values())


def lived(dialect: Dialect, respond: Respond, life: Life, **config: Any) -> None:
    async def whole() -> None:
        async with town({"sim": (dialect, respond)}, config) as place:
            await life(place)

    asyncio.run(whole())


def responding(dialect: Dialect, *, stream: bool) -> Respond:
    whole, frames = ANSWERS[dialect]
    return streaming(*frames, pause=0.01) if stream else saying(whole)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("asked", SPOKEN)
@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_call_that_comes_again_gets_the_same_bytes(
    asked: Dialect,
    spoken: Dialect,
    stream: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    async def life(place: Town) -> None:
        raw = body(stream=stream)
        first, second = await asyncio.gather(*(post(place, PATHS[asked], raw) for _ in range(2)))
        third = await post(place, PATHS[asked], raw)
        assert first.status_code == 200
        assert first.content == second.content == third.content
        assert len(place.houses["sim"].bodies) == 1
        ids = {each.headers["x-switchgear-decision"] for each in (first, second, third)}
        assert len(ids) == 3
        assert {each.id for each in entries(place)} == ids
        told = [each.headers.get("x-switchgear-replayed") for each in (first, second, third)]
        assert sorted(str(each) for each in told) == ["None", "true", "true"]
        assert {each.headers["x-switchgear-target"] for each in (first, third)} == {"sim"}
        assert [each.end for each in entries(place)] == [End.ANSWERED] * 3
        assert sum(len(each.attempts) for each in entries(place)) == 1

    lived(spoken, responding(spoken, stream=stream), life)


def test_openais_client_may_ask_twice_at_once() -> None:
    async def life(place: Town) -> None:
        async with openai.AsyncOpenAI(base_url=f"{place.url}/v1", api_key="k") as client:

            async def ask() -> str:
                found = await client.chat.completions.create(
                    model="auto", messages=[TURN], extra_headers=KEY
                )
                return found.choices[0].message.content or ""

            assert set(await asyncio.gather(ask(), ask())) == {"Hello"}
            assert len(place.houses["sim"].bodies) == 1

    lived(Dialect.OPENAI_CHAT, responding(Dialect.OPENAI_CHAT, stream=False), life)


def test_openais_client_may_stream_twice_at_once() -> None:
    async def life(place: Town) -> None:
        async with openai.AsyncOpenAI(base_url=f"{place.url}/v1", api_key="k") as client:

            async def ask() -> str:
                stream = await client.chat.completions.create(
                    model="auto", messages=[TURN], stream=True, extra_headers=KEY
                )
                return "".join(
                    [
                        chunk.choices[0].delta.content or ""
                        async for chunk in stream
                        if chunk.choices
                    ]
                )

            assert set(await asyncio.gather(ask(), ask())) == {"Hello"}
            assert len(place.houses["sim"].bodies) == 1

    lived(Dialect.OPENAI_CHAT, responding(Dialect.OPENAI_CHAT, stream=True), life)


def test_anthropics_client_may_stream_twice_at_once() -> None:
    async def life(place: Town) -> None:
        async with anthropic.AsyncAnthropic(base_url=place.url, api_key="k") as client:

            async def ask() -> str:
                async with client.messages.stream(
                    model="auto", max_tokens=9, messages=[TURN], extra_headers=KEY
                ) as stream:
                    return "".join([text async for text in stream.text_stream])

            assert set(await asyncio.gather(ask(), ask())) == {"Hello"}
            assert len(place.houses["sim"].bodies) == 1

    lived(Dialect.ANTHROPIC_MESSAGES, responding(Dialect.ANTHROPIC_MESSAGES, stream=True), life)


def test_the_client_that_goes_away_takes_nobody_along_and_the_last_one_the_target() -> None:
    frames = chat_frames()[:2]

    async def until(true: Callable[[], bool]) -> None:
        while not true():  # noqa: ASYNC110  (what is waited for is on the other side of a socket)
            await asyncio.sleep(0.005)

    async def life(place: Town) -> None:
        path, raw = PATHS[Dialect.OPENAI_CHAT], body(stream=True)
        first = asyncio.ensure_future(post(place, path, raw))
        await until(lambda: len(place.houses["sim"].bodies) == 1)
        second = asyncio.ensure_future(post(place, path, raw))
        await until(lambda: readers(place) == 2)
        first.cancel()
        await until(lambda: len(entries(place)) == 1)
        assert connections(place) == 1
        second.cancel()
        async with asyncio.timeout(5):
            await until(lambda: connections(place) == 0)
            await until(lambda: len(entries(place)) == 2)
        assert [each.end for each in entries(place)] == [End.LEFT, End.LEFT]
        assert len(place.houses["sim"].bodies) == 1

    lived(Dialect.OPENAI_CHAT, streaming(*frames, end=False), life)


@pytest.mark.parametrize("asked", SPOKEN)
@pytest.mark.parametrize("helper", SPOKEN)
def test_an_answer_that_another_target_goes_on_with_is_the_same_for_both(
    asked: Dialect, helper: Dialect
) -> None:
    async def life() -> None:
        cut = streaming(*chat_frames()[:2], pause=0.02)
        places = {
            "first": (Dialect.OPENAI_CHAT, cut),
            "second": (helper, streaming(*ANSWERS[helper][1], pause=0.01)),
        }
        targets = {
            "first": target("first"),
            "second": target("second", price={"input_usd": 9, "output_usd": 9}),
        }
        async with town(places, {"targets": targets}) as place:
            raw = body(stream=True)
            found = await asyncio.gather(*(post(place, PATHS[asked], raw) for _ in range(2)))
            found.append(await post(place, PATHS[asked], raw))
            assert len({each.content for each in found}) == 1
            assert b"error" not in found[0].content
            assert len(place.houses["first"].bodies) == len(place.houses["second"].bodies) == 1
            assert [each.end for each in entries(place)] == [End.ANSWERED] * 3

    asyncio.run(life())


def test_a_key_that_came_with_another_body_is_refused_with_a_clear_word() -> None:
    async def life(place: Town) -> None:
        path = PATHS[Dialect.OPENAI_CHAT]
        await post(place, path, body())
        answer = await post(place, path, body(temperature=0.5))
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "idempotency_mismatch"
        assert "new key" in answer.json()["error"]["message"]
        assert answer.headers["x-should-retry"] == "false"
        assert len(place.houses["sim"].bodies) == 1

    lived(Dialect.OPENAI_CHAT, responding(Dialect.OPENAI_CHAT, stream=False), life)


@pytest.mark.parametrize("key", [b"k" * 256, b"k\xe9"])
def test_a_key_that_is_none_is_refused(key: bytes) -> None:
    async def life(place: Town) -> None:
        answer = await post(place, PATHS[Dialect.OPENAI_CHAT], body(), key)
        assert answer.status_code == 400
        assert "idempotency-key" in answer.json()["error"]["message"]
        assert not place.houses["sim"].bodies
        assert entries(place)[0].status == 400

    lived(Dialect.OPENAI_CHAT, responding(Dialect.OPENAI_CHAT, stream=False), life)


def test_a_count_knows_no_keys() -> None:
    async def life(place: Town) -> None:
        for _ in range(2):
            answer = await post(place, "/v1/messages/count_tokens", body())
            assert answer.status_code == 200
            assert "x-switchgear-replayed" not in answer.headers

    lived(Dialect.OPENAI_CHAT, responding(Dialect.OPENAI_CHAT, stream=False), life)
