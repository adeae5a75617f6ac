import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.responses import RESPONSE, USAGE, Script, add_message, frames
from switchgear.domain import errors
from switchgear.domain.dialect import Dialect
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
from switchgear.domain.units import Tokens
from switchgear.wire.openai_responses import TONGUE
from switchgear.wire.openai_responses.follow import MAX_ITEMS, MAX_KEPT
from switchgear.wire.sse import MAX_PARSED

USED = Usage(input=Tokens(9), cached=Tokens(4), output=Tokens(8), reasoning=Tokens(2))
OPENED = Opened(id="resp_7", model="m", created=7)
BLOCKS = [
    ("thinking", ["why", "how"]),
    ("text", ["Hel", "lo"]),
    ("tool", ['{"a"', ":1}"]),
    ("custom", ["x\n", '"y"']),
]
SAID: list[Event] = [
    OPENED,
    ThinkingDelta("why"),
    ThinkingDelta("\n\n"),
    ThinkingDelta("how"),
    ThinkingSigned("rs_0:gAA", origin=Dialect.OPENAI_RESPONSES),
    TextDelta("Hel"),
    TextDelta("lo"),
    ToolStarted(index=0, id="c2", name="f"),
    ToolDelta(index=0, json='{"a"'),
    ToolDelta(index=0, json=":1}"),
    ToolStarted(index=1, id="c3", name="f"),
    ToolDelta(index=1, json='{"input":"x\\n'),
    ToolDelta(index=1, json='\\"y\\"'),
    ToolDelta(index=1, json='"}'),
    Finished(stop=Stop.TOOL_USE, usage=USED),
]


def events(*raws: bytes) -> list[Event]:
    tap = TONGUE.tap(())
    found = [event for piece in tap.feed(b"".join(raws)) for event in piece.seen]
    return found + [event for piece in tap.end() for event in piece.seen]


def frame(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def test_what_openai_sends_is_read() -> None:
    assert events(*frames(BLOCKS)) == SAID


@given(st.lists(st.integers(1, 400), max_size=60))
def test_its_bytes_pass_as_they_are_however_they_are_cut(sizes: list[int]) -> None:
    raw = rest = b"".join(frames(BLOCKS)) + b"data: [DONE]\n\n"
    tap, pieces = TONGUE.tap(()), []
    for size in [*sizes, len(raw)]:
        pieces += tap.feed(rest[:size])
        rest = rest[size:]
    assert tap.end() == tap.feed(b"data: more\n\n") == []
    assert b"".join(piece.raw or b"" for piece in pieces) == raw.removesuffix(b"data: [DONE]\n\n")
    assert [event for piece in pieces for event in piece.seen] == SAID
    assert (pieces[-1].raw or b"").startswith(b"event: response.completed\n")
    assert pieces[-1].seen == (SAID[-1],)


def test_a_whole_answer_of_the_same_items_says_the_same() -> None:
    script = Script()
    for raw in frames(BLOCKS):
        told = json.loads(raw.split(b"data: ")[1])
    del script
    whole = TONGUE.read_whole(json.dumps(told["response"]).encode())
    assert whole[0] == OPENED
    assert whole[1:] == (
        ThinkingDelta("why\n\nhow"),
        *SAID[4:5],
        TextDelta("Hello"),
        SAID[7],
        ToolDelta(index=0, json='{"a":1}'),
        SAID[10],
        ToolDelta(index=1, json='{"input":"x\\n\\"y\\""}'),
        SAID[-1],
    )


def ending(kind: str, **fields: object) -> list[bytes]:
    script = Script()
    add_message(script, ["a"])
    return script.end(kind, **fields)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [("max_output_tokens", Stop.LENGTH), ("content_filter", Stop.FILTERED), ("new", Stop.OTHER)],
)
def test_why_it_is_incomplete_is_read(reason: str, stop: Stop) -> None:
    found = events(*ending("incomplete", incomplete_details={"reason": reason}))
    assert found[-1] == Finished(stop=stop, usage=USED)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"code": "rate_limit_exceeded", "message": "slow down"}, errors.UpstreamBusy),
        ({"code": "server_error", "message": "oh"}, errors.UpstreamFailed),
        ({"code": "context_length_exceeded", "message": "long"}, errors.ContextTooLong),
        ({"code": "invalid_prompt", "message": "no"}, errors.UpstreamRejected),
        ({"code": "invalid_image_url", "message": "no"}, errors.UpstreamRejected),
        ({"code": "bio_policy", "message": "no"}, errors.ContentFiltered),
        ({"code": "image_content_policy_violation", "message": "no"}, errors.ContentFiltered),
        ({"code": "insufficient_quota", "message": "no"}, errors.UpstreamDenied),
        (None, errors.UpstreamFailed),
    ],
)
def test_a_failure_is_the_error_that_it_names(told: Any, kind: type[errors.UpstreamError]) -> None:
    script = ending("failed", error=told)
    tap = TONGUE.tap(())
    passed = tap.feed(b"".join(script))
    assert b"".join(piece.raw or b"" for piece in passed) == b"".join(script[:-1])
    with pytest.raises(kind):
        tap.end()
    with pytest.raises(kind):
        tap.feed(b"")
    if told:
        flat, nested = frame("error", **told, param=None), frame("error", error=told)
        for raw in (flat, nested):
            with pytest.raises(kind):
                TONGUE.tap(()).feed(raw)
        with pytest.raises(kind):
            TONGUE.read_whole(json.dumps({**RESPONSE, "status": "failed", "error": told}).encode())


