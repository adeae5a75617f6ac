"""The service tier that was asked for, and that an answer was served in, is read on every wire."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import SERVICES, Finished, Usage
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages.tally import Tally, write_usage
from switchgear.wire.bedrock_converse.word import Counted, Served
from switchgear.wire.gemini.finish import Counted as GeminiCounted
from switchgear.wire.registry import TONGUES
from switchgear.wire.service import read_tier

WORDS = [{"role": "user", "content": "Hi."}]
PARTS = [{"role": "user", "parts": [{"text": "Hi."}]}]
BLOCKS = [{"role": "user", "content": [{"text": "Hi."}]}]
ASKED: list[tuple[Dialect, dict[str, object], str]] = [
    (Dialect.OPENAI_CHAT, {"model": "m", "messages": WORDS, "service_tier": "flex"}, "flex"),
    (Dialect.OPENAI_CHAT, {"model": "m", "messages": WORDS, "service_tier": "auto"}, ""),
    (Dialect.OPENAI_CHAT, {"model": "m", "messages": WORDS, "service_tier": 7}, ""),
    (
        Dialect.OPENAI_RESPONSES,
        {"model": "m", "input": "Hi.", "service_tier": "priority"},
        "priority",
    ),
    (
        Dialect.ANTHROPIC_MESSAGES,
        {"model": "m", "max_tokens": 9, "messages": WORDS, "speed": "fast"},
        "fast",
    ),
    (
        Dialect.ANTHROPIC_MESSAGES,
        {"model": "m", "max_tokens": 9, "messages": WORDS, "service_tier": "auto"},
        "",
    ),
    (Dialect.GEMINI, {"contents": PARTS, "serviceTier": "FLEX"}, "flex"),
    (Dialect.BEDROCK_CONVERSE, {"messages": BLOCKS, "serviceTier": {"type": "flex"}}, "flex"),
    (Dialect.BEDROCK_CONVERSE, {"messages": BLOCKS, "serviceTier": "flex"}, "flex"),
]
CHUNK = b'data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]%s}\n\n'
ENDED = (
    b'data: {"id":"a","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\ndata: [DONE]\n\n'
)


@pytest.mark.parametrize(("dialect", "request_body", "tier"), ASKED)
def test_what_a_call_asks_for_is_read(
    dialect: Dialect, request_body: dict[str, object], tier: str
) -> None:
    body = TONGUES[dialect].parse(msgspec.json.encode(request_body))
    assert body.conversation.service == tier


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text())))
def test_whatever_is_said_comes_to_a_tier_or_to_none(said: object) -> None:
    assert read_tier(said) in SERVICES | {""}


def test_a_chat_stream_tells_its_tier_in_any_of_its_chunks() -> None:
    tap = TONGUES[Dialect.OPENAI_CHAT].tap([])
    pieces = tap.feed(CHUNK % b',"service_tier":"priority"') + tap.feed(ENDED)
    usage = _used([event for piece in pieces for event in piece.seen])
    assert (usage.input, usage.service) == (3, "priority")


def test_a_whole_chat_answer_tells_its_tier() -> None:
    answer = {
        "id": "a",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "Hi"},
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
        "service_tier": "flex",
    }
    events = TONGUES[Dialect.OPENAI_CHAT].read_whole(msgspec.json.encode(answer))
    assert _used(list(events)).service == "flex"


def test_a_response_tells_its_tier() -> None:
    answer = {
        "id": "a",
        "model": "m",
        "status": "completed",
        "output": [],
        "usage": {"input_tokens": 3, "output_tokens": 1},
        "service_tier": "flex",
    }
    events = TONGUES[Dialect.OPENAI_RESPONSES].read_whole(msgspec.json.encode(answer))
    assert _used(list(events)).service == "flex"


def test_anthropic_tells_what_is_kept_for_an_hour_and_how_fast_it_was() -> None:
    told = (
        b'{"input_tokens":5,"cache_creation_input_tokens":70,"output_tokens":2,"speed":"fast",'
        b'"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40},'
        b'"service_tier":"standard"}'
    )
    usage = msgspec.json.decode(told, type=Tally).usage()
    assert (usage.input, usage.cache_written, usage.cache_written_1h) == (75, 70, 40)
    assert usage.service == "fast"
    assert write_usage(usage)["cache_creation"] == {
        "ephemeral_5m_input_tokens": 30,
        "ephemeral_1h_input_tokens": 40,
    }


def test_anthropics_batches_are_a_tier() -> None:
    assert msgspec.json.decode(b'{"service_tier":"batch"}', type=Tally).usage().service == "batch"


def test_bedrock_tells_what_is_kept_for_an_hour_and_its_tier() -> None:
    told = (
        b'{"inputTokens":5,"outputTokens":2,"cacheWriteInputTokens":70,'
        b'"cacheDetails":[{"inputTokens":30,"ttl":"5m"},{"inputTokens":40,"ttl":"1h"}]}'
    )
    usage = msgspec.json.decode(told, type=Counted).usage(Served(type="flex"))
    assert (usage.cache_written_1h, usage.service) == (40, "flex")


@pytest.mark.parametrize(
    ("told", "tier"),
    [
        ({"serviceTier": "PRIORITY"}, "priority"),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex"),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, ""),
    ],
)
def test_google_tells_its_tier_in_either_word(told: dict[str, str], tier: str) -> None:
    counts = {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 5}
    usage = msgspec.convert({**counts, **told}, GeminiCounted).usage()
    assert (usage.output, usage.reasoning, usage.service) == (7, 5, tier)


def _used(events: list[object]) -> Usage:
    (end,) = [event for event in events if isinstance(event, Finished)]
    assert end.usage is not None
    assert end.usage.input == Tokens(3)
    return end.usage
