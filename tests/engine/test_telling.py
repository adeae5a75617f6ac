from hypothesis import given
from hypothesis import strategies as st

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
)
from switchgear.domain.turn import Role, Text, Thinking, ToolUse, Turn
from switchgear.engine.telling import turn_of

OPENED, END = Opened(id="a", model="m"), Finished(stop=Stop.END)


def parts(*events: Event) -> tuple[object, ...]:
    found = turn_of((OPENED, *events, END))
    assert all(turn.role is Role.ASSISTANT for turn in found)
    return tuple(part for turn in found for part in turn.parts)


def test_what_follows_each_other_is_one_part_and_the_order_stays() -> None:
    assert parts(
        ThinkingDelta("h"), ThinkingDelta("m"), TextDelta("a"), TextDelta("b"), ThinkingDelta("c")
    ) == (Thinking("hm"), Text("ab"), Thinking("c"))


def test_a_signature_ends_the_thinking_before_it_and_keeps_its_origin() -> None:
    anthropic = Dialect.ANTHROPIC_MESSAGES
    assert parts(
        ThinkingDelta("h"),
        ThinkingSigned("s1", origin=anthropic),
        ThinkingDelta("m"),
        ThinkingSigned("", redacted="r", origin=anthropic),
        TextDelta("a"),
        ThinkingSigned("s2", origin=anthropic),
    ) == (
        Thinking("h", "s1", origin=anthropic),
        Thinking("m"),
        Thinking("", "", "r", origin=anthropic),
        Text("a"),
        Thinking("", "s2", origin=anthropic),
    )


def test_tool_calls_that_interleave_are_one_part_each_where_they_began() -> None:
    assert parts(
        TextDelta("see"),
        ToolStarted(index=0, id="c0", name="f"),
        ToolStarted(index=1, id="c1", name="g"),
        ToolDelta(index=1, json='{"b"'),
        ToolDelta(index=0, json="{}"),
        ToolDelta(index=1, json=":1}"),
        ToolDelta(index=7, json="nobody's"),
    ) == (
        Text("see"),
        ToolUse(id="c0", name="f", arguments="{}"),
        ToolUse(id="c1", name="g", arguments='{"b":1}'),
    )


def test_a_refusal_is_said_as_words_and_an_answer_of_nothing_is_no_turn() -> None:
    assert parts(RefusalDelta("no")) == (Text("no"),)
    assert turn_of((OPENED, END)) == ()


WORDS = st.sampled_from(["a", "bc", "d e"])
EVENTS = st.lists(st.builds(TextDelta, WORDS) | st.builds(ThinkingDelta, WORDS))


@given(EVENTS, st.data())
def test_however_words_are_cut_the_turn_is_the_same(
    events: list[TextDelta | ThinkingDelta], data: st.DataObject
) -> None:
    cut: list[Event] = []
    for event in events:
        at = data.draw(st.integers(1, len(event.text)))
        cut += [type(event)(each) for each in (event.text[:at], event.text[at:]) if each]
    whole: tuple[Turn, ...] = turn_of(events)
    assert turn_of(cut) == whole
