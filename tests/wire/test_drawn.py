"""How likely the words were is read from the target's bytes, where it has words for that."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.drawn import MOST_DRAWN, Drawn
from switchgear.wire.drawn import MOST_BYTES, read_drawn

CHAT, RESPONSES = Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES
TOLD = [
    {"token": "h", "logprob": -0.1, "bytes": [104], "top_logprobs": [
        {"token": "h", "logprob": -0.1}, {"token": "j", "logprob": -2.1}]},
    {"token": "i", "logprob": -0.5, "bytes": None, "top_logprobs": [
        {"token": "i", "logprob": -0.5}, {"token": "o", "logprob": -1.5}]},
]  # fmt: skip
BOTH = (Drawn(-0.1, (-0.1, -2.1)), Drawn(-0.5, (-0.5, -1.5)))


def chat(told: object) -> bytes:
    choice = {"index": 0, "message": {"content": "hi"}, "logprobs": told, "finish_reason": "stop"}
    return json.dumps({"id": "c", "choices": [choice]}).encode()


def response(told: object) -> dict[str, Any]:
    part = {"type": "output_text", "text": "hi", "logprobs": told}
    thought = {"type": "reasoning", "summary": []}
    return {"id": "r", "output": [thought, {"type": "message", "content": [part]}]}


def frames(*bodies: object) -> bytes:
    return b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in bodies)


def test_a_whole_chat_completion_tells_it() -> None:
    assert read_drawn(CHAT, chat({"content": TOLD, "refusal": None})) == BOTH


def test_a_stream_of_chat_completions_tells_it_token_by_token() -> None:
    chunks = [
        {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [it]}}]} for it in TOLD
    ]
    last = [{"choices": [{"index": 0, "delta": {}, "logprobs": None}]}, {"choices": []}]
    raw = b": ping\n\n" + frames(*chunks, *last) + b"data: [DONE]\n\n"
    assert read_drawn(CHAT, raw) == BOTH


def test_a_response_tells_it_in_its_parts() -> None:
    assert read_drawn(RESPONSES, json.dumps(response(TOLD)).encode()) == BOTH


def test_a_stream_of_a_response_tells_it_once_at_its_end() -> None:
    deltas = [{"type": "response.output_text.delta", "delta": "h", "logprobs": TOLD[:1]}]
    end = {"type": "response.completed", "response": response(TOLD)}
    begun = {"type": "response.created", "response": response([])}
    raw = b"event: x\n" + frames(begun, *deltas, end)
    assert read_drawn(RESPONSES, raw) == BOTH


@pytest.mark.parametrize("dialect", [*Dialect, None])
def test_others_have_no_words_for_it(dialect: Dialect | None) -> None:
    if dialect in {CHAT, RESPONSES}:
        assert read_drawn(dialect, b"{}") == ()
    else:
        assert read_drawn(dialect, chat({"content": TOLD})) == ()


@pytest.mark.parametrize("told", [None, {"content": None}, {"content": []}])
def test_where_nothing_is_told_nothing_is_known(told: object) -> None:
    assert read_drawn(CHAT, chat(told)) == ()


def test_only_the_first_of_several_answers_counts() -> None:
    found = json.loads(chat({"content": TOLD}))
    poor = [{"token": "x", "logprob": -3.0, "top_logprobs": []}]
    found["choices"].append({"index": 1, "logprobs": {"content": poor}})
    assert read_drawn(CHAT, json.dumps(found).encode()) == BOTH


@given(
    noise=st.binary(max_size=80),
    dialect=st.sampled_from([CHAT, RESPONSES]),
    whole=st.booleans(),
)
def test_no_bytes_break_it(noise: bytes, dialect: Dialect, *, whole: bool) -> None:
    raw = b'{"logprob":' + noise if whole else b'data: {"logprob":' + noise + b"}\n\n"
    assert read_drawn(dialect, raw) == ()
    assert read_drawn(dialect, chat({"content": [{"logprob": "no"}]})) == ()


def test_it_is_not_read_from_more_than_so_much() -> None:
    raw = chat({"content": TOLD})
    assert read_drawn(CHAT, raw + b" " * MOST_BYTES) == ()


def test_only_the_first_tokens_are_read() -> None:
    assert len(read_drawn(CHAT, chat({"content": TOLD * MOST_DRAWN}))) == MOST_DRAWN
