"""What others put into a chunk than OpenAI does."""

import json
from typing import Any

import pytest

from switchgear.domain.errors import UpstreamFailed
from switchgear.domain.event import Event, Finished, Stop, TextDelta, ThinkingDelta
from switchgear.wire.openai_chat.delta import Answer, read_chunk
from switchgear.wire.openai_chat.tap import ChatTap


def read(*chunks: dict[str, Any]) -> tuple[list[Event], Finished]:
    answer, events = Answer(), list[Event]()
    for each in chunks:
        chunk = read_chunk(json.dumps(each).encode())
        assert chunk is not None
        answer.read(chunk, events)
    return events[1:], answer.finish()


def said(content: object, reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": reason}]}


def test_thinking_inside_a_list_of_parts_is_told_before_the_words() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}, {"type": "x"}]}
    words = {"type": "text", "text": "Yes"}
    events, _ = read(said([thought]), said([words]), said("."), said([thought, words]))
    assert events == [
        ThinkingDelta("Hm"),
        TextDelta("Yes"),
        TextDelta("."),
        ThinkingDelta("Hm"),
        TextDelta("Yes"),
    ]


def test_a_part_that_nobody_knows_is_foreign() -> None:
    answer = Answer()
    chunk = read_chunk(json.dumps(said([{"type": "reference", "reference_ids": [1]}])).encode())
    assert chunk is not None
    answer.read(chunk, [])
    assert answer.foreign


@pytest.mark.parametrize("thinking", [None, "Hm", 5, [5], [{"text": 5}], {"text": "Hm"}])
def test_a_thought_of_another_form_is_overlooked(thinking: object) -> None:
    assert read(said([{"type": "thinking", "thinking": thinking}]))[0] == []


@pytest.mark.parametrize(
    ("reason", "stop"), [("eos", Stop.END), ("model_length", Stop.LENGTH), ("stop", Stop.END)]
)
def test_a_reason_to_stop_means(reason: str, stop: Stop) -> None:
    assert read(said("x", reason))[1].stop is stop


@pytest.mark.parametrize("reason", ["error", "insufficient_system_resource"])
def test_a_reason_to_stop_that_is_a_failure_is_one(reason: str) -> None:
    with pytest.raises(UpstreamFailed):
        read(said("x", reason))


@pytest.mark.parametrize(
    ("chunk", "figures"),
    [
        ({"x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}}, (3, 0, 4, 0)),
        (
            {"usage": {"prompt_tokens": 9, "completion_tokens": 4, "prompt_cache_hit_tokens": 5}},
            (9, 5, 4, 0),
        ),
        (
            {
                "usage": {
                    "prompt_tokens": 37,
                    "completion_tokens": 530,
                    "total_tokens": 800,
                    "completion_tokens_details": {"reasoning_tokens": 233},
                }
            },
            (37, 0, 763, 233),
        ),
        (
            {
                "usage": {
                    "prompt_tokens": 37,
                    "completion_tokens": 530,
                    "total_tokens": 567,
                    "completion_tokens_details": {"reasoning_tokens": 233},
                }
            },
            (37, 0, 530, 233),
        ),
    ],
    ids=["groq", "deepseek", "xai", "openai"],
)
def test_usage_is_read_wherever_it_stands(
    chunk: dict[str, Any], figures: tuple[int, int, int, int]
) -> None:
    usage = read(said("x", "stop"), chunk)[1].usage
    assert usage is not None
    assert (usage.input, usage.cached, usage.output, usage.reasoning) == figures


def test_an_error_beside_the_answer_ends_the_stream() -> None:
    tap = ChatTap(())
    tap.feed(b"data: " + json.dumps(said("Hel")).encode() + b"\n\n")
    told = {**said("", "stop"), "x_groq": {"id": "r", "error": "interrupted"}}
    with pytest.raises(UpstreamFailed):
        tap.feed(b"data: " + json.dumps(told).encode() + b"\n\n")


def test_azures_first_chunk_without_choices_passes_and_says_nothing() -> None:
    first = {"id": "", "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    frame = b"data: " + json.dumps(first).encode() + b"\n\n"
    tap = ChatTap(())
    (piece,) = tap.feed(frame)
    assert piece.raw == frame
    assert piece.seen == ()
    assert not tap.foreign
