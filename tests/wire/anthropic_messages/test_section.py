"""Blocks as this dialect writes them."""

import json

from switchgear.domain.event import (
    Event,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.wire.anthropic_messages.section import Outline, block_of, encode_blocks
from switchgear.wire.section import fold


def outlined(*events: Event) -> Outline:
    return fold(events, Outline())


def test_hidden_thinking_is_a_block_of_its_own() -> None:
    outline = outlined(ThinkingDelta("a"), ThinkingSigned("", redacted="dark"))
    assert block_of(outline.sections[1]) == {"type": "redacted_thinking", "data": "dark"}


def test_parallel_calls_that_interleave_go_to_their_own_blocks() -> None:
    outline = outlined(
        ToolStarted(index=0, id="t:0", name="f"),
        ToolStarted(index=1, id="t1", name="g"),
        ToolDelta(index=1, json='{"b":'),
        ToolDelta(index=0, json='{"a":1}'),
        ToolDelta(index=1, json="2}"),
    )
    assert outline.asks_for_tools
    assert [json.loads(bytes(each)) for each in encode_blocks(outline)] == [
        {"type": "tool_use", "id": "t_0", "name": "f", "input": {"a": 1}},
        {"type": "tool_use", "id": "t1", "name": "g", "input": {"b": 2}},
    ]


def test_a_refusal_is_said_as_text_and_remembered() -> None:
    outline = outlined(RefusalDelta("No."))
    assert outline.refused
    assert block_of(outline.sections[0]) == {"type": "text", "text": "No."}


def test_blocks_without_a_word_are_left_out_but_calls_never() -> None:
    outline = outlined(TextDelta(""), ToolStarted(index=0, id="t", name="f"))
    assert [json.loads(bytes(each))["type"] for each in encode_blocks(outline)] == ["tool_use"]