def test_what_was_cancelled_has_failed() -> None:
    with pytest.raises(errors.UpstreamFailed):
        TONGUE.tap(()).feed(frame("response.cancelled", response=RESPONSE))
    with pytest.raises(errors.UpstreamFailed):
        TONGUE.read_whole(json.dumps({**RESPONSE, "status": "cancelled"}).encode())


def test_a_stream_without_its_terminal_frame_is_lost() -> None:
    tap = TONGUE.tap(())
    tap.feed(b"".join(frames(BLOCKS)[:-1]))
    with pytest.raises(errors.UpstreamLost):
        tap.end()


def test_a_body_where_a_stream_should_be_is_the_error_that_it_is() -> None:
    tap = TONGUE.tap(())
    tap.feed(b'{"error":{"message":"no"}}')
    with pytest.raises(errors.UpstreamGarbled):
        tap.end()


def test_words_that_were_not_streamed_are_read_from_their_item() -> None:
    silent = [raw for raw in frames(BLOCKS) if b".delta" not in raw and b"_part." not in raw]
    found = events(*silent)
    assert [event for event in found if not isinstance(event, ToolStarted)] == [
        OPENED,
        ThinkingDelta("why\n\nhow"),
        SAID[4],
        TextDelta("Hello"),
        ToolDelta(index=0, json='{"a":1}'),
        ToolDelta(index=1, json='{"input":"x\\n\\"y\\""}'),
        SAID[-1],
    ]
    only_done = [raw for raw in silent if b"item.added" not in raw]
    assert events(*only_done) == found
    assert events(frames(BLOCKS)[-1]) == found


def test_words_without_their_item_are_read() -> None:
    bare = [raw for raw in frames(BLOCKS[1:2]) if b"_item." not in raw and b"_part." not in raw]
    assert events(*bare)[1:3] == [TextDelta("Hel"), TextDelta("lo")]
    assert TONGUE.tap(()).feed(frame("response.function_call_arguments.delta", delta="x"))


def test_what_is_thought_and_summed_up_is_read_once() -> None:
    item = {"id": "rs_1", "type": "reasoning", "summary": []}
    found = events(
        frame("response.output_item.added", output_index=0, item=item),
        frame("response.reasoning_text.delta", output_index=0, delta="long"),
        frame("response.reasoning_summary_text.delta", output_index=0, delta="short"),
        frame("response.completed", response=RESPONSE),
    )
    assert found[0] == ThinkingDelta("long")
    assert not any(event == ThinkingDelta("short") for event in found)


def test_a_refusal_is_read() -> None:
    item = {"id": "m", "type": "message", "role": "assistant", "content": []}
    found = events(
        frame("response.output_item.added", output_index=0, item=item),
        frame("response.refusal.delta", output_index=0, content_index=0, delta="no"),
        frame("response.completed", response={**RESPONSE, "usage": USAGE}),
    )
    assert found[0] == RefusalDelta("no")
    assert found[-1] == Finished(stop=Stop.REFUSED, usage=USED)


