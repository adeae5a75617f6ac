"""A stream of Converse as it is written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.converse import events_of
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamGarbled
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
)
from switchgear.domain.piece import Place
from switchgear.domain.turn import Conversation
from switchgear.wire.bedrock_converse import TONGUE
from switchgear.wire.bedrock_converse.stream import ConverseWriter
from switchgear.wire.section import MAX_HELD

OPENED, DONE = Opened(id="", model=""), Finished(stop=Stop.END)
ASKED = Conversation(model="m", turns=(), stream=True)
ANY = st.one_of(
    st.builds(TextDelta, st.sampled_from(["a", "é\n"])),
    st.builds(ThinkingDelta, st.sampled_from(["a", "b"])),
    st.builds(ThinkingSigned, st.just("sig"), origin=st.none() | st.sampled_from(Dialect)),
    st.builds(
        ThinkingSigned,
        st.just(""),
        redacted=st.just("ZGFyaw=="),
        origin=st.sampled_from(Dialect),
    ),
    st.builds(lambda at: ToolStarted(index=at, id=f"t{at}", name="f"), st.integers(0, 2)),
    st.builds(
        lambda at, more: ToolDelta(index=at, json=more),
        st.integers(0, 2),
        st.sampled_from(['{"a":', "1}", "{}"]),
    ),
)


def writer() -> ConverseWriter:
    return TONGUE.stream_writer("sg_1", ASKED)


def kinds(raw: bytes) -> list[str]:
    return [next(iter(event)) for event in events_of(raw)]


@given(st.lists(ANY, max_size=16))
def test_whatever_comes_blocks_open_and_close_one_after_the_other(said: list[Event]) -> None:
    made = writer()
    raw = b"".join(made.write([event]) for event in [OPENED, *said, DONE])
    assert raw == writer().write([OPENED, *said, DONE])
    events = events_of(raw)
    assert next(iter(events[0])) == "messageStart"
    assert [next(iter(event)) for event in events[-2:]] == ["messageStop", "metadata"]
    live, index = False, -1
    for event in events[1:-2]:
        told: dict[str, Any] = next(iter(event.values()))
        if told["contentBlockIndex"] != index:
            assert not live
            live, index = True, index + 1
        assert live
        assert told["contentBlockIndex"] == index
        live = "contentBlockStop" not in event
    assert not live


@given(st.lists(ANY, max_size=16))
def test_signatures_come_back_to_whoever_made_them(said: list[Event]) -> None:
    raw = writer().write([OPENED, *said, DONE])
    again = [event for piece in TONGUE.tap(()).feed(raw) for event in piece.seen]
    for kind in ("signature", "redacted"):
        went, came = (
            [(getattr(it, kind), it.origin) for it in them if isinstance(it, ThinkingSigned)]
            for them in (said, again)
        )
        own = [(text, origin or Dialect.BEDROCK_CONVERSE) for text, origin in went if text]
        came = [pair for pair in came if pair[0]]
        if kind == "redacted":
            assert came == own
        else:
            assert set(came) <= set(own)


def test_words_are_passed_on_as_they_come() -> None:
    made = writer()
    made.write([OPENED, TextDelta("a")])
    (event,) = events_of(made.write([TextDelta("b")]))
    assert event == {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "b"}}}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(3, "text"), ["contentBlockDelta"]),
        (Place(3), ["contentBlockDelta"]),
        (None, ["contentBlockDelta"]),
    ],
)
def test_a_stream_is_gone_on_with_where_it_stands(place: Place | None, expected: list[str]) -> None:
    made = writer()
    made.go_on([OPENED, TextDelta("a")], place)
    raw = made.write([TextDelta("b")])
    assert kinds(raw) == expected
    (event,) = events_of(raw)
    numbers = {None: 0, Place(3, "text"): 2, Place(3): 3}
    assert event["contentBlockDelta"]["contentBlockIndex"] == numbers[place]


def test_a_refusal_is_words_and_a_reason() -> None:
    events = events_of(writer().write([OPENED, RefusalDelta("no"), DONE]))
    assert events[1]["contentBlockDelta"]["delta"] == {"text": "no"}
    assert events[-2]["messageStop"]["stopReason"] == "content_filtered"


def test_a_tool_call_has_a_bound() -> None:
    made = writer()
    start = ToolStarted(index=0, id="t", name="f")
    with pytest.raises(UpstreamGarbled):
        made.write([start, ToolDelta(index=0, json="x" * (MAX_HELD + 1))])
