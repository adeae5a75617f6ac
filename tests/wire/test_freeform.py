import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.turn import Conversation, Tool
from switchgear.wire import freeform

TEXTS = st.text(st.sampled_from('a"\\\n\té\u2028𝄞{}/') | st.characters(exclude_categories=["Cs"]))
LARK = freeform.Grammar("lark", 'start: "a"\n')


@given(TEXTS)
def test_a_text_comes_back_from_arguments(text: str) -> None:
    arguments = freeform.wrap(text)
    assert json.loads(arguments) == {"input": text}
    assert freeform.unwrap(arguments) == text
    assert freeform.OPENING + freeform.escaped(text) + freeform.CLOSING == arguments


@given(TEXTS, st.sampled_from([True, False]), st.lists(st.integers(1, 9), max_size=60))
def test_a_text_is_told_as_it_comes_however_it_is_cut(
    text: str, ascii_only: object, sizes: list[int]
) -> None:
    arguments = json.dumps({"input": text}, ensure_ascii=bool(ascii_only))
    unwrapping, found, rest = freeform.Unwrapping(), "", arguments
    for size in [*sizes, len(arguments)]:
        found += unwrapping.feed(rest[:size])
        rest = rest[size:]
    assert unwrapping.over
    assert found + unwrapping.end() == text


def test_it_is_told_before_its_end() -> None:
    unwrapping = freeform.Unwrapping()
    assert unwrapping.feed('{ "input": "one ') == "one "
    assert unwrapping.feed("two\\") == "two"
    assert unwrapping.feed("n\\ud834\\udd") == "\n"
    assert unwrapping.feed('1e"}') == "𝄞"
    assert unwrapping.feed(" ") == unwrapping.end() == ""


@pytest.mark.parametrize("arguments", ["", "plain", '{"other":1}', '{"input":1}', "[1]", '{"input'])
def test_what_is_no_such_arguments_is_the_text(arguments: str) -> None:
    unwrapping = freeform.Unwrapping()
    assert unwrapping.feed(arguments) + unwrapping.end() == arguments
    assert freeform.unwrap(arguments) == arguments


def test_a_string_that_is_no_good_json_is_told_as_it_stands() -> None:
    assert freeform.Unwrapping().feed('{"input":"a\nb') == "a\nb"


def test_a_grammar_is_told_in_the_schema_and_read_from_it() -> None:
    assert freeform.grammar(freeform.schema(LARK)) == LARK
    assert freeform.grammar(freeform.schema()) is None
    assert freeform.grammar(msgspec.Raw(b"[]")) is None
    assert json.loads(bytes(freeform.schema()))["required"] == ["input"]


def test_only_tools_that_take_text_are_named() -> None:
    tools = (Tool(name="a"), Tool(name="b", freeform=True))
    assert freeform.names(Conversation(model="m", turns=(), tools=tools)) == {"b"}
    assert freeform.names(None) == set()
