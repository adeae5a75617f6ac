"""What a conversation becomes beside its turns."""

import json
from typing import Any

import msgspec
import pytest

from support.geminis import check_request
from switchgear.domain.edit import CapOutput, Prefill, UseModel
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Role,
    Sampling,
    Text,
    Tool,
    ToolChoice,
    Turn,
)
from switchgear.wire.gemini.draft import write

HI = Turn(Role.USER, (Text("hi"),))
TOOL = Tool(name="f", schema=msgspec.Raw(b'{"type":"object","properties":{"a":{}}}'))
FLASH, PRO, NEW, OLD = "gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-flash", "gemini-2.0-flash"


def asked(model: str = FLASH, *edits: Any, **said: Any) -> tuple[dict[str, Any], list[str]]:
    conversation = Conversation(model="auto", turns=(HI,), **said)
    raw, dropped = write(conversation, (UseModel(model), *edits))
    return check_request(raw), list(dropped)


def thinking(model: str, **said: Any) -> tuple[Any, list[str]]:
    body, dropped = asked(model, **said)
    return body.get("generationConfig", {}).get("thinkingConfig"), dropped


@pytest.mark.parametrize(
    ("model", "said", "wanted", "dropped"),
    [
        (FLASH, {}, None, []),
        (FLASH, {"effort": "low"}, {"thinkingBudget": 1024, "includeThoughts": True}, []),
        (FLASH, {"effort": "high"}, {"thinkingBudget": 24_576, "includeThoughts": True}, []),
        (
            FLASH,
            {"effort": "max"},
            {"thinkingBudget": 24_576, "includeThoughts": True},
            ["reasoning_effort"],
        ),
        (FLASH, {"effort": "odd"}, None, ["reasoning_effort"]),
        (
            FLASH,
            {"effort": "high", "max_output": 3000},
            {"thinkingBudget": 1500, "includeThoughts": True},
            [],
        ),
        (FLASH, {"effort": "none"}, {"thinkingBudget": 0}, []),
        (FLASH, {"thinking_budget": 0}, {"thinkingBudget": 0}, []),
        (PRO, {"thinking_budget": 0}, {"thinkingBudget": 128}, ["thinking"]),
        (PRO, {"thinking_budget": 99_999}, {"thinkingBudget": 32_768, "includeThoughts": True}, []),
        (OLD, {"thinking_budget": 0}, None, []),
        (OLD, {"effort": "low"}, None, ["reasoning_effort"]),
        (OLD, {"thinking_budget": 2000}, None, ["thinking"]),
        (NEW, {"effort": "medium"}, {"thinkingLevel": "medium", "includeThoughts": True}, []),
        (
            NEW,
            {"effort": "xhigh"},
            {"thinkingLevel": "high", "includeThoughts": True},
            ["reasoning_effort"],
        ),
        (NEW, {"effort": "none"}, {"thinkingLevel": "minimal"}, ["thinking"]),
        (NEW, {"thinking_budget": 2000}, {"thinkingBudget": 2000, "includeThoughts": True}, []),
        (
            NEW,
            {"thinking_budget": 2000, "effort": "low"},
            {"thinkingLevel": "low", "includeThoughts": True},
            [],
        ),
    ],
)
def test_each_model_is_told_to_think_in_its_own_way(
    model: str, said: dict[str, Any], wanted: object, dropped: list[str]
) -> None:
    assert thinking(model, **said) == (wanted, dropped)


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice(choice=Choice.AUTO), {"mode": "AUTO"}),
        (ToolChoice(choice=Choice.NONE), {"mode": "NONE"}),
        (ToolChoice(choice=Choice.REQUIRED), {"mode": "ANY"}),
        (
            ToolChoice(choice=Choice.NAMED, name="f"),
            {"mode": "ANY", "allowedFunctionNames": ["f"]},
        ),
    ],
)
def test_a_choice_of_tools_is_a_mode(choice: ToolChoice, config: object) -> None:
    body, _ = asked(tools=(TOOL,), tool_choice=choice)
    assert body["toolConfig"] == {"functionCallingConfig": config}


def test_a_schema_stays_as_it_is_and_an_empty_one_is_left_out() -> None:
    body, dropped = asked(tools=(TOOL, Tool(name="g", description="G", strict=True, cache=True)))
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f", "parametersJsonSchema": {"type": "object", "properties": {"a": {}}}},
                {"name": "g", "description": "G"},
            ]
        }
    ]
    assert dropped == ["tools.strict", "cache_control"]


def test_json_beside_tools_is_for_models_that_can() -> None:
    wanted = AnswerFormat(schema=msgspec.Raw(b'{"type":"object"}'))
    body, dropped = asked(NEW, tools=(TOOL,), format=wanted)
    assert body["generationConfig"]["responseJsonSchema"] == {"type": "object"}
    assert not dropped
    body, dropped = asked(FLASH, tools=(TOOL,), format=wanted)
    assert "generationConfig" not in body
    assert dropped == ["response_format"]
    body, dropped = asked(FLASH, format=AnswerFormat())
    assert body["generationConfig"] == {"responseMimeType": "application/json"}


def test_what_google_has_no_place_for_is_named() -> None:
    _, dropped = asked(
        sampling=Sampling(seed=2**40),
        stop=("a", "b", "c", "d", "e", "f"),
        end_user="u",
        metadata=(("k", "v"),),
        tools=(TOOL,),
        tool_choice=ToolChoice(parallel=False),
        unread=("logprobs",),
    )
    assert set(dropped) == {"seed", "stop", "user", "metadata", "parallel_tool_calls", "logprobs"}


def test_a_cap_only_lowers_the_limit() -> None:
    for limit, cap, found in ((None, 5, 5), (9, 5, 5), (3, 5, 3)):
        body, _ = asked(FLASH, CapOutput(cap), max_output=limit)
        assert body["generationConfig"]["maxOutputTokens"] == found


def test_a_prefill_is_the_model_s_own_beginning() -> None:
    body, _ = asked(FLASH, Prefill("So"))
    assert body["contents"][-1] == {"role": "model", "parts": [{"text": "So"}]}


def test_what_stands_in_the_address_is_not_in_the_body() -> None:
    body, _ = asked(stream=True)
    assert list(body) == ["contents"]
    assert "auto" not in json.dumps(body)