@pytest.mark.parametrize("kind", ["web_search_call", "computer_call", "mcp_call", "new_call"])
def test_an_item_that_our_events_do_not_know_passes_and_is_told(kind: str) -> None:
    tap = TONGUE.tap(())
    assert not tap.foreign
    raw = frame("response.output_item.added", output_index=0, item={"id": "x", "type": kind})
    (piece,) = tap.feed(raw)
    assert (piece.raw, piece.seen) == (raw, ())
    assert tap.foreign


@pytest.mark.parametrize(
    "raw",
    [
        frame("response.new_thing", response=5),
        frame("response.shell_call_output_content.delta", delta={"stdout": "x"}),
        frame("response.web_search_call.searching", output_index=0, item_id="x"),
        frame("response.output_text.annotation.added", output_index=0, annotation={}),
        frame("keepalive", sequence_number=3),
        b": ping\n\n",
    ],
)
def test_an_event_that_is_not_known_passes_and_marks_nothing(raw: bytes) -> None:
    tap = TONGUE.tap(())
    (piece,) = tap.feed(raw)
    assert (piece.raw, piece.seen) == (raw, ())
    assert (tap.broken, tap.unread, tap.foreign) == (0, False, False)


def test_an_odd_beginning_or_end_is_one_all_the_same() -> None:
    odd = {**RESPONSE, "created_at": "now", "usage": 5}
    raws = [frame("response.created", response=odd), frame("response.completed", response=odd)]
    tap = TONGUE.tap(())
    first, last = tap.feed(b"".join(raws))
    assert (first.raw, first.seen) == (raws[0], (Opened(id="", model=""),))
    assert (last.raw, last.seen) == (raws[1], (Finished(stop=Stop.END),))
    assert tap.broken == 0
    assert [type(event) for event in events(raws[1])] == [Opened, Finished]


def test_a_broken_frame_is_left_out_and_too_many_end_it() -> None:
    tap = TONGUE.tap(())
    broken = b'event: response.output_text.delta\ndata: {"type":\n\n'
    assert tap.feed(broken) == []
    assert tap.feed(frame("response.output_text.delta", delta=5)) == []
    assert tap.broken == 2
    with pytest.raises(errors.UpstreamGarbled):
        tap.feed(broken * 8)


def test_an_answer_of_too_many_items_is_none() -> None:
    item = {"id": "m", "type": "message", "role": "assistant", "content": []}
    added = [
        frame("response.output_item.added", output_index=index, item=item)
        for index in range(MAX_ITEMS + 1)
    ]
    tap = TONGUE.tap(())
    tap.feed(b"".join(added[:-1]))
    with pytest.raises(errors.UpstreamGarbled):
        tap.feed(added[-1])


def test_a_frame_too_long_to_be_read_is_told() -> None:
    tap = TONGUE.tap(())
    raw = frame("response.output_item.done", item={"x": "y" * MAX_PARSED})
    assert b"".join(piece.raw or b"" for piece in tap.feed(raw)) == raw
    assert (tap.broken, tap.unread, tap.foreign) == (1, True, True)


@settings(max_examples=10)
@given(st.integers(1, MAX_PARSED + 600))
def test_a_terminal_frame_too_long_to_be_read_ends_the_answer_all_the_same(at: int) -> None:
    last = frame("response.completed", response={**RESPONSE, "instructions": "y" * MAX_PARSED})
    raw = b"".join(frames(BLOCKS)[:-1]) + last
    tap = TONGUE.tap(())
    pieces = [*tap.feed(raw[:at]), *tap.feed(raw[at:])]
    assert b"".join(piece.raw or b"" for piece in pieces) == raw
    assert pieces[-1].seen == (Finished(stop=Stop.TOOL_USE),)
    assert (tap.broken, tap.unread, tap.foreign) == (0, False, False)


def test_no_more_is_kept_of_an_answer_than_a_bound() -> None:
    tap = TONGUE.tap(())
    tap.feed(b"".join(frames([("text", ["a"])])[:4]))
    delta = frame("response.output_text.delta", output_index=0, delta="x" * 500_000)
    for _ in range(8):
        tap.feed(delta)
    assert not tap.foreign
    tap.feed(delta)
    assert tap.foreign
    place = tap.place
    assert place
    assert sum(map(len, place.items)) < MAX_KEPT / 4


def test_a_place_says_where_the_frames_end() -> None:
    tap = TONGUE.tap(())
    tap.feed(b"".join(frames(BLOCKS)[:20]))
    assert tap.place
    assert (tap.place.sequence, tap.place.blocks) == (20, len(tap.place.items))
