import json
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic
from anthropic.types import Message
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.event import (
    Event,
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
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages import TONGUE

ASKED = Conversation(model="asked", turns=(Turn(Role.USER, (Text("hi"),)),))
COUNTED = Usage(
    input=Tokens(20),
    cached=Tokens(5),
    cache_written=Tokens(3),
    output=Tokens(8),
    reasoning=Tokens(2),
)
OPENED = Opened(id="msg_7", model="m")
DONE = Finished(stop=Stop.END, usage=COUNTED)
FIRST, SECOND = ToolStarted(index=0, id="a", name="f"), ToolStarted(index=1, id="b", name="g")


def stream(events: Sequence[Event], sizes: Sequence[int] = ()) -> bytes:
    """Write the events in batches of these sizes, the rest one by one."""
    writer, out, left = TONGUE.stream_writer("sg_1", ASKED), b"", list(events)
    for size in [*sizes, *[1] * len(left)]:
        out += writer.write(left[:size])
        left = left[size:]
    return out


def told(raw: bytes) -> list[dict[str, Any]]:
    """Read the frames, seeing to it that each is named as what it holds."""
    found = []
    for frame in raw.decode().split("\n\n")[:-1]:
        name, _, data = frame.partition("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == "event: " + found[-1]["type"]
    return found


def by_sdk(raw: bytes) -> Message:
    """Put the stream together as the official client does."""
    answer = httpx2.Response(200, content=raw, headers={"content-type": "text/event-stream"})
    transport = httpx2.MockTransport(lambda _: answer)
    with (
        httpx2.Client(transport=transport) as http,
        Anthropic(api_key="k", base_url="http://sim", http_client=http) as client,
        client.messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}]
        ) as answered,
    ):
        return answered.get_final_message()


TOOL_EVENTS = st.builds(
    lambda index, json: ToolDelta(index=index, json=json),
    st.integers(0, 2),
    st.sampled_from(('{"a":', '"b"}', "{}", "1")),
)
STARTS = st.builds(
    lambda index: ToolStarted(index=index, id=f"t{index}", name="f"), st.integers(0, 2)
)
ANY = st.one_of(
    st.builds(TextDelta, st.text("aé\n", min_size=1, max_size=3)),
    st.builds(ThinkingDelta, st.text("aé", min_size=1, max_size=3)),
    st.just(ThinkingSigned("sig")),
    st.just(ThinkingSigned("", redacted="x")),
    TOOL_EVENTS,
    STARTS,
)


@given(st.lists(ANY, max_size=20), st.lists(st.integers(1, 5), max_size=5))
def test_whatever_comes_blocks_open_and_close_one_after_the_other(
    events: list[Event], sizes: list[int]
) -> None:
    frames = told(stream([OPENED, *events, DONE], sizes))
    assert [frame["type"] for frame in frames[-2:]] == ["message_delta", "message_stop"]
    opened, index = False, -1
    for frame in frames[1:-2]:
        if frame["type"] == "content_block_start":
            assert not opened
            opened, index = True, index + 1
        assert opened
        assert frame["index"] == index
        opened = frame["type"] != "content_block_stop"
    assert not opened


@given(st.lists(ANY, max_size=20), st.lists(st.integers(1, 5), max_size=5))
def test_the_batches_change_nothing(events: list[Event], sizes: list[int]) -> None:
    every = [OPENED, *events, DONE]
    assert stream(every, sizes) == stream(every)


@given(st.lists(ANY, max_size=20))
def test_read_again_each_kind_says_what_it_said(events: list[Event]) -> None:
    tap = TONGUE.tap(())
    pieces = tap.feed(stream([OPENED, *events, DONE])) + tap.end()
    again = [event for piece in pieces for event in piece.seen]
    for kind in (TextDelta, ThinkingDelta):
        assert words(again, kind) == words(events, kind)
    for index in range(3):
        came, went = arguments(events, index), arguments(again, index)
        if came != went:  # only what follows a whole object may be left out
            assert came is not None
            assert went is not None
            assert is_object(went[1])
            assert came[1].startswith(went[1])
    assert pieces[-1].seen[-1].usage == COUNTED  # type: ignore[union-attr]  # the last is Finished


