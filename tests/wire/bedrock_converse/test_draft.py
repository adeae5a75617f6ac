"""What a Converse request says besides its messages."""

import json
from typing import Any

import msgspec
import pytest

from support.converse import check
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, Prefill, UseModel
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Document,
    Part,
    Role,
    Sampling,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire.bedrock_converse import TONGUE

OLD = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
LATER = "eu.anthropic.claude-opus-4-6-v1"
LATEST = "anthropic.claude-opus-5-v1:0"
NOVA = "us.amazon.nova-pro-v1:0"
OSS = "openai.gpt-oss-120b-1:0"
ARN = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1"
HI = Turn(Role.USER, (Text("hi"),))
F = Tool(name="f")
BUDGET = "thinking.budget_tokens"


def written(model: str, *turns: Turn, **fields: Any) -> Any:
    asked = Conversation(model="asked", turns=turns or (HI,), **fields)
    raw, dropped = TONGUE.write(asked, (UseModel(model),))
    check(raw, model=model)
    return {**json.loads(raw), "dropped": dropped}


def test_the_body_names_neither_the_model_nor_the_stream() -> None:
    assert written(OLD, stream=True).keys() == {"messages", "dropped"}


@pytest.mark.parametrize(
    ("model", "asked", "more", "output", "dropped"),
    [
        (OLD, {"effort": "medium"}, {"type": "enabled", "budget_tokens": 8192}, None, ()),
        (OLD, {"thinking_budget": 2000}, {"type": "enabled", "budget_tokens": 2000}, None, ()),
        (OLD, {"thinking_budget": 0}, {"type": "disabled"}, None, ()),
        (OLD, {"thinking_budget": 500}, None, None, ("thinking",)),
        (OLD, {"effort": "high", "max_output": 900}, None, None, ("reasoning_effort",)),
        (LATER, {"effort": "minimal"}, {"type": "adaptive"}, "low", ()),
        (LATER, {"effort": "odd"}, {"type": "adaptive"}, None, ("reasoning_effort",)),
        (
            LATEST,
            {"thinking_budget": 9000},
            {"type": "adaptive"},
            None,
            ("thinking.budget_tokens",),
        ),
        (NOVA, {"effort": "high"}, None, None, ("reasoning_effort",)),
        (ARN, {"thinking_budget": 2000}, None, None, ("thinking",)),
        (NOVA, {"effort": "none"}, None, None, ("reasoning_effort",)),
    ],
)
def test_thinking_is_asked_for_as_the_model_takes_it(
    model: str, asked: dict[str, Any], more: object, output: object, dropped: tuple[str, ...]
) -> None:
    found = written(model, **asked)
    assert found.get("additionalModelRequestFields", {}).get("thinking") == more
    assert found.get("outputConfig", {}).get("effort") == output
    assert found["dropped"] == dropped


def test_openais_models_take_an_effort_of_three() -> None:
    for effort, told in (("low", "low"), ("xhigh", "high")):
        found = written(OSS, effort=effort)
        assert found["additionalModelRequestFields"] == {"reasoning_effort": told}


CALL = ToolUse(id="t", name="f", arguments="")
TOLD = Turn(Role.USER, (ToolResult(id="t", parts=(Text("1"),)),))


@pytest.mark.parametrize(
    ("part", "thinks"),
    [
        (Thinking("a", "s", origin=Dialect.BEDROCK_CONVERSE), True),
        (Thinking("a", "s", origin=Dialect.ANTHROPIC_MESSAGES), False),
        (Text("a"), False),
    ],
)
def test_a_tool_loop_goes_on_with_thinking_only_where_it_began_with_it(
    part: Part, *, thinks: bool
) -> None:
    found = written(OLD, HI, Turn(Role.ASSISTANT, (part, CALL)), TOLD, thinking_budget=2000)
    assert ("additionalModelRequestFields" in found) is thinks
    assert [next(iter(block)) for block in found["messages"][1]["content"]] == [
        *(["text"] if isinstance(part, Text) else ["reasoningContent"] if thinks else []),
        "toolUse",
    ]


def test_neither_a_forced_tool_nor_a_begun_answer_goes_with_thinking() -> None:
    forced = ToolChoice(choice=Choice.REQUIRED)
    begun = Turn(Role.ASSISTANT, (Text("Once "),))
    for found in (
        written(OLD, tools=(F,), tool_choice=forced, thinking_budget=2000),
        written(OLD, HI, begun, thinking_budget=2000),
    ):
        assert "additionalModelRequestFields" not in found
        assert found["dropped"] == ("thinking",)
    assert found["messages"][-1]["content"] == [{"text": "Once"}]


@pytest.mark.parametrize(
    ("model", "said", "config", "more", "dropped"),
    [
        (OLD, {"temperature": 0.5, "top_p": 0.9}, {"temperature": 0.5}, {}, ("top_p",)),
        (OLD, {"top_p": 0.9, "top_k": 4}, {"topP": 0.9}, {"top_k": 4}, ()),
        (OLD, {"temperature": 1.5}, {"temperature": 1.0}, {}, ("temperature",)),
        (LATEST, {"temperature": 0.5, "top_k": 4}, {}, {}, ("temperature", "top_k")),
        (LATEST, {"temperature": 1.0}, {}, {}, ()),
        (NOVA, {"top_k": 4}, {}, {"inferenceConfig": {"topK": 4}}, ()),
        (OSS, {"top_k": 4, "top_p": 0.9}, {"topP": 0.9}, {}, ("top_k",)),
        (OSS, {"seed": 1, "frequency_penalty": 1.0}, {}, {}, ("seed", "frequency_penalty")),
    ],
)
def test_sampling_is_written_as_the_model_takes_it(
    model: str,
    said: dict[str, Any],
    config: dict[str, Any],
    more: dict[str, Any],
    dropped: tuple[str, ...],
) -> None:
    found = written(model, sampling=Sampling(**said))
    assert found.get("inferenceConfig", {}) == config
    assert found.get("additionalModelRequestFields", {}) == more
    assert found["dropped"] == dropped


