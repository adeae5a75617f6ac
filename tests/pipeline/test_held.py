"""Pieces that are held back."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Piece
from switchgear.pipeline.held import FOLDED, Held, merged

WORDS = st.text(max_size=3)
EVENTS = st.one_of(
    st.builds(TextDelta, WORDS),
    st.builds(ThinkingDelta, WORDS),
    st.builds(ToolDelta, index=st.integers(0, 1), json=WORDS),
    st.builds(ToolStarted, index=st.integers(0, 1), id=WORDS, name=WORDS),
    st.just(Finished(stop=Stop.END)),
)


def spelt(events: tuple[Event, ...] | list[Event]) -> list[object]:
    """Return the events letter by letter, which merging must not change."""
    found: list[object] = []
    for event in events:
        match event:
            case TextDelta() | ThinkingDelta():
                found += [(type(event), letter) for letter in event.text]
            case ToolDelta():
                found += [(event.index, letter) for letter in event.json]
            case _:
                found.append(event)
    return found


@given(events=st.lists(EVENTS, max_size=30))
def test_merging_changes_no_letter_and_no_order(events: list[Event]) -> None:
    assert spelt(merged(events)) == spelt(events)
    assert len(merged(events)) <= len(events)


def test_what_is_held_comes_out_in_order_and_whole() -> None:
    held = Held()
    pieces = [Piece(b"%d " % number, (TextDelta(f"{number} "),)) for number in range(3 * FOLDED)]
    for piece in pieces:
        held.add(piece)
    assert len(held) < FOLDED + 10
    size = held.bytes
    out = [held.popleft() for _ in range(len(held))]
    assert b"".join([each.raw or b"" for each in out]) == b"".join([p.raw or b"" for p in pieces])
    assert size == sum(len(each.raw or b"") for each in out)
    assert len(out[0].seen) == 1


def test_a_piece_of_very_many_events_is_held_as_few() -> None:
    held = Held()
    held.add(Piece(b"x", (Opened(id="", model=""), *[TextDelta("a")] * 1000)))
    assert held[0].seen == (Opened(id="", model=""), TextDelta("a" * 1000))


def test_what_was_taken_in_between_is_not_folded() -> None:
    held = Held()
    for number in range(3):
        held.add(Piece(b"%d" % number))
        held.popleft()
    for number in range(FOLDED):
        held.add(Piece(b"%d " % number))
    whole = b"".join([each.raw or b"" for each in held])
    assert whole == b"".join([b"%d " % number for number in range(FOLDED)])
