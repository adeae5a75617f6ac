import json
from typing import Any

import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Document,
    Image,
    Role,
    Sampling,
    Text,
    Thinking,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire import freeform
from switchgear.wire.openai_responses import TONGUE


def read(given_input: object = "hi", **fields: object) -> Conversation:
    raw = json.dumps({"model": "m", "input": given_input, **fields}).encode()
    return TONGUE.parse(raw).conversation


def turns(*items: dict[str, Any]) -> list[Turn]:
    return list(read(list(items)).turns)


def said(role: str, *parts: dict[str, Any] | str) -> dict[str, Any]:
    return {"role": role, "content": parts[0] if isinstance(parts[0], str) else list(parts)}


CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}"}
CUSTOM = {"type": "custom_tool_call", "call_id": "c2", "name": "p", "input": 'a"b'}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "one"}
USE = ToolUse(id="c1", name="f", arguments="{}")
RESULT = ToolResult(id="c1", parts=(Text("one"),))


def test_a_body_tells_what_it_asks_for() -> None:
    body = TONGUE.parse(b'{"model":"m","input":"hi","stream":true}')
    assert (body.model, body.stream, body.dialect) == ("m", True, Dialect.OPENAI_RESPONSES)
    body.require_limit()
    assert body.conversation.turns == (Turn(Role.USER, (Text("hi"),)),)


def test_instructions_are_said_first() -> None:
    found = read([said("developer", "b"), said("user", "c")], instructions="a").turns
    assert found == (
        Turn(Role.SYSTEM, (Text("a"),)),
        Turn(Role.SYSTEM, (Text("b"),)),
        Turn(Role.USER, (Text("c"),)),
    )


def test_what_the_model_did_is_one_turn_and_so_is_what_came_of_it() -> None:
    answer = {"type": "message", "id": "m", "role": "assistant", "status": "completed"}
    content = [
        {"type": "output_text", "text": "so", "annotations": []},
        {"type": "refusal", "refusal": "no"},
    ]
    found = turns(
        said("user", "go"),
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gA"},
        {**answer, "content": content},
        CALL,
        CUSTOM,
        OUTPUT,
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "two"},
        said("user", "and"),
        said("user", "then"),
    )
    thought = Thinking("", "rs_1:gA", origin=Dialect.OPENAI_RESPONSES)
    custom = ToolUse(id="c2", name="p", arguments=freeform.wrap('a"b'))
    second = ToolResult(id="c2", parts=(Text("two"),))
    assert found[1:] == [
        Turn(Role.ASSISTANT, (thought, Text("so"), Text("no"), USE, custom)),
        Turn(Role.USER, (RESULT, second, Text("and"))),
        Turn(Role.USER, (Text("then"),)),
    ]


@pytest.mark.parametrize(
    ("item", "thought"),
    [
        ({"summary": [{"type": "summary_text", "text": "a"}, {"text": "b"}]}, Thinking("a\n\nb")),
        ({"summary": [], "content": [{"type": "reasoning_text", "text": "a"}]}, Thinking("a")),
        (
            {"id": "rs_1", "encrypted_content": "switchgear:anthropic-messages:sig"},
            Thinking("", "sig", origin=Dialect.ANTHROPIC_MESSAGES),
        ),
        (
            {"encrypted_content": "switchgear:anthropic-messages:redacted:xyz"},
            Thinking("", redacted="xyz", origin=Dialect.ANTHROPIC_MESSAGES),
        ),
        ({"encrypted_content": "gA"}, Thinking("", "gA", origin=Dialect.OPENAI_RESPONSES)),
        (
            {"id": "rs_sg_1", "encrypted_content": "gA"},
            Thinking("", "gA", origin=Dialect.OPENAI_RESPONSES),
        ),
    ],
)
def test_reasoning_keeps_its_proof(item: dict[str, Any], thought: Thinking) -> None:
    assert turns({"type": "reasoning", **item}) == [Turn(Role.ASSISTANT, (thought,))]


def test_pictures_and_files_are_read() -> None:
    (turn,) = turns(
        said(
            "user",
            {"type": "input_text", "text": "see", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "input_image", "image_url": "https://x.org/a", "detail": "auto"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "high"},
            {"type": "input_file", "file_url": "https://x.org/b"},
            {"type": "input_file", "file_data": "data:text/plain;base64,AA", "filename": "n"},
            {"type": "input_file", "file_data": "AA"},
        )
    )
    assert turn.parts == (
        Text("see", cache=True),
        Image(url="https://x.org/a"),
        Image(media_type="image/png", data="AA", detail="high"),
        Document(url="https://x.org/b"),
        Document(media_type="text/plain", data="AA", name="n"),
        Document(media_type="application/pdf", data="AA"),
    )


