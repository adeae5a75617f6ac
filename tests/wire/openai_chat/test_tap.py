"""The tap on a stream of chat completions."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.edit import AskUsage, Edit
from switchgear.domain.errors import (
    ContextTooLong,
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
)
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.piece import Piece
from switchgear.domain.units import Tokens
from switchgear.wire.openai_chat.tap import MAX_BROKEN, ChatTap
from switchgear.wire.sse import MAX_PARSED


def frame(delta: str = "{}", rest: str = "", reason: str = "null") -> bytes:
    choice = f'{{"index":0,"delta":{delta},"finish_reason":{reason}}}'
    return f'data: {{"id":"c1","model":"m","created":7,"choices":[{choice}]{rest}}}\n\n'.encode()


OPEN = frame('{"role":"assistant","content":""}')
HELLO = frame('{"content":"Hello"}')
STOP = frame(reason='"stop"')
USAGE = b'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"
BROKEN = b'data: {"id":\n\n'
OPENED = Opened(id="c1", model="m", created=7)
USED = Usage(input=Tokens(3), output=Tokens(2))
STREAM = b": ping\n\n" + OPEN + HELLO + BROKEN + HELLO + STOP + USAGE + DONE


def read(stream: bytes, cuts: Sequence[int] = (), edits: Sequence[Edit] = ()) -> list[Piece]:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    tap = ChatTap(edits)
    pieces = [piece for start, end in pairwise(edges) for piece in tap.feed(stream[start:end])]
    return pieces + tap.end()


def events(pieces: list[Piece]) -> list[Event]:
    return [event for piece in pieces for event in piece.seen]


def passed(pieces: list[Piece]) -> bytes:
    return b"".join(piece.raw or b"" for piece in pieces)


def outcome(stream: bytes, cuts: Sequence[int]) -> tuple[bytes, list[Event], type | None]:
    tap, pieces = ChatTap(()), list[Piece]()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    try:
        for start, end in pairwise(edges):
            pieces += tap.feed(stream[start:end])
        pieces += tap.end()
    except UpstreamError as error:
        return passed(pieces), events(pieces), type(error)
    return passed(pieces), events(pieces), None


@given(st.lists(st.integers(0, len(STREAM))))
def test_however_the_bytes_are_cut_the_events_and_the_bytes_are_the_same(cuts: list[int]) -> None:
    pieces = read(STREAM, cuts)
    assert events(pieces) == [
        OPENED,
        TextDelta("Hello"),
        TextDelta("Hello"),
        Finished(stop=Stop.END, usage=USED),
    ]
    assert passed(pieces) == STREAM.replace(BROKEN, b"")


LETTERS = st.sampled_from(
    [OPEN, HELLO, STOP, USAGE, DONE, BROKEN, b"data: ", b"\n", b"\r", b"{", b"[1]", b'"error":1']
)


@given(st.lists(LETTERS, max_size=25).map(b"".join), st.lists(st.integers(0, 900)))
def test_arbitrary_frames_end_the_same_however_they_are_cut(stream: bytes, cuts: list[int]) -> None:
    assert outcome(stream, cuts) == outcome(stream, [])


@given(st.binary(), st.lists(st.integers(0, 100)))
def test_arbitrary_bytes_raise_only_what_is_documented(stream: bytes, cuts: list[int]) -> None:
    assert outcome(stream, cuts)[2] in {UpstreamLost, UpstreamGarbled}


@given(st.lists(st.integers(0, len(STREAM))))
def test_the_end_is_the_last_event_of_the_last_piece(cuts: list[int]) -> None:
    pieces = read(STREAM, cuts)
    assert [piece.finish is not None for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert pieces[-1].raw == DONE


def test_the_ordinary_frames_of_one_chunk_are_one_piece() -> None:
    assert [piece.raw for piece in ChatTap(()).feed(OPEN + HELLO + STOP + DONE)] == [
        OPEN + HELLO + STOP,
        DONE,
    ]


def test_usage_that_only_we_asked_for_is_swallowed_but_read() -> None:
    pieces = read(OPEN + HELLO + STOP + USAGE + DONE, edits=[AskUsage()])
    assert passed(pieces) == OPEN + HELLO + STOP + DONE
    assert pieces[-1].seen == (Finished(stop=Stop.END, usage=USED),)


def test_usage_beside_content_is_never_swallowed() -> None:
    both = frame('{"content":"x"}', ',"usage":{"prompt_tokens":3,"completion_tokens":2}', '"stop"')
    pieces = read(OPEN + both + DONE, edits=[AskUsage()])
    assert passed(pieces) == OPEN + both + DONE
    assert pieces[-1].finish == Finished(stop=Stop.END, usage=USED)


def test_an_empty_delta_opens_the_answer_and_is_no_content() -> None:
    assert events(ChatTap(()).feed(OPEN + OPEN)) == [OPENED]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thinking_and_refusals_are_told_apart_from_text(field: str) -> None:
    stream = frame(f'{{"{field}":"hm"}}') + frame('{"refusal":"no"}') + STOP + DONE
    assert events(read(stream)) == [
        OPENED,
        ThinkingDelta("hm"),
        RefusalDelta("no"),
        Finished(stop=Stop.REFUSED),
    ]


def call(index: str, call_id: str, name: str, arguments: str) -> bytes:
    function = f'{{"name":{name},"arguments":"{arguments}"}}'
    return frame(f'{{"tool_calls":[{{{index}"id":{call_id},"function":{function}}}]}}')


def test_parallel_tool_calls_are_kept_apart_by_their_index() -> None:
    stream = call('"index":0,', '"a"', '"f"', "") + call('"index":1,', '"b"', '"g"', "2")
    stream += call('"index":0,', "null", "null", "1") + STOP + DONE
    assert events(read(stream)) == [
        OPENED,
        ToolStarted(index=0, id="a", name="f"),
        ToolStarted(index=1, id="b", name="g"),
        ToolDelta(index=1, json="2"),
        ToolDelta(index=0, json="1"),
        Finished(stop=Stop.TOOL_USE),
    ]


@pytest.mark.parametrize("index", ["", '"index":0,'])
def test_calls_that_share_an_index_are_kept_apart_by_their_ids(index: str) -> None:
    stream = call(index, '"a"', '"f"', "1") + call(index, '"b"', '"f"', "2") + STOP + DONE
    started = [event for event in events(read(stream)) if isinstance(event, ToolStarted)]
    assert [(event.index, event.id) for event in started] == [(0, "a"), (1, "b")]


def test_other_choices_are_passed_on_and_not_read() -> None:
    other = (
        b'data: {"choices":[{"index":1,"delta":{"content":"other"},"finish_reason":"stop"}]}\n\n'
    )
    pieces = ChatTap(()).feed(OPEN + other)
    assert (passed(pieces), events(pieces)) == (OPEN + other, [OPENED])


def test_a_stream_without_done_gets_one_when_its_reason_came() -> None:
    pieces = read(OPEN + HELLO + STOP + USAGE)
    assert pieces[-1] == Piece(b"data: [DONE]\n\n", (Finished(stop=Stop.END, usage=USED),))


def test_done_without_its_blank_line_is_done() -> None:
    assert read(OPEN + STOP + b"data: [DONE]")[-1].raw == b"data: [DONE]"


@pytest.mark.parametrize("stream", [b"", OPEN, OPEN + HELLO, OPEN + HELLO + STOP[:-9]])
def test_a_stream_that_ends_without_a_reason_is_lost(stream: bytes) -> None:
    with pytest.raises(UpstreamLost):
        read(stream)


@pytest.mark.parametrize("stream", [DONE, b"<html>busy</html>", b'{"error":"x"}', USAGE + DONE])
def test_what_is_no_answer_at_all_is_garbled(stream: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read(stream)


def test_nothing_after_done_is_passed_on() -> None:
    tap = ChatTap(())
    assert passed(tap.feed(OPEN + STOP + DONE + HELLO)) == OPEN + STOP + DONE
    assert tap.feed(HELLO) == []
    assert tap.end() == []


def test_a_few_broken_frames_are_left_out_and_counted_and_more_are_not_borne() -> None:
    tap = ChatTap(())
    assert passed(tap.feed(OPEN + BROKEN * MAX_BROKEN + HELLO)) == OPEN + HELLO
    assert tap.broken == MAX_BROKEN
    with pytest.raises(UpstreamGarbled):
        tap.feed(BROKEN)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ('{"message":"m","type":"server_error"}', UpstreamFailed),
        ('{"message":"m","code":"rate_limit_exceeded"}', UpstreamBusy),
        ('{"message":"m","code":429}', UpstreamBusy),
        ('{"message":"m","code":"context_length_exceeded"}', ContextTooLong),
        ('"went wrong"', UpstreamFailed),
        ("[[]]", UpstreamFailed),
    ],
)
def test_an_error_in_the_stream_is_raised_after_what_came_before_it(
    error: str, kind: type[UpstreamError]
) -> None:
    tap = ChatTap(())
    stream = OPEN + HELLO + b'data: {"error":' + error.encode() + b"}\n\n"
    assert events(tap.feed(stream)) == [OPENED, TextDelta("Hello")]
    with pytest.raises(kind):
        tap.end()


def test_an_answer_that_the_target_calls_failed_is_no_success() -> None:
    with pytest.raises(UpstreamFailed):
        read(OPEN + HELLO + frame(reason='"error"') + DONE)


@pytest.mark.parametrize(
    "raw",
    [
        b'data: {"object":"error","message":"m","type":"x","code":429}\n\n',
        b'event: error\ndata: {"message":"m","code":429}\n\n',
    ],
)
def test_an_error_in_the_flat_form_is_an_error_too(raw: bytes) -> None:
    with pytest.raises(UpstreamBusy):
        ChatTap(()).feed(raw)


def test_figures_and_names_beyond_reason_are_bounded() -> None:
    name = b"m" * 1000
    opened = b'data: {"id":"","model":"%b","created":1e300,"choices":[{"index":0}]}\n\n' % name
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":%d}}\n\n'
    first, *_, last = events(read(opened + STOP + usage % 10**30 + DONE))
    assert first == Opened(id="", model="m" * 256)
    assert isinstance(last, Finished)
    assert last.usage == Usage(output=Tokens(10**12))


def test_an_endless_number_of_tool_calls_is_garbled() -> None:
    calls = b"".join(call(f'"index":{index},', "null", '"f"', "") for index in range(600))
    with pytest.raises(UpstreamGarbled):
        read(calls)


def test_an_event_too_long_to_be_read_goes_on_and_is_flagged() -> None:
    tap = ChatTap(())
    long = HELLO.replace(b"Hello", b"x" * MAX_PARSED)
    parts = [long[start : start + 65_536] for start in range(0, len(long), 65_536)]
    pieces = [piece for part in (OPEN, *parts, STOP + DONE) for piece in tap.feed(part)]
    assert b"".join(piece.raw or b"" for piece in pieces) == OPEN + long + STOP + DONE
    assert (tap.broken, tap.foreign) == (1, True)
