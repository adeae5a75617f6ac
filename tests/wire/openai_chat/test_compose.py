import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from openai.types.chat.chat_completion_custom_tool_param import ChatCompletionCustomToolParam
from pydantic import TypeAdapter

from switchgear.domain.edit import UseModel
from switchgear.domain.turn import (
    Choice,
    Conversation,
    Role,
    Text,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire import freeform
from switchgear.wire.openai_chat import TONGUE

LARK = freeform.Grammar("lark", "start: x")
PATCH = Tool(name="patch", description="d", schema=freeform.schema(LARK), freeform=True)
PLAIN = Tool(name="plain", schema=freeform.schema(), freeform=True)
ASKED = Conversation(
    model="gpt-6-sol",
    turns=(
        Turn(Role.USER, (Text("mend it"),)),
        Turn(Role.ASSISTANT, (ToolUse(id="c", name="patch", arguments=freeform.wrap("x\n")),)),
        Turn(Role.USER, (ToolResult(id="c", parts=(Text("done"),)),)),
    ),
    tools=(PATCH, PLAIN),
    tool_choice=ToolChoice(choice=Choice.NAMED, name="plain"),
)
MESSAGES: TypeAdapter[Any] = TypeAdapter(list[ChatCompletionMessageParam])


def write(model: str) -> dict[str, Any]:
    raw, dropped = TONGUE.write(ASKED, (UseModel(model),))
    assert dropped == ()
    found: dict[str, Any] = json.loads(raw)
    MESSAGES.validate_python(found["messages"], strict=True)
    return found


@pytest.mark.parametrize("model", ["gpt-5", "gpt-5.6-terra", "openai/gpt-6-sol", "gpt-10"])
def test_models_that_know_tools_of_text_get_them(model: str) -> None:
    found = write(model)
    TypeAdapter(list[ChatCompletionCustomToolParam]).validate_python(found["tools"], strict=True)
    format_ = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}
    custom = {"name": "patch", "description": "d", "format": format_}
    assert found["tools"][0] == {"type": "custom", "custom": custom}
    assert found["tool_choice"] == {"type": "custom", "custom": {"name": "plain"}}
    call = {"id": "c", "type": "custom", "custom": {"name": "patch", "input": "x\n"}}
    assert found["messages"][1]["tool_calls"] == [call]


@pytest.mark.parametrize("model", ["gpt-4.1", "deepseek-chat", "my-gpt-5", "gpt-oss-20b"])
def test_to_all_others_they_are_functions_of_one_argument(model: str) -> None:
    found = write(model)
    TypeAdapter(list[ChatCompletionToolParam]).validate_python(found["tools"], strict=True)
    function = found["tools"][0]["function"]
    assert function["parameters"]["required"] == ["input"]
    assert "start: x" in function["parameters"]["properties"]["input"]["description"]
    assert found["tool_choice"] == {"type": "function", "function": {"name": "plain"}}
    assert found["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"input":"x\\n"}'


def test_tools_of_text_come_back_as_they_were() -> None:
    found = TONGUE.parse(TONGUE.write(ASKED, ())[0]).conversation
    assert (found.turns, found.tool_choice) == (ASKED.turns, ASKED.tool_choice)
    assert [bytes(tool.schema) for tool in found.tools] == [
        bytes(tool.schema) for tool in ASKED.tools
    ]
    assert all(tool.freeform for tool in found.tools)
