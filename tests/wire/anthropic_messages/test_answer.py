import json

import pytest
from anthropic.types import Message
from hypothesis import example, given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamBusy, UpstreamError, UpstreamGarbled
from switchgear.domain.event import (
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages import TONGUE

USAGE = Usage(input=Tokens(9), cached=Tokens(4), cache_written=Tokens(2), output=Tokens(3))
EVENTS = (
    Opened(id="msg_1", model="m", usage=USAGE),
    ThinkingDelta("hm"),
    ThinkingSigned("sig", origin=Dialect.ANTHROPIC_MESSAGES),
    ThinkingSigned("", redacted="dark", origin=Dialect.ANTHROPIC_MESSAGES),
    TextDelta("hello"),
    ToolStarted(index=0, id="t1", name="f"),
    ToolDelta(index=0, json='{"a":1.50}'),
    ToolStarted(index=1, id="t2", name="g"),
    Finished(stop=Stop.TOOL_USE, usage=USAGE),
)


def test_an_answer_is_the_same_after_writing_and_reading() -> None:
    assert TONGUE.read_whole(TONGUE.write_whole("sg_1", EVENTS)) == EVENTS


def test_the_official_client_takes_a_whole_answer() -> None:
    raw = TONGUE.write_whole("sg_1", EVENTS)
    message = Message.model_validate(json.loads(raw), strict=True)
    assert [block.type for block in message.content] == [
        "thinking",
        "redacted_thinking",
        "text",
        "tool_use",
        "tool_use",
    ]
    assert (message.usage.input_tokens, message.stop_reason) == (3, "tool_use")


def test_words_that_follow_one_another_are_one_block() -> None:
    events = (TextDelta("a"), RefusalDelta("b"), TextDelta(""), Finished(stop=Stop.END))
    found = json.loads(TONGUE.write_whole("sg_1", events))
    assert found["content"] == [{"type": "text", "text": "ab"}]
    assert (found["id"], found["stop_reason"]) == ("msg_sg_1", "refusal")


def test_an_empty_answer_has_no_block() -> None:
    found = json.loads(TONGUE.write_whole("sg_1", (TextDelta(""), Finished(stop=Stop.LENGTH))))
    assert (found["content"], found["stop_reason"]) == ([], "max_tokens")


@given(st.binary(max_size=60))
@example(b"<html>busy</html>")
@example(b'{"object":"chat.completion"}')
@example(b'{"type":"message"}')
@example(b'{"type":"message","content":' + b"[" * 9000)
def test_what_is_no_answer_is_garbled(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        TONGUE.read_whole(raw)


@given(st.dictionaries(st.sampled_from(("content", "usage", "id")), st.none() | st.text()))
def test_an_answer_of_wrong_types_is_the_upstreams_fault(fields: dict[str, object]) -> None:
    with pytest.raises(UpstreamError):
        TONGUE.read_whole(json.dumps({"type": "message", **fields}).encode())


def test_an_error_body_with_a_good_status_is_an_error() -> None:
    raw = b'{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}'
    with pytest.raises(UpstreamBusy):
        TONGUE.read_whole(raw)


def test_blocks_that_are_not_read_are_passed_over() -> None:
    blocks = [{"type": "server_tool_use", "id": "x", "name": "n", "input": {}}]
    raw = json.dumps({"type": "message", "content": blocks, "stop_reason": "new_one"})
    assert TONGUE.read_whole(raw.encode()) == (
        Opened(id="", model=""),
        Finished(stop=Stop.OTHER),
    )
