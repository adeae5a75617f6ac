"""Rates over sockets: what callers are told, what nodes share, and what providers are spared."""

import asyncio
import json

import anthropic
import httpx2
import openai
import pytest

from support.redis import Server
from support.town import Respond, Town, lived, town
from switchgear.domain.dialect import Dialect

SECRET = "sk-limited-caller"
TURN = {"role": "user", "content": "hi"}
ANSWER = json.dumps({
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "ho"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
}).encode()  # fmt: skip
HEAD = b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n"


class Strict:
    """A provider that takes so many requests in each window, and says what is left."""

    def __init__(self, limit: int, span: float) -> None:
        self.limit = limit
        self.span = span
        self.answered = self.refused = 0
        self._left = limit
        self._until = 0.0

    def respond(self) -> Respond:
        async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
            now = asyncio.get_running_loop().time()
            if now >= self._until:
                self._left, self._until = self.limit, now + self.span
            taken = self._left > 0
            self._left -= taken
            self.answered += taken
            self.refused += not taken
            await asyncio.sleep(0.005)
            reset = round((self._until - now) * 1000) + 1
            told = (
                b"x-ratelimit-limit-requests: %d\r\nx-ratelimit-remaining-requests: %d\r\n"
                b"x-ratelimit-reset-requests: %dms\r\n" % (self.limit, self._left, reset)
            )
            body = ANSWER if taken else b'{"error": {"message": "slow down", "type": "x"}}'
            writer.write(HEAD % (200 if taken else 429, len(body), told) + body)

        return respond


def limited(**limits: int) -> dict[str, object]:
    return {"keys": [{"id": "k1", "secret": SECRET, "limits": limits}]}


def plain() -> Respond:
    return Strict(1_000_000, 1.0).respond()


def test_both_sdks_read_what_is_left_of_the_callers_limits() -> None:
    config = limited(requests_per_minute=100, tokens_per_minute=100_000)
    with lived(town({"a": (Dialect.OPENAI_CHAT, plain())}, config)) as there:
        with openai.OpenAI(base_url=f"{there.url}/v1", api_key=SECRET, max_retries=0) as chat:
            one = chat.chat.completions.with_raw_response.create(
                model="a", messages=[{"role": "user", "content": "hi"}]
            )
        assert one.headers["x-ratelimit-limit-requests"] == "100"
        assert one.headers["x-ratelimit-remaining-requests"] == "99"
        assert one.headers["x-ratelimit-reset-requests"] == "600ms"
        assert one.headers["x-ratelimit-limit-tokens"] == "100000"
        assert one.parse().choices[0].message.content == "ho"
        with anthropic.Anthropic(base_url=there.url, api_key=SECRET, max_retries=0) as messages:
            other = messages.messages.with_raw_response.create(
                model="a", max_tokens=50, messages=[{"role": "user", "content": "hi"}]
            )
        assert other.headers["anthropic-ratelimit-requests-limit"] == "100"
        assert other.headers["anthropic-ratelimit-requests-remaining"] == "98"
        assert other.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
        assert int(other.headers["anthropic-ratelimit-tokens-remaining"]) > 99_000
        assert "x-ratelimit-limit-requests" not in other.headers


def test_who_is_over_its_limit_gets_429_in_its_dialect_and_whole_seconds_to_wait() -> None:
    with lived(
        town({"a": (Dialect.OPENAI_CHAT, plain())}, limited(requests_per_minute=2))
    ) as there:
        with openai.OpenAI(base_url=f"{there.url}/v1", api_key=SECRET, max_retries=0) as chat:
            for _ in range(2):
                chat.chat.completions.create(
                    model="a", messages=[{"role": "user", "content": "hi"}]
                )
            with pytest.raises(openai.RateLimitError) as told:
                chat.chat.completions.create(
                    model="a", messages=[{"role": "user", "content": "hi"}]
                )
        answer = told.value.response
        assert told.value.code == "rate_limited"
        assert answer.headers["retry-after"] == "30"
        assert answer.headers["x-should-retry"] == "true"
        assert answer.headers["x-ratelimit-remaining-requests"] == "0"
        with (
            anthropic.Anthropic(base_url=there.url, api_key=SECRET, max_retries=0) as messages,
            pytest.raises(anthropic.RateLimitError, match="2 requests a minute"),
        ):
            messages.messages.create(
                model="a", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
            )


def test_a_provider_with_a_hard_limit_is_spared_what_it_would_refuse() -> None:
    strict = Strict(limit=10, span=0.5)
    found: list[int] = []

    async def life() -> None:
        async with (
            town({"a": (Dialect.OPENAI_CHAT, strict.respond())}) as there,
            httpx2.AsyncClient(timeout=30.0) as client,
        ):
            assert await _ask(there, client=client) == 200  # it tells us its limit
            asked = [_ask(there, client=client) for _ in range(30)]
            found.extend(await asyncio.gather(*asked))

    asyncio.run(life())
    assert found == [200] * 30
    assert strict.answered == 31
    assert strict.refused <= 1


def test_nodes_that_share_a_redis_share_their_limits_and_go_on_without_it(
    redis_server: Server, redis_url: str
) -> None:
    config = {**limited(requests_per_minute=4), "redis": {"url": redis_url}}
    places = {"a": (Dialect.OPENAI_CHAT, plain())}

    async def life() -> None:
        async with (
            town(places, config) as one,
            town(places, config) as other,
            httpx2.AsyncClient(timeout=30.0) as client,
        ):
            found = [await _ask(each, client=client, secret=SECRET) for each in (one, other) * 3]
            assert found == [200] * 4 + [429] * 2
            redis_server.stop()
            assert await _ask(one, client=client, secret=SECRET) == 200

    try:
        asyncio.run(life())
    finally:
        redis_server.start()


async def _ask(there: Town, *, client: httpx2.AsyncClient, secret: str = "") -> int:
    answer = await client.post(
        f"{there.url}/v1/chat/completions",
        json={"model": "a", "messages": [TURN]},
        headers={"authorization": f"Bearer {secret}"} if secret else {},
    )
    return answer.status_code
