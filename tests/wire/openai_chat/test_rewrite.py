"""Edits of a caller's own bytes."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.edit import AskUsage, CapOutput, Edit, UseModel
from switchgear.wire.openai_chat.body import parse
from switchgear.wire.openai_chat.rewrite import rewrite

MESSAGES = b'[ {"role":"user", "content":"\\u00e9 \\/ 1.0"} ]'


def request(rest: bytes = b"") -> bytes:
    return b'{"temperature":1.50, "model":"auto","messages":' + MESSAGES + rest + b' ,"x":[1e2]}'


def edited(raw: bytes, *edits: Edit) -> bytes:
    return rewrite(parse(raw), edits)


@pytest.mark.parametrize(
    ("rest", "edits"),
    [
        (b"", ()),
        (b"", (UseModel("auto"), AskUsage())),
        (b',"max_tokens":5', (CapOutput(5), CapOutput(9))),
        (b',"stream":true,"stream_options":{"include_usage":true}', (AskUsage(),)),
        (b',"stream":false', (AskUsage(),)),
    ],
)
def test_edits_that_change_nothing_leave_every_byte(rest: bytes, edits: Sequence[Edit]) -> None:
    raw = request(rest)
    assert rewrite(parse(raw), edits) is raw


def test_untouched_values_keep_their_bytes_and_their_order() -> None:
    assert edited(request(), UseModel("gpt-x")) == (
        b'{"temperature":1.50,"model":"gpt-x","messages":' + MESSAGES + b',"x":[1e2]}'
    )


@pytest.mark.parametrize(
    ("rest", "field"),
    [
        (b"", "max_tokens"),
        (b',"max_tokens":null', "max_tokens"),
        (b',"max_tokens":500', "max_tokens"),
        (b',"max_completion_tokens":500', "max_completion_tokens"),
        (b',"reasoning_effort":"low"', "max_completion_tokens"),
    ],
)
def test_a_cap_goes_where_the_caller_has_its_own(rest: bytes, field: str) -> None:
    found = json.loads(edited(request(rest), CapOutput(7)))
    assert found[field] == 7
    assert len({"max_tokens", "max_completion_tokens"} & set(found)) == 1


def test_asking_for_usage_keeps_the_callers_other_stream_options() -> None:
    raw = request(b',"stream":true,"stream_options":{"include_obfuscation":false}')
    found = json.loads(edited(raw, AskUsage()))
    assert found["stream_options"] == {"include_obfuscation": False, "include_usage": True}


@given(st.text(min_size=1), st.integers(1, 10**6))
def test_all_edits_at_once_change_what_they_name_and_nothing_else(model: str, cap: int) -> None:
    raw = request(b',"stream":true')
    found = json.loads(edited(raw, UseModel(model), CapOutput(cap), AskUsage()))
    changed = {"model": model, "max_tokens": cap, "stream_options": {"include_usage": True}}
    assert found == {**json.loads(raw), **changed}
