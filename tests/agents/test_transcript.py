import pytest
from agents.transcript import Lost, runs

from switchgear.domain.turn import Conversation, Part, Role, Text, ToolResult, ToolUse, Turn


def talk(*parts: Part) -> Conversation:
    return Conversation(model="m", turns=(Turn(Role.USER, parts),))


def use(call: str, arguments: str = '{"a": 1}') -> ToolUse:
    return ToolUse(id=call, name="t", arguments=arguments)


def result(call: str) -> ToolResult:
    return ToolResult(id=call, parts=(Text("one "), Text("two")))


def test_a_call_has_its_result_wherever_that_stands() -> None:
    found = runs(talk(use("1"), use("2", ""), result("2"), result("1")))
    assert [(run.arguments, run.text) for run in found] == [({"a": 1}, "one two"), ({}, "one two")]


@pytest.mark.parametrize(
    "parts",
    [
        (use("1"),),
        (result("1"),),
        (use("1"), result("2")),
        (use("1"), use("1"), result("1")),
        (use("1", '{"a": '), result("1")),
        (use("1", "[]"), result("1")),
    ],
)
def test_what_got_lost_or_changed_is_noticed(parts: tuple[Part, ...]) -> None:
    with pytest.raises(Lost):
        runs(talk(*parts))


def test_calls_that_are_told_as_text_are_read_too() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "t", "arguments": {"a": 'b"'}}}
    found = runs(talk(Text(f"Well.\nCalling tools:\n{[call]}"), Text('Observation:\n{"c": 2}')))
    assert [(run.name, run.arguments, run.text) for run in found] == [
        ("t", {"a": 'b"'}, '{"c": 2}')
    ]
    with pytest.raises(Lost):
        runs(talk(Text(f"Calling tools:\n{[call]}")))