def test_what_thinks_takes_no_temperature() -> None:
    found = written(OLD, thinking_budget=2000, sampling=Sampling(temperature=0.5, top_p=0.99))
    assert found["inferenceConfig"] == {"topP": 0.99}
    assert found["dropped"] == ("temperature",)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(choice=Choice.AUTO), {"auto": {}}),
        (ToolChoice(choice=Choice.REQUIRED), {"any": {}}),
        (ToolChoice(choice=Choice.NAMED, name="f"), {"tool": {"name": "f"}}),
        (None, None),
    ],
)
def test_a_choice_of_tools_is_said_in_the_apis_words(choice: object, told: object) -> None:
    found = written(OLD, tools=(F,), tool_choice=choice)["toolConfig"]
    assert found.get("toolChoice") == told
    assert [tool["toolSpec"]["name"] for tool in found["tools"]] == ["f"]


def test_no_tool_may_be_used_where_none_is_offered() -> None:
    none = ToolChoice(choice=Choice.NONE, parallel=False)
    assert "toolConfig" not in written(OLD, tools=(F,), tool_choice=none)
    called = written(OLD, HI, Turn(Role.ASSISTANT, (CALL,)), TOLD, tools=(F,), tool_choice=none)
    assert "toolChoice" not in called["toolConfig"]
    assert called["dropped"] == ("tool_choice", "parallel_tool_calls")


def test_a_tool_that_was_called_is_told_of_though_nobody_offers_it() -> None:
    found = written(OLD, HI, Turn(Role.ASSISTANT, (CALL,)), TOLD)
    assert [tool["toolSpec"]["name"] for tool in found["toolConfig"]["tools"]] == ["f"]


def test_an_ids_length_and_letters_fit_alike_in_call_and_result() -> None:
    ids = ("a/b" * 40, "a/b" * 40 + "c", "é", "")
    calls = tuple(ToolUse(id=each, name="f", arguments="") for each in ids)
    results = tuple(ToolResult(id=each, parts=()) for each in ids)
    found = written(OLD, HI, Turn(Role.ASSISTANT, calls), Turn(Role.USER, results))["messages"]
    asked = [block["toolUse"]["toolUseId"] for block in found[1]["content"]]
    assert asked == [block["toolResult"]["toolUseId"] for block in found[2]["content"]]
    assert len(set(asked[:3])) == 3


def test_documents_have_names_that_the_api_takes_and_none_twice() -> None:
    given = ("report.v2.pdf", "report.v2.pdf", "", "é" * 300, "a  b")
    files = tuple(Document(media_type="application/pdf", data="QQ==", name=it) for it in given)
    content = written(OLD, Turn(Role.USER, files))["messages"][0]["content"]
    names = [block["document"]["name"] for block in content if "document" in block]
    assert names == ["report-v2-pdf", "report-v2-pdf (2)", "document", "-" * 190, "a b"]
    assert "text" in content[-1]


def test_a_schema_is_written_as_a_string_and_no_schema_is_dropped() -> None:
    schema = msgspec.Raw(b'{"type": "object"}')
    found = written(OLD, format=AnswerFormat(schema=schema, name="n"))["outputConfig"]
    told = {"schema": '{"type": "object"}', "name": "n"}
    assert found["textFormat"] == {"type": "json_schema", "structure": {"jsonSchema": told}}
    assert written(OLD, format=AnswerFormat())["dropped"] == ("response_format",)


def test_claude_is_asked_to_tell_which_stop_sequence_it_met() -> None:
    assert written(OLD, stop=("a",))["additionalModelResponseFieldPaths"] == ["/stop_sequence"]
    assert "additionalModelResponseFieldPaths" not in written(NOVA, stop=("a",))
    assert "additionalModelResponseFieldPaths" not in written(OLD)


def test_edits_are_made_while_writing() -> None:
    asked = Conversation(model=OLD, turns=(HI,), max_output=9)
    edits = (CapOutput(5), Append((Turn(Role.ASSISTANT, (Text("Once"),)),)), Prefill(" upon"))
    found = json.loads(TONGUE.write(asked, edits)[0])
    assert found["inferenceConfig"] == {"maxTokens": 5}
    assert found["messages"][-1] == {"role": "assistant", "content": [{"text": "Once upon"}]}
    assert json.loads(TONGUE.write(asked, (CapOutput(50),))[0])["inferenceConfig"]["maxTokens"] == 9


def test_a_cache_mark_is_a_point_after_what_it_stands_on() -> None:
    turns = (
        Turn(Role.SYSTEM, (Text("s", cache=True),)),
        Turn(
            Role.USER,
            (
                Text("b"),
                ToolResult(id="t", parts=(Text("a", cache=True),)),
                Text("c", cache=True),
            ),
        ),
    )
    found = written(OLD, *turns, tools=(Tool(name="f", cache=True),))
    point = {"cachePoint": {"type": "default"}}
    kinds = [next(iter(block)) for block in found["messages"][0]["content"]]
    assert kinds == ["toolResult", "cachePoint", "text", "text", "cachePoint"]
    assert found["system"][1] == found["toolConfig"]["tools"][1] == point


def test_a_later_system_turn_is_said_by_the_user() -> None:
    found = written(OLD, HI, Turn(Role.SYSTEM, (Text("now"),)))["messages"]
    assert found[0]["content"][1] == {"text": "<system>\nnow\n</system>"}
