"""Events put together into blocks, whatever the dialect."""

import json
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamGarbled
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
)
from switchgear.domain.piece import Place
from switchgear.wire import section
from switchgear.wire.section import MAX_HELD, Kind, Section, fold


class Outline(section.Outline):
    """Of a dialect that changes nothing."""

    spoken: ClassVar = Dialect.ANTHROPIC_MESSAGES


def outlined(*events: Event) -> Outline:
    return fold(events, Outline())


def kinds(*events: Event) -> list[Kind]:
    return [part.kind for part in outlined(*events).sections]


@given(st.lists(st.text(max_size=5), max_size=8))
def test_words_in_a_row_are_one_block_however_they_are_cut(words: list[str]) -> None:
    outline = outlined(*[TextDelta(word) for word in words])
    assert [each.text for each in outline.sections] == (["".join(words)] if words else [])


def test_a_change_of_kind_begins_a_block_and_so_does_a_signature() -> None:
    assert kinds(TextDelta("a"), ThinkingDelta("b"), TextDelta("c")) == [
        Kind.TEXT,
        Kind.THINKING,
        Kind.TEXT,
    ]
    signed = outlined(ThinkingDelta("a"), ThinkingSigned("sig"), ThinkingDelta("b"))
    assert [(each.text, each.signature) for each in signed.sections] == [("a", "sig"), ("b", "")]


def test_a_call_announced_twice_stays_one_and_a_stray_delta_has_no_place() -> None:
    started = ToolStarted(index=0, id="t", name="f")
    assert kinds(started, started) == [Kind.TOOL]
    assert Outline().place(ToolDelta(index=7, json="{}")) is None


def test_what_opens_and_ends_an_answer_belongs_to_no_block() -> None:
    assert kinds(Opened(id="x", model="m"), Finished(stop=Stop.END)) == []


@given(st.dictionaries(st.text(max_size=3), st.text("}{a", max_size=4), max_size=3), st.data())
def test_arguments_are_complete_with_their_last_brace_and_not_before(
    given_arguments: dict[str, str], data: st.DataObject
) -> None:
    text = json.dumps(given_arguments)
    cut = data.draw(st.integers(1, len(text) - 1))
    part = Section(Kind.TOOL)
    part.add(text[:cut])
    assert not part.complete
    part.add(text[cut:])
    assert part.complete
    part.add("\n")
    assert part.complete


def test_a_block_has_a_bound() -> None:
    part = Section(Kind.TOOL)
    part.add("x" * MAX_HELD)
    with pytest.raises(UpstreamGarbled, match="more than"):
        part.add("x")


def test_what_another_signed_or_hid_is_sealed() -> None:
    foreign = Dialect.GEMINI
    events = (ThinkingSigned("s", origin=foreign), ThinkingSigned("", "dark", foreign))
    signed, hidden = outlined(*events).sections
    assert signed.signature == "switchgear:gemini:s"
    assert hidden.text == "switchgear:gemini:dark"


def test_a_part_with_nothing_in_it_is_empty_but_a_call_never_is() -> None:
    assert Section(Kind.TEXT).empty
    assert not Section(Kind.TOOL).empty
    signed = Section(Kind.THINKING)
    signed.signature = "s"
    assert not signed.empty


def test_a_stream_is_resumed_in_the_block_that_is_open_and_no_other_grows() -> None:
    outline = outlined(TextDelta("a"), ThinkingDelta("b"))
    assert outline.resume(Place(2, "thinking")) is outline.sections[1]
    assert [part.over for part in outline.sections] == [True, False]
    assert outline.resume(Place(2)) is None
    assert all(part.over for part in outline.sections)


def test_a_block_that_holds_nothing_yet_can_be_open() -> None:
    outline = outlined(TextDelta("a"))
    part = outline.resume(Place(2, "thinking"))
    assert part is not None
    assert (part.kind, part.empty, len(outline.sections)) == (Kind.THINKING, True, 2)


def test_only_a_call_that_is_not_complete_keeps_the_next_block_waiting() -> None:
    call = Section(Kind.TOOL)
    assert Section(Kind.TEXT).ended
    assert not call.ended
    call.add("{}")
    assert call.ended
