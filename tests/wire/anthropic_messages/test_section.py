"""Events put together into blocks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from switchgear.wire.anthropic_messages.section import (
    MAX_HELD,
    Kind,
    Outline,
    Section,
    encode_blocks,
    fold,
)


def kinds(*events: Event) -> list[Kind]:
    return [section.kind for section in fold(events).sections]


@given(st.lists(st.text(max_size=5), max_size=8))
def test_words_in_a_row_are_one_block_however_they_are_cut(words: list[str]) -> None:
    outline = fold([TextDelta(word) for word in words])
    assert [each.text for each in outline.sections] == (["".join(words)] if words else [])


def test_a_change_of_kind_begins_a_block_and_so_does_a_signature() -> None:
    assert kinds(TextDelta("a"), ThinkingDelta("b"), TextDelta("c")) == [
        Kind.TEXT,
        Kind.THINKING,
        Kind.TEXT,
    ]
    signed = fold([ThinkingDelta("a"), ThinkingSigned("sig"), ThinkingDelta("b")])
    assert [(each.text, each.signature) for each in signed.sections] == [("a", "sig"), ("b", "")]


def test_hidden_thinking_is_a_block_of_its_own() -> None:
    outline = fold([ThinkingDelta("a"), ThinkingSigned("", redacted="dark")])
    assert outline.sections[1].block() == {"type": "redacted_thinking", "data": "dark"}


def test_parallel_calls_that_interleave_go_to_their_own_blocks() -> None:
    outline = fold(
        [
            ToolStarted(index=0, id="t:0", name="f"),
            ToolStarted(index=1, id="t1", name="g"),
            ToolDelta(index=1, json='{"b":'),
            ToolDelta(index=0, json='{"a":1}'),
            ToolDelta(index=1, json="2}"),
        ]
    )
    assert outline.asks_for_tools
    assert [json.loads(bytes(each)) for each in encode_blocks(outline)] == [
        {"type": "tool_use", "id": "t_0", "name": "f", "input": {"a": 1}},
        {"type": "tool_use", "id": "t1", "name": "g", "input": {"b": 2}},
    ]


def test_a_call_announced_twice_stays_one_and_a_stray_delta_has_no_place() -> None:
    started = ToolStarted(index=0, id="t", name="f")
    assert kinds(started, started) == [Kind.TOOL]
    assert Outline().place(ToolDelta(index=7, json="{}")) is None


def test_what_opens_and_ends_an_answer_belongs_to_no_block() -> None:
    assert kinds(Opened(id="x", model="m"), Finished(stop=Stop.END)) == []


def test_a_refusal_is_said_as_text_and_remembered() -> None:
    outline = fold([RefusalDelta("No.")])
    assert outline.refused
    assert outline.sections[0].block() == {"type": "text", "text": "No."}


def test_blocks_without_a_word_are_left_out_but_calls_never() -> None:
    outline = fold([TextDelta(""), ToolStarted(index=0, id="t", name="f")])
    assert [json.loads(bytes(each))["type"] for each in encode_blocks(outline)] == ["tool_use"]


@given(st.dictionaries(st.text(max_size=3), st.text("}{a", max_size=4), max_size=3), st.data())
def test_arguments_are_complete_with_their_last_brace_and_not_before(
    given_arguments: dict[str, str], data: st.DataObject
) -> None:
    text = json.dumps(given_arguments)
    cut = data.draw(st.integers(1, len(text) - 1))
    section = Section(Kind.TOOL)
    section.add(text[:cut])
    assert not section.complete
    section.add(text[cut:])
    assert section.complete
    section.add("\n")
    assert section.complete


def test_a_block_has_a_bound() -> None:
    section = Section(Kind.TOOL)
    section.add("x" * MAX_HELD)
    with pytest.raises(UpstreamGarbled, match="more than"):
        section.add("x")
