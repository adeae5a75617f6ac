import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.engine.loop.argument import ask_of, canonical

NAMES = st.text(alphabet="abcdef_", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=50)
@given(st.dictionaries(NAMES, VALUES, max_size=5), st.sampled_from([None, 1, 4]))
def test_order_and_white_space_do_not_matter(fields: dict[str, Any], indent: int | None) -> None:
    one, other = json.dumps(fields), json.dumps(turned(fields), indent=indent)
    assert ask_of("t", one) == ask_of("t", other)


@settings(max_examples=50)
@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=5), st.text(), st.integers())
def test_what_differs_from_call_to_call_does_not_matter(
    fields: dict[str, Any], nonce: str, time: int
) -> None:
    more = {**fields, "requestId": nonce, "timestamp": time, "trace-id": nonce}
    assert canonical(json.dumps(fields)) == canonical(json.dumps(more))


@settings(max_examples=50)
@given(st.dictionaries(NAMES, VALUES, max_size=5), st.dictionaries(NAMES, VALUES, max_size=5))
def test_other_arguments_stay_others(one: dict[str, Any], other: dict[str, Any]) -> None:
    same = canonical(json.dumps(one)) == canonical(json.dumps(other))
    assert same == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def test_a_thought_beside_other_arguments_is_for_readers_and_alone_it_is_what_is_asked() -> None:
    assert canonical('{"a": 1, "explanation": "x"}') == canonical('{"a": 1, "explanation": "y"}')
    assert canonical('{"thought": "x"}') != canonical('{"thought": "y"}')


def test_another_tool_is_another_ask() -> None:
    assert ask_of("a", "{}") != ask_of("b", "{}")


@pytest.mark.parametrize(
    "text", ["", "ls  -l", '{"a": NaN}', "[" * 100_000, '{"a": "\ud800"}', "{", "1" * 70_000]
)
def test_what_is_no_json_is_compared_as_text(text: str) -> None:
    assert canonical(text) == canonical(f" {text}\n")
    assert canonical(text) != canonical(f"{text}x")
