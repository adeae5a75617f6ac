import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.config.setup import ToolSource, ToolSpec
from switchgear.domain.turn import Conversation, Role, Text, ToolUse, Turn
from switchgear.engine.toolinput import find_arguments

ADD = {
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "integer", "maximum": 9}},
    "required": ["a"],
    "additionalProperties": False,
}


def spec(source: ToolSource, schema: object = ADD) -> ToolSpec:
    raw = msgspec.Raw(msgspec.json.encode(schema))
    return ToolSpec(target="calc", function="arithmetic", source=source, schema=raw)


def asks(text: str) -> Conversation:
    return Conversation(model="auto", turns=(Turn(Role.USER, (Text(text),)),))


def calls(*arguments: str) -> Conversation:
    parts = tuple(ToolUse(id="1", name="add", arguments=each) for each in arguments)
    return Conversation(model="auto", turns=(Turn(Role.ASSISTANT, parts),))


CALL, JSON = ToolSource(tool_call=True), ToolSource(json=True)
PATTERN = ToolSource(pattern=r"(?P<a>-?[0-9.]+) and (?P<b>\w+)?")


@pytest.mark.parametrize(
    ("source", "talk", "found"),
    [
        (CALL, calls('{"a":1}', '{"a":2}'), {"a": 2}),
        (CALL, calls('{"a":1'), "the tool call's arguments are no JSON object"),
        (CALL, calls("[1]"), "the tool call's arguments are no JSON object"),
        (CALL, calls('{"a":NaN}'), "the tool call's arguments are no JSON object"),
        (CALL, calls(""), "the argument a is missing"),
        (CALL, calls(), "there is no tool call"),
        (CALL, asks("hi"), "there is no tool call"),
        (JSON, asks('use {this}: {"a": 1, "b": 2} and {"a": 3}'), {"a": 1, "b": 2}),
        (JSON, asks("{" * 5000), "there is no JSON object in the last user turn"),
        (JSON, asks('{"a": "secret"}'), "the argument a must be of type number"),
        (JSON, asks('{"a": 1, "b": 10}'), "the argument b breaks the schema's rule maximum"),
        (
            JSON,
            asks('{"a": 1, "c": 1}'),
            "the arguments together breaks the schema's rule additionalProperties",
        ),
        (PATTERN, asks("add 1.5 and 2"), {"a": 1.5, "b": 2}),
        (PATTERN, asks("add 1.5 and "), {"a": 1.5}),
        (PATTERN, asks("add 1.5.5 and 2"), "the argument a must be of type number"),
        (PATTERN, asks("hello"), "the pattern does not match the last user turn"),
        (PATTERN, asks("\ud800 1 and 2"), "the pattern does not match the last user turn"),
    ],
)
def test_arguments_come_from_the_declared_place_or_the_problem_is_named(
    source: ToolSource, talk: Conversation, found: object
) -> None:
    assert find_arguments(talk, spec(source)) == found


@given(text=st.text(alphabet='{}[]"a:1, \\\ud800', max_size=200))
def test_any_text_gives_arguments_or_a_problem_that_does_not_repeat_it(text: str) -> None:
    for source in (CALL, JSON, PATTERN):
        for talk in (asks(text), calls(text)):
            found = find_arguments(talk, spec(source, {"type": "object"}))
            assert isinstance(found, dict | str)