def test_a_tool_may_give_back_parts() -> None:
    parts = [
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": "https://x.org/a", "detail": "low"},
    ]
    (turn,) = turns({**OUTPUT, "output": parts})
    shown = (Text("a"), Image(url="https://x.org/a", detail="low"))
    assert turn.parts == (ToolResult(id="c1", parts=shown),)


@pytest.mark.parametrize(
    "kind",
    [
        "item_reference", "web_search_call", "file_search_call", "computer_call",
        "computer_call_output", "code_interpreter_call", "local_shell_call", "shell_call",
        "shell_call_output", "apply_patch_call", "apply_patch_call_output", "mcp_call",
        "mcp_list_tools", "mcp_approval_request", "image_generation_call", "compaction", "program",
    ],
)  # fmt: skip
def test_items_without_a_place_here_are_named(kind: str) -> None:
    found = read([said("user", "hi"), {"type": kind, "id": "x"}])
    assert found.unread == (f"input.{kind}",)
    assert len(found.turns) == 1


def test_a_reference_needs_no_type() -> None:
    assert read([{"id": "msg_1"}]).unread == ("input.item_reference",)


def test_content_without_a_place_here_is_named() -> None:
    found = read(
        [
            said("user", {"type": "input_image", "file_id": "f"}, {"type": "input_audio"}),
            {**said("assistant", "so"), "phase": "commentary"},
            {**CALL, "namespace": "n"},
        ]
    )
    assert found.unread == (
        "input.content.input_image", "input.content.input_audio", "input.message.phase",
        "input.namespace",
    )  # fmt: skip


def test_tools_are_read() -> None:
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: x"}
    found = read(
        tools=[
            {"type": "function", "name": "f", "parameters": {"b": 1, "a": 2}, "strict": True},
            {"type": "function", "name": "g", "parameters": None},
            {"type": "custom", "name": "p", "description": "d", "format": grammar},
            {"type": "custom", "name": "q", "format": {"type": "text"}},
            {"type": "web_search"},
            {"type": "mcp", "server_label": "x", "server_url": "https://x.org"},
        ]
    )
    first, second, third, fourth = found.tools
    assert bytes(first.schema) == b'{"b": 1, "a": 2}'
    assert (first.strict, second.strict, first.freeform) == (True, None, False)
    assert bytes(second.schema) == b'{"type":"object","properties":{}}'
    assert third.freeform
    assert freeform.grammar(third.schema) == freeform.Grammar("lark", "start: x")
    assert freeform.grammar(fourth.schema) is None
    assert found.unread == ("tools.web_search", "tools.mcp")


TOOLS = [{"type": "function", "name": "f"}, {"type": "custom", "name": "p"}]


@pytest.mark.parametrize(
    ("asked", "choice", "names"),
    [
        ("auto", ToolChoice(), "fp"),
        ("none", ToolChoice(choice=Choice.NONE), "fp"),
        ("required", ToolChoice(choice=Choice.REQUIRED), "fp"),
        ({"type": "function", "name": "f"}, ToolChoice(choice=Choice.NAMED, name="f"), "fp"),
        ({"type": "custom", "name": "p"}, ToolChoice(choice=Choice.NAMED, name="p"), "fp"),
        (
            {"type": "allowed_tools", "mode": "required", "tools": TOOLS[:1]},
            ToolChoice(choice=Choice.REQUIRED),
            "f",
        ),
        ({"type": "allowed_tools", "mode": "auto", "tools": TOOLS[1:]}, ToolChoice(), "p"),
    ],
)
def test_what_is_wanted_of_the_tools_is_read(asked: object, choice: ToolChoice, names: str) -> None:
    found = read(tools=TOOLS, tool_choice=asked)
    assert found.tool_choice == choice
    assert "".join(tool.name for tool in found.tools) == names
    assert found.unread == ()


@pytest.mark.parametrize("kind", ["web_search_preview", "mcp", "apply_patch", "shell"])
def test_a_tool_of_the_providers_own_that_must_be_used_is_named(kind: str) -> None:
    found = read(tool_choice={"type": kind}, parallel_tool_calls=False)
    assert found.unread == (f"tool_choice.{kind}",)
    assert found.tool_choice == ToolChoice(parallel=False)


