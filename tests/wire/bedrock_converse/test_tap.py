"""The tap on a stream of Converse."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.domain.errors import (
    ContextTooLong,
    UpstreamBusy,
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
from switchgear.domain.piece import Piece, Place
from switchgear.domain.units import Tokens
from switchgear.wire.bedrock_converse import TONGUE
from switchgear.wire.bedrock_converse.tap import MAX_BROKEN, MAX_SIGNATURE, ConverseTap
from switchgear.wire.eventstream import write_message
from switchgear.wire.sse import MAX_PARSED

HERE = Dialect.BEDROCK_CONVERSE


def message(name: str, **fields: object) -> bytes:
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return write_message(headers, json.dumps(fields).encode())


def delta(index: int, **fields: object) -> bytes:
    return message("contentBlockDelta", contentBlockIndex=index, delta=fields, p="abcdefgh")


def reasoning(index: int, **fields: object) -> bytes:
    return delta(index, reasoningContent=fields)


def start(index: int, **fields: object) -> bytes:
    return message("contentBlockStart", contentBlockIndex=index, start=fields)


def stop(index: int) -> bytes:
    return message("contentBlockStop", contentBlockIndex=index)


def exception(name: str, text: str, kind: str = "exception") -> bytes:
    headers = {f":{kind}-type": name, ":message-type": kind}
    if kind == "error":
        headers = {":error-code": name, ":error-message": text, ":message-type": kind}
    return write_message(headers, json.dumps({"message": text}).encode())


START = message("messageStart", role="assistant", p="abc")
END = message("messageStop", stopReason="tool_use", p="a")
USAGE = message(
    "metadata",
    usage={
        "inputTokens": 4,
        "outputTokens": 5,
        "totalTokens": 14,
        "cacheReadInputTokens": 3,
        "cacheWriteInputTokens": 2,
    },
    metrics={"latencyMs": 9},
)
BROKEN = write_message({":event-type": "contentBlockDelta", ":message-type": "event"}, b"{")
NEW = message("somethingNew", a=1)
STREAM = b"".join(
    (
        START,
        reasoning(0, text="hm"),
        reasoning(0, signature="si"),
        BROKEN,
        reasoning(0, signature="g"),
        stop(0),
        reasoning(1, redactedContent="ZGFyaw=="),
        stop(1),
        delta(2, text="Hel"),
        delta(2, text=""),
        delta(2, text="lo"),
        NEW,
        stop(2),
        start(3, toolUse={"toolUseId": "a", "name": "f"}),
        delta(3, toolUse={"input": '{"a"'}),
        delta(3, toolUse={"input": ":1}"}),
        stop(3),
        start(4, toolUse={"toolUseId": "b", "name": "g"}),
        stop(4),
        END,
        USAGE,
    )
)
EVENTS = [
    Opened(id="", model="m"),
    ThinkingDelta("hm"),
    ThinkingSigned("sig", origin=HERE),
    ThinkingSigned("", redacted="ZGFyaw==", origin=HERE),
    TextDelta("Hel"),
    TextDelta("lo"),
    ToolStarted(index=0, id="a", name="f"),
    ToolDelta(index=0, json='{"a"'),
    ToolDelta(index=0, json=":1}"),
    ToolStarted(index=1, id="b", name="g"),
    Finished(
        stop=Stop.TOOL_USE,
        usage=Usage(input=Tokens(9), cached=Tokens(3), cache_written=Tokens(2), output=Tokens(5)),
    ),
]


def read(raw: bytes, cuts: tuple[int, ...] = ()) -> tuple[ConverseTap, list[Piece]]:
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    tap = TONGUE.tap((UseModel("m"),))
    pieces = [piece for begin, end in pairwise(edges) for piece in tap.feed(raw[begin:end])]
    return tap, pieces + tap.end()


def said(pieces: list[Piece]) -> list[Event]:
    return [event for piece in pieces for event in piece.seen]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8).map(tuple))
def test_however_a_stream_is_cut_it_says_the_same(cuts: tuple[int, ...]) -> None:
    tap, pieces = read(STREAM, cuts)
    assert said(pieces) == EVENTS
    assert b"".join(piece.raw or b"" for piece in pieces) == STREAM.replace(BROKEN, b"")
    assert [piece.finish is not None for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert (tap.broken, tap.foreign, tap.unread) == (1, False, False)


def test_the_end_is_one_piece_with_the_usage() -> None:
    _, pieces = read(STREAM)
    assert pieces[-1].raw == END + USAGE


def test_a_stream_without_usage_ends_properly() -> None:
    tap, pieces = read(START + delta(0, text="a") + stop(0) + END)
    assert pieces[-1] == Piece(END, (Finished(stop=Stop.TOOL_USE),))
    assert tap.end() == []


@pytest.mark.parametrize("raw", [b"", START, START + delta(0, text="a") + stop(0), STREAM[:300]])
def test_a_stream_without_a_reason_to_stop_is_lost(raw: bytes) -> None:
    with pytest.raises(UpstreamLost):
        read(raw)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("throttlingException", "Too many tokens", UpstreamBusy),
        ("modelStreamErrorException", "oops", UpstreamFailed),
        ("internalServerException", "oops", UpstreamFailed),
        ("serviceUnavailableException", "oops", UpstreamFailed),
        ("modelTimeoutException", "oops", UpstreamFailed),
        ("validationException", "Malformed input request", UpstreamRejected),
        ("validationException", "Input is too long for requested model.", ContextTooLong),
        ("newException", "oops", UpstreamFailed),
    ],
)
def test_an_exception_in_the_stream_is_raised_after_what_came_before_it(
    name: str, text: str, kind: type[UpstreamError]
) -> None:
    tap = TONGUE.tap(())
    pieces = tap.feed(START + delta(0, text="a") + exception(name, text) + delta(0, text="b"))
    assert said(pieces) == [Opened(id="", model=""), TextDelta("a")]
    with pytest.raises(kind):
        tap.feed(b"")
    with pytest.raises(kind):
        tap.end()
    with pytest.raises(kind):
        TONGUE.tap(()).feed(exception(name, text))


def test_an_error_that_is_no_exception_is_raised_too() -> None:
    with pytest.raises(UpstreamFailed):
        TONGUE.tap(()).feed(exception("InternalError", "oops", "error"))


@pytest.mark.parametrize(
    "raw",
    [
        delta(0, citation={"title": "t"}),
        delta(0, image={"source": {"bytes": "QQ=="}}),
        start(0, image={"format": "png"}),
        start(0, toolUse={"toolUseId": "a", "name": "web", "type": "server_tool_use"}),
        start(0, toolResult={"toolUseId": "a"}),
    ],
)
def test_content_that_our_events_do_not_know_is_told(raw: bytes) -> None:
    tap = TONGUE.tap(())
    pieces = tap.feed(START + raw + delta(0, toolUse={"input": "{}"}))
    assert said(pieces) == [Opened(id="", model="")]
    assert tap.foreign


def test_a_place_tells_which_block_is_open() -> None:
    tap = TONGUE.tap(())
    places = []
    for raw in (START, delta(0, text="a"), stop(0), reasoning(1, text="b"), stop(1)):
        tap.feed(raw)
        places.append(tap.place)
    tap.feed(start(2, toolUse={"toolUseId": "a", "name": "f"}))
    expected = [Place(0), Place(1, "text"), Place(1), Place(2, "thinking"), Place(2)]
    assert places == expected
    assert tap.place == Place(3, "tool_use")


def test_too_much_that_cannot_be_read_ends_the_stream() -> None:
    tap = TONGUE.tap(())
    tap.feed(BROKEN * MAX_BROKEN)
    with pytest.raises(UpstreamGarbled):
        tap.feed(BROKEN)


def test_what_follows_the_reason_to_stop_is_left_out() -> None:
    tap, pieces = read(START + END + delta(0, text="late") + USAGE + delta(0, text="later"))
    assert said(pieces)[:-1] == [Opened(id="", model="m")]
    assert tap.broken == 1


def test_a_message_too_long_to_be_read_passes_and_is_told() -> None:
    long = delta(0, text="x" * MAX_PARSED)
    tap, pieces = read(START + long + END + USAGE, (1000, MAX_PARSED + 500))
    assert b"".join(piece.raw or b"" for piece in pieces) == START + long + END + USAGE
    assert (tap.unread, tap.foreign, tap.broken) == (True, True, 1)


def test_a_signature_has_a_bound() -> None:
    tap = TONGUE.tap(())
    part = reasoning(0, signature="x" * (MAX_SIGNATURE // 2))
    tap.feed(part)
    tap.feed(part)
    with pytest.raises(UpstreamGarbled):
        tap.feed(part)


def test_the_stop_sequence_is_told_where_the_model_tells_it() -> None:
    end = message(
        "messageStop",
        stopReason="stop_sequence",
        additionalModelResponseFields={"stop_sequence": "END"},
    )
    _, pieces = read(START + end + USAGE)
    finish = pieces[-1].finish
    assert finish is not None
    assert (finish.stop, finish.stop_sequence) == (Stop.STOP_SEQUENCE, "END")


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_no_bytes_break_it_otherwise_than_told(chunks: list[bytes]) -> None:
    tap = TONGUE.tap(())
    try:
        for chunk in chunks:
            tap.feed(chunk)
        tap.end()
    except UpstreamError:
        pass
