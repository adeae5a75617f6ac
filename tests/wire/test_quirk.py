"""Quirks: what no quirk is about keeps its bytes, what is lost has its name, twice is once."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.quirk import PLAIN, Quirks
from switchgear.wire.quirk import fit

RICH = Quirks(
    dropped=("user", "tools.function.strict", "messages.name", "response_format.json_schema"),
    renamed=(
        ("seed", "random_seed"),
        ("max_completion_tokens", "max_tokens"),
        ("effort", "reasoning.effort"),
        ("summary", "reasoning.summary"),
    ),
    mapped=(
        ("tool_choice", "required", "any"),
        ("messages.role", "developer", "system"),
        ("response_format.type", "json_schema", "json_object"),
    ),
    short_ids=True,
    hidden=("model",),
    added=(("version", "v1"),),
)
SOME = msgspec.structs.replace(RICH, added=())


def fitted(body: object, quirks: Quirks) -> tuple[object, tuple[str, ...]]:
    raw, lost = fit(msgspec.json.encode(body), quirks)
    return msgspec.json.decode(raw), lost


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({"user": "u", "a": 1}, {"a": 1}, ("user",)),
        ({"user": None}, {}, ()),
        ({"seed": 7}, {"random_seed": 7}, ()),
        ({"seed": 7, "random_seed": 8}, {"random_seed": 8}, ("seed",)),
        (
            {"effort": "low", "summary": "s"},
            {"reasoning": {"effort": "low", "summary": "s"}},
            (),
        ),
        (
            {"effort": "low", "reasoning": {"max_tokens": 5}},
            {"reasoning": {"max_tokens": 5, "effort": "low"}},
            (),
        ),
        (
            {"effort": "low", "reasoning": {"effort": "high"}},
            {"reasoning": {"effort": "high"}},
            ("effort",),
        ),
        ({"effort": "low", "reasoning": 5}, {"reasoning": 5}, ("effort",)),
        ({"seed": 7, "random_seed": None}, {"random_seed": 7}, ()),
        ({"seed": 7, "random_seed": 7}, {"random_seed": 7}, ()),
        ({"seed": None, "random_seed": 7}, {"random_seed": 7}, ()),
        ({"tool_choice": "required"}, {"tool_choice": "any"}, ()),
        ({"tool_choice": "auto"}, {"tool_choice": "auto"}, ()),
        ({"tool_choice": {"type": "required"}}, {"tool_choice": {"type": "required"}}, ()),
        (
            {"messages": [{"role": "developer", "content": "x", "name": "n"}, {"role": "user"}]},
            {"messages": [{"role": "system", "content": "x"}, {"role": "user"}]},
            ("messages.name",),
        ),
        (
            {"tools": [{"function": {"name": "f", "strict": True}}, {"type": "strict"}]},
            {"tools": [{"function": {"name": "f"}}, {"type": "strict"}]},
            ("tools.function.strict",),
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
            {"response_format": {"type": "json_object"}},
            ("response_format.json_schema",),
        ),
        ({"messages": "user", "tools": [1, None, [[]], "strict"]}, None, ()),
        ({"model": "m", "a": 1}, {"a": 1}, ()),
        (
            {"messages": [{"role": "user", "name": None}, {"role": "user", "name": ""}]},
            {"messages": [{"role": "user"}, {"role": "user"}]},
            (),
        ),
    ],
)
def test_each_quirk_changes_what_it_is_about_and_names_what_is_lost(
    before: dict[str, object], after: dict[str, object] | None, lost: tuple[str, ...]
) -> None:
    assert fitted(before, SOME) == (before if after is None else after, lost)


def test_what_is_added_is_there_whatever_the_caller_said() -> None:
    assert fitted({"version": 3, "a": 1}, RICH) == ({"version": "v1", "a": 1}, ())


@pytest.mark.parametrize(
    "raw",
    [
        b'{"model_":"m","x" : [1.0, 1e5,  "\\u00e9"], "y":{ }}',
        b'{"messages":[ {"role" :"user","content":"a developer, required"} ]}',
        b'{"messages":[{"role":"assistant","tool_calls":[{"id":"abcDEF123"}]}],"n": 1.50}',
    ],
)
def test_a_request_without_the_fields_comes_back_as_the_very_same_bytes(raw: bytes) -> None:
    found, lost = fit(raw, SOME)
    assert found is raw
    assert lost == ()


def test_bytes_beside_the_changed_ones_stay_as_they_were() -> None:
    kept = b'[ {"role":"user" , "content":"\\u00e9 1e5"} ]'
    schema = b'{ "type" : "object", "const": 1.50 }'
    raw = b'{"messages": %s, "temperature": 1.0, "user":"u", "tools":[{"function":' % kept
    raw += b'{"parameters": %s, "strict": true}}]}' % schema
    found, lost = fit(raw, SOME)
    assert lost == ("user", "tools.function.strict")
    assert kept in found
    assert schema in found
    assert b'"temperature":1.0' in found


def calls(raw: bytes) -> list[str]:
    messages = msgspec.json.decode(raw)["messages"]
    made = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    return made + [message["tool_call_id"] for message in messages if "tool_call_id" in message]


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6, unique=True))
def test_ids_of_tool_calls_become_short_alike_in_call_and_result(ids: list[str]) -> None:
    asked = {"role": "assistant", "tool_calls": [{"id": each} for each in ids]}
    answered = [{"role": "tool", "tool_call_id": each} for each in ids]
    raw, lost = fit(msgspec.json.encode({"messages": [asked, *answered]}), SOME)
    found = calls(raw)
    assert found[: len(ids)] == found[len(ids) :]
    assert len(set(found)) == len(ids)
    assert all(re.fullmatch("[a-zA-Z0-9]{9}", each) for each in found)
    assert lost == ()
    short = [each for each in ids if re.fullmatch("[a-zA-Z0-9]{9}", each)]
    assert set(short) <= set(found)


NAMES = st.sampled_from(
    [
        *(
            "user",
            "seed",
            "random_seed",
            "max_tokens",
            "max_completion_tokens",
            "tool_choice",
            "model",
            "version",
        ),
        *("messages", "tools", "function", "strict", "role", "name", "type", "id"),
        *("tool_calls", "tool_call_id", "response_format", "json_schema"),
    ]
)
LEAVES = st.one_of(
    st.none(), st.integers(-9, 9), st.text(max_size=12), NAMES, st.sampled_from(["developer"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=8)


@given(BODIES, st.sampled_from([RICH, SOME, PLAIN, SOME + SOME]))
def test_twice_is_as_good_as_once(body: dict[str, object], quirks: Quirks) -> None:
    once, _ = fit(msgspec.json.encode(body), quirks)
    again, lost = fit(once, quirks)
    assert again == once
    assert lost == ()


@given(BODIES)
def test_what_is_gone_was_named_or_stands_elsewhere(body: dict[str, object]) -> None:
    raw, lost = fit(msgspec.json.encode(body), SOME)
    elsewhere = {"model", "seed", "max_completion_tokens", "effort", "summary"}
    empty: tuple[object, ...] = (None, "", [], {})
    gone = {name for name in set(body) - set(msgspec.json.decode(raw)) if body[name] not in empty}
    assert gone - elsewhere <= set(lost)
    assert {each for each in lost if "." not in each} <= gone


def test_two_sets_of_quirks_are_one() -> None:
    both = Quirks(dropped=("a",)) + Quirks(dropped=("b",), added=(("v", "1"),))
    assert fitted({"a": 1, "b": 2}, both) == ({"v": "1"}, ("a", "b"))
