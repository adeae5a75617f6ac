"""Requests as Google's clients write them, in our words."""

import json
from typing import Any

import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Document,
    Image,
    Role,
    Text,
    Thinking,
    ToolChoice,
    ToolResult,
    ToolUse,
)
from switchgear.wire.gemini.body import parse

HI = {"role": "user", "parts": [{"text": "hi"}]}


def read(*contents: dict[str, Any], **said: Any) -> Conversation:
    return parse(json.dumps({"contents": contents or [HI], **said}).encode()).conversation


def call(name: str, **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": {}, **more}}


def result(name: str, response: object, **more: Any) -> dict[str, Any]:
    return {"functionResponse": {"name": name, "response": response, **more}}


def test_results_without_ids_find_their_calls_by_name_and_order() -> None:
    calls = {"role": "model", "parts": [call("f"), call("g"), call("f")]}
    results = {"role": "user", "parts": [result(name, {"output": name}) for name in "gff"]}
    found = read(HI, calls, results)
    ids = [part.id for part in found.turns[1].parts if isinstance(part, ToolUse)]
    given = [part.id for part in found.turns[2].parts if isinstance(part, ToolResult)]
    assert len(set(ids)) == 3
    assert given == [ids[1], ids[0], ids[2]]
    assert read(HI, calls, results) == found


@pytest.mark.parametrize(
    ("response", "texts", "failed"),
    [
        ({"output": "x"}, ["x"], False),
        ({"output": ["x", "y"]}, ["x", "y"], False),
        ({"output": {"a": 1}}, ['{"a":1}'], False),
        ({"error": "x"}, ["x"], True),
        ({"temperature": 5}, ['{"temperature": 5}'], False),
        ({}, [], False),
    ],
)
def test_what_a_tool_gave_back_is_read(response: object, texts: list[str], failed: bool) -> None:  # noqa: FBT001 - a table
    (found,) = read({"parts": [result("f", response)]}).turns[0].parts
    assert found == ToolResult(id="f", parts=tuple(map(Text, texts)), failed=failed)


def test_results_and_the_words_after_them_are_one_turn() -> None:
    found = read({"role": "model", "parts": [call("f")]}, {"parts": [result("f", {})]}, HI)
    assert [turn.role for turn in found.turns] == [Role.ASSISTANT, Role.USER]


def test_signatures_are_read_with_the_thoughts_before_them() -> None:
    parts = [
        {"text": "hm", "thought": True},
        {**call("f", id="1"), "thoughtSignature": "AAAA"},
        {**call("g", id="2"), "thoughtSignature": "skip_thought_signature_validator"},
    ]
    thought, _, second = read({"role": "model", "parts": parts}).turns[0].parts
    assert thought == Thinking("hm", "AAAA", origin=Dialect.GEMINI)
    assert isinstance(second, ToolUse)


def test_pictures_and_files_are_told_apart_by_their_type() -> None:
    parts = [
        {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "AAAA"}},
        {"fileData": {"mimeType": "image/png", "fileUri": "gs://a"}},
        {"fileData": {"fileUri": "gs://b"}},
    ]
    assert read({"parts": parts}).turns[0].parts == (
        Image(media_type="image/png", data="AAAA"),
        Document(media_type="application/pdf", data="AAAA"),
        Image(url="gs://a"),
        Document(url="gs://b"),
    )


def test_older_schemas_become_json_schema() -> None:
    older = {"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "ARRAY"}}}
    found = read(
        tools=[{"functionDeclarations": [{"name": "f", "parameters": older}]}],
        generationConfig={"responseMimeType": "application/json", "responseSchema": older},
    )
    plain = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array"}}}
    assert found.format
    assert found.format.schema
    assert json.loads(bytes(found.tools[0].schema)) == plain
    assert json.loads(bytes(found.format.schema)) == plain


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        ({"mode": "VALIDATED"}, ToolChoice()),
        ({"mode": "ANY", "allowedFunctionNames": ["f"]}, ToolChoice(choice=Choice.NAMED, name="f")),
        (
            {"mode": "ANY", "allowedFunctionNames": ["f", "g"]},
            ToolChoice(choice=Choice.REQUIRED),
        ),
        ({"mode": "MODE_UNSPECIFIED"}, None),
    ],
)
def test_a_mode_is_a_choice(config: object, choice: ToolChoice | None) -> None:
    found = read(toolConfig={"functionCallingConfig": config})
    assert found.tool_choice == choice
    assert (found.unread == ("toolConfig.allowedFunctionNames",)) == ('"g"' in json.dumps(config))


def test_how_to_think_is_an_effort_or_a_budget() -> None:
    def thinking(**said: object) -> tuple[str, int | None]:
        found = read(generationConfig={"thinkingConfig": said})
        return found.effort, found.thinking_budget

    assert thinking(thinkingLevel="HIGH") == ("high", None)
    assert thinking(thinkingLevel="THINKING_LEVEL_UNSPECIFIED") == ("", None)
    assert thinking(thinkingBudget=0) == ("", 0)
    assert thinking(thinkingBudget=-1) == ("", None)


def test_json_of_any_shape_is_a_format_too() -> None:
    assert read(generationConfig={"responseMimeType": "application/json"}).format == AnswerFormat()
    assert read(generationConfig={"responseMimeType": "text/plain"}).format is None
