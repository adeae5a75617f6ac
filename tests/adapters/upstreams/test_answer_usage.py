import json

import pytest

from support.cast import target
from support.provider import Visit, finish, on_both_loops, staged
from switchgear.domain.dialect import Dialect
from switchgear.ports.upstream import Order
from switchgear.wire.registry import TONGUES

CHUNK = (
    b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
)
USAGE = b'data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n'
DONE = b"data: [DONE]\n\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
OPTIONS = b',"stream_options":{"include_usage":true}'


@pytest.mark.parametrize(
    ("options", "passed"), [(b"", [CHUNK, DONE]), (OPTIONS, [CHUNK, USAGE, DONE])]
)
def test_usage_is_always_asked_for_and_passed_on_only_to_a_caller_who_asked_too(
    options: bytes, passed: list[bytes]
) -> None:
    asked: list[object] = []

    async def play(visit: Visit) -> None:
        request = await visit.request()
        asked.append(json.loads(request.partition(b"\r\n\r\n")[2])["stream_options"])
        body = CHUNK + USAGE + DONE
        await visit.say(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body)

    async def life() -> None:
        raw = b'{"model":"a","stream":true,"messages":[{"role":"user","content":"x"}]%b}' % options
        body = TONGUES[Dialect.OPENAI_CHAT].parse(raw)
        async with staged(play, tongues=TONGUES) as (upstream, _):
            found = await finish(upstream.begin(Order(target=target("m"), body=body)))
            assert b"".join(found) == b"".join(passed)

    on_both_loops(life)
    assert asked == [{"include_usage": True}] * len(asked)
    assert asked