def test_the_rest_of_a_request_is_read() -> None:
    schema = {"type": "json_schema", "name": "n", "schema": {"b": 1}, "strict": True}
    found = read(
        max_output_tokens=9,
        text={"format": schema, "verbosity": "medium"},
        reasoning={"effort": "high", "summary": "auto"},
        temperature=1,
        top_p=0.5,
        metadata={"b": "1", "a": "2"},
        user="u",
        previous_response_id="resp_1",
        store=False,
    )
    assert found.format
    assert bytes(found.format.schema or b"") == b'{"b": 1}'
    assert (found.format.name, found.format.strict) == ("n", True)
    assert (found.max_output, found.effort, found.end_user) == (9, "high", "u")
    assert found.sampling == Sampling(temperature=1.0, top_p=0.5)
    assert found.metadata == (("a", "2"), ("b", "1"))
    assert (found.previous, found.keep) == ("resp_1", False)
    assert found.unread == ()
    assert read(text={"format": {"type": "json_object"}}).format == AnswerFormat()
    assert read(text={"format": {"type": "text"}}, safety_identifier="s").end_user == "s"


def test_an_answer_is_kept_unless_the_caller_says_otherwise() -> None:
    assert read().keep
    assert read(store=None).keep
    assert not read(store=False).keep


def test_fields_without_a_place_here_are_named_if_they_ask_for_anything() -> None:
    moot = {
        "background": False, "include": ["reasoning.encrypted_content"], "truncation": "disabled",
        "service_tier": "auto", "stream_options": {"include_obfuscation": False}, "prompt": None,
    }  # fmt: skip
    assert read(**moot).unread == ()
    found = read(
        background=True,
        include=["web_search_call.results"],
        truncation="auto",
        conversation="conv_1",
        prompt_cache_key="k",
        text={"verbosity": "low", "format": {"type": "grammar"}},
        reasoning={"mode": "pro", "context": "all_turns"},
        né=1,
    )
    assert set(found.unread) == {
        "background", "include", "truncation", "conversation",
        "text.verbosity", "text.format.grammar", "reasoning.mode", "reasoning.context", "other",
    }  # fmt: skip


def test_input_may_be_left_out_where_something_else_is_gone_on_from() -> None:
    assert TONGUE.parse(b'{"model":"m","previous_response_id":"resp_1"}').conversation.turns == ()
    with pytest.raises(MalformedBody, match=r"^input: expected text, or a list of items"):
        TONGUE.parse(b'{"model":"m","input":[]}')


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"input": 5}, "input: expected"),
        ({"input": ["hi"]}, "input[0]: expected object"),
        ({"input": [{}]}, "input[0].type: expected"),
        ({"input": [{"type": 5}]}, "input[0].type: expected"),
        ({"input": [OUTPUT, {**CALL, "call_id": 5}]}, "input[1].call_id: expected str"),
        ({"input": [{**CALL, "call_id": ""}]}, "input[0].call_id: expected str"),
        ({"input": [{"type": "function_call", "call_id": "c"}]}, "input[0].name: required"),
        ({"input": [{**OUTPUT, "output": None}]}, "input[0].output: expected"),
        (
            {"input": [said("robot", "x")]},
            "input[0].role: invalid enum value 'robot'; expected one",
        ),
        ({"input": [said("user", {"type": "input_text"})]}, "input[0].content[0]: expected a fi"),
        ({"input": [{**OUTPUT, "output": [{"type": "input_text"}]}]}, "input[0].output[0]: exp"),
        ({"input": [said("user", {"text": "x"})]}, "input[0].content[0].type: required"),
        ({"model": ""}, "model: expected"),
        ({"max_output_tokens": "9"}, "max_output_tokens: expected int"),
        ({"max_output_tokens": 0}, "max_output_tokens: expected int"),
        ({"stream": "yes"}, "stream: expected bool"),
        ({"metadata": {"a": 1}}, "metadata[...]: expected str"),
        ({"tools": [{"name": "f"}]}, "tools[0].type: required"),
        ({"tools": [{"type": "function"}]}, "tools[0].name: required"),
        ({"tools": [{"type": "function", "name": "f", "parameters": 5}]}, "tools[0].parameters"),
        ({"text": {"format": {"type": "json_schema", "schema": 5}}}, "text.format.schema: exp"),
        ({"instructions": ["x"]}, "instructions: expected str"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedBody) as error:
        TONGUE.parse(json.dumps({"model": "m", "input": "hi", **fields}).encode())
    assert str(error.value).startswith(message)


def test_a_body_as_large_as_may_be_is_read() -> None:
    """Half the bound on values each; were the work to grow with their square, it would show."""
    found = read([OUTPUT] * 20_000 + [said("user", "so")])
    assert [len(turn.parts) for turn in found.turns] == [20_001]
    assert len(read([said("user", "a"), said("assistant", "b")] * 15_000).turns) == 30_000
