import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import (
    ContextTooLong,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamRejected,
)
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
from switchgear.domain.piece import Piece
from switchgear.domain.units import Tokens
from switchgear.wire.anthropic_messages import TONGUE
from switchgear.wire.anthropic_messages.tap import MAX_BROKEN
from switchgear.wire.sse import MAX_PARSED


def frame(kind: str, **fields: object) -> bytes:
    data = json.dumps({"type": kind, **fields})
    return f"event: {kind}\ndata: {data}\n\n".encode()


def begin(index: int, **block: object) -> bytes:
    return frame("content_block_start", index=index, content_block=block)


def delta(index: int, **fields: object) -> bytes:
    return frame("content_block_delta", index=index, delta=fields)


def text(words: str) -> bytes:
    return delta(0, type="text_delta", text=words)


USAGE = {"input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 1}
OPEN = frame("message_start", message={"id": "msg_1", "model": "m", "usage": USAGE})
PING = frame("ping")
END = frame(
    "message_delta",
    delta={"stop_reason": "tool_use", "stop_sequence": None},
    usage={"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 9}},
)
STOP = frame("message_stop")
BROKEN = b"event: content_block_delta\ndata: {oops\n\n"
FRAMES = (
    OPEN,
    begin(0, type="thinking", thinking="", signature=""),
    PING,
    delta(0, type="thinking_delta", thinking="hm"),
    delta(0, type="signature_delta", signature="sig"),
    frame("content_block_stop", index=0),
    begin(1, type="redacted_thinking", data="xyz"),
    begin(2, type="text", text=""),
    delta(2, type="text_delta", text="héllo"),
    b": comment\n\n",
    begin(3, type="server_tool_use", id="s", name="web_search", input={}),
    delta(3, type="input_json_delta", partial_json='{"q":1}'),
    begin(4, type="tool_use", id="t1", name="f", input={}),
    delta(4, type="input_json_delta", partial_json=""),
    delta(4, type="input_json_delta", partial_json='{"a":'),
    delta(4, type="input_json_delta", partial_json="1}"),
    begin(5, type="tool_use", id="t2", name="g", input={"b": 2}),
    frame("brand_new", anything=1),
    END,
    STOP,
)
EVENTS: tuple[Event, ...] = (
    Opened(
        id="msg_1", model="m", usage=Usage(input=Tokens(12), cached=Tokens(7), output=Tokens(1))
    ),
    ThinkingDelta("hm"),
    ThinkingSigned("sig", origin=Dialect.ANTHROPIC_MESSAGES),
    ThinkingSigned("", redacted="xyz", origin=Dialect.ANTHROPIC_MESSAGES),
    TextDelta("héllo"),
    ToolStarted(index=0, id="t1", name="f"),
    ToolDelta(index=0, json='{"a":'),
    ToolDelta(index=0, json="1}"),
    ToolStarted(index=1, id="t2", name="g"),
    ToolDelta(index=1, json='{"b": 2}'),
    Finished(
        stop=Stop.TOOL_USE,
        usage=Usage(input=Tokens(12), cached=Tokens(7), output=Tokens(40), reasoning=Tokens(9)),
    ),
)


def drink(chunks: Sequence[bytes]) -> list[Piece]:
    tap = TONGUE.tap(())
    pieces = [piece for chunk in chunks for piece in tap.feed(chunk)]
    return pieces + tap.end()


def cut(stream: bytes, places: Sequence[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(ends)]


def seen(pieces: Sequence[Piece]) -> tuple[Event, ...]:
    return tuple(event for piece in pieces for event in piece.seen)


@given(st.lists(st.integers(0, 1 << 16), max_size=12), st.sampled_from((b"\n", b"\r\n")))
def test_however_the_bytes_are_cut_the_events_and_the_bytes_are_the_same(
    places: list[int], line_end: bytes
) -> None:
    stream = b"".join(FRAMES).replace(b"\n", line_end)
    pieces = drink(cut(stream, places))
    assert seen(pieces) == EVENTS
    assert b"".join(piece.raw or b"" for piece in pieces) == stream
    assert pieces[-1].seen == EVENTS[-1:]
    assert pieces[-1].raw == STOP.replace(b"\n", line_end)
    assert not any(piece.finish for piece in pieces[:-1])


def test_the_frames_of_one_chunk_are_one_piece_and_the_terminal_frame_is_its_own() -> None:
    assert len(drink([b"".join(FRAMES)])) == 2


@given(st.lists(st.binary(max_size=60)))
@example([b"data: " + b"[" * 9000 + b"\n\n"])
@example([b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":3}}\n\n'])
@example([b'data: {"type":"message_start","message":null}\n\n'])
@example([b'data: {"type":"content_block_start","content_block":{"type":"tool_use"}}\n\n', STOP])
def test_any_bytes_are_read_or_refused_as_the_upstreams_fault(chunks: list[bytes]) -> None:
    try:
        pieces = drink(chunks)
    except UpstreamError:
        pieces = []
    assert all(isinstance(piece, Piece) for piece in pieces)


def test_a_broken_frame_is_skipped_and_counted() -> None:
    tap = TONGUE.tap(())
    [piece] = tap.feed(OPEN + text("a") + BROKEN + text("b"))
    assert piece.seen[1:] == (TextDelta("a"), TextDelta("b"))
    assert piece.raw == OPEN + text("a") + text("b")
    assert tap.broken == 1


def test_too_many_broken_frames_end_the_stream_and_not_before() -> None:
    tap = TONGUE.tap(())
    assert tap.feed(BROKEN * MAX_BROKEN) == []
    with pytest.raises(UpstreamGarbled):
        tap.feed(BROKEN)


def test_a_stream_without_a_terminal_frame_gets_one_if_a_reason_came() -> None:
    pieces = drink([OPEN, text("a"), END])
    assert pieces[-1] == Piece(
        b"event: message_stop\n" + b'data: {"type":"message_stop"}\n\n', EVENTS[-1:]
    )


def test_a_cut_stream_is_lost() -> None:
    with pytest.raises(UpstreamLost):
        drink([OPEN, text("a"), STOP[:-4]])


def test_what_follows_the_end_is_left_out() -> None:
    assert drink([OPEN, END, STOP + PING, PING])[-1].raw == STOP


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("overloaded_error", UpstreamFailed),
        ("api_error", UpstreamFailed),
        ("timeout_error", UpstreamFailed),
        ("new_error", UpstreamFailed),
        ("rate_limit_error", UpstreamBusy),
        ("authentication_error", UpstreamDenied),
        ("permission_error", UpstreamDenied),
        ("billing_error", UpstreamDenied),
        ("not_found_error", UpstreamDenied),
        ("request_too_large", ContextTooLong),
        ("invalid_request_error", UpstreamRejected),
    ],
)
def test_an_error_in_the_stream_is_raised_by_its_type(
    kind: str, error: type[UpstreamError]
) -> None:
    told = frame("error", error={"type": kind, "message": "no"})
    with pytest.raises(error) as alone:
        TONGUE.tap(()).feed(told)
    assert type(alone.value) is error
    with pytest.raises(error):
        drink([OPEN + told])


def test_what_came_before_an_error_is_not_lost() -> None:
    tap = TONGUE.tap(())
    told = frame("error", error={"type": "overloaded_error", "message": "no"})
    [piece] = tap.feed(OPEN + text("a") + told + text("b"))
    assert piece.raw == OPEN + text("a")
    with pytest.raises(UpstreamFailed) as caught:
        tap.feed(text("c"))
    assert caught.value.provider_status == 529


def test_a_stream_that_tells_no_usage_has_none() -> None:
    pieces = drink([frame("message_delta", delta={"stop_reason": "end_turn"}), STOP])
    assert seen(pieces) == (Finished(stop=Stop.END),)


def test_a_stop_sequence_is_told() -> None:
    told = {"stop_reason": "stop_sequence", "stop_sequence": "###"}
    [*_, last] = drink([frame("message_delta", delta=told), STOP])
    assert last.finish == Finished(stop=Stop.STOP_SEQUENCE, stop_sequence="###")


def test_an_event_too_long_to_be_read_goes_on_and_is_flagged() -> None:
    tap, long = TONGUE.tap(()), text("x" * MAX_PARSED)
    parts = [long[start : start + 65_536] for start in range(0, len(long), 65_536)]
    pieces = [piece for part in (OPEN, *parts, END + STOP) for piece in tap.feed(part)]
    assert b"".join(piece.raw or b"" for piece in pieces) == OPEN + long + END + STOP
    assert (tap.broken, tap.foreign) == (1, True)