def words(events: Sequence[Event], kind: type[TextDelta] | type[ThinkingDelta]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def arguments(events: Sequence[Event], place: int) -> tuple[str, str] | None:
    """Return the id and the arguments of the tool that was started as the ``place``-th."""
    started = dict.fromkeys(e.index for e in events if isinstance(e, ToolStarted))
    index = dict(enumerate(started)).get(place)
    if index is None:
        return None
    names = [e.id for e in events if isinstance(e, ToolStarted) and e.index == index]
    known, found = False, ""
    for event in events:
        known |= isinstance(event, ToolStarted) and event.index == index
        if known and isinstance(event, ToolDelta) and event.index == index:
            found += event.json
    return names[0], found


def is_object(text: str) -> bool:
    """Say whether nothing but blanks could follow."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def test_the_official_client_reads_it() -> None:
    message = by_sdk(
        stream(
            [
                OPENED,
                ThinkingDelta("hm"),
                ThinkingSigned("sig"),
                ThinkingSigned("", redacted="dark"),
                TextDelta("hé"),
                TextDelta("llo"),
                FIRST,
                SECOND,
                ToolDelta(index=1, json='{"b":'),
                ToolDelta(index=0, json='{"a":'),
                ToolDelta(index=1, json="2}"),
                ToolDelta(index=0, json="1}"),
                DONE,
            ]
        )
    )
    assert [block.model_dump(exclude_none=True) for block in message.content] == [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "dark"},
        {"type": "text", "text": "héllo"},
        {"type": "tool_use", "id": "a", "name": "f", "input": {"a": 1}},
        {"type": "tool_use", "id": "b", "name": "g", "input": {"b": 2}},
    ]
    assert (message.id, message.model, message.stop_reason) == ("msg_7", "m", "tool_use")
    assert message.usage.input_tokens == 12
    assert message.usage.cache_read_input_tokens == 5
    assert message.usage.cache_creation_input_tokens == 3
    assert message.usage.output_tokens == 8


def test_words_are_passed_on_as_they_come() -> None:
    writer = TONGUE.stream_writer("sg_1", ASKED)
    writer.write([OPENED, TextDelta("a")])
    assert told(writer.write([TextDelta("b")])) == [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "b"},
        }
    ]


def test_a_second_tool_waits_only_until_the_first_is_whole() -> None:
    writer = TONGUE.stream_writer("sg_1", ASKED)
    writer.write([OPENED, FIRST, ToolDelta(index=0, json='{"a":{}')])
    assert writer.write([SECOND, ToolDelta(index=1, json="{")]) == b""
    kinds = [frame["type"] for frame in told(writer.write([ToolDelta(index=0, json="}")]))]
    assert kinds == [
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
    ]
    assert told(writer.write([ToolDelta(index=1, json="}")]))[0]["index"] == 1


def test_a_refusal_is_told_as_words_and_as_the_reason() -> None:
    message = by_sdk(stream([OPENED, RefusalDelta("no"), DONE]))
    assert message.stop_reason == "refusal"
    assert message.content[0].type == "text"


@pytest.mark.parametrize("given", ["chatcmpl-1", ""])
def test_a_foreign_id_becomes_one_of_this_api(given: str) -> None:
    [start, *_] = told(stream([Opened(id=given, model=""), DONE]))
    assert start["message"]["id"] == "msg_" + (given or "sg_1")
    assert start["message"]["model"] == "asked"


def test_an_answer_that_only_ends_is_still_a_whole_stream() -> None:
    message = by_sdk(stream([Finished(stop=Stop.STOP_SEQUENCE, stop_sequence="#")]))
    assert (message.stop_reason, message.stop_sequence, message.content) == (
        "stop_sequence",
        "#",
        [],
    )
