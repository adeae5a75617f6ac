import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, AskUsage, CapOutput, Edit, Prefill, Recall, UseModel
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
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire import freeform
from switchgear.wire.openai_responses import TONGUE

PARAMS: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)
PATCH = Tool(name="p", description="d", schema=freeform.schema(), freeform=True)
TOOLS = (Tool(name="f", schema=msgspec.Raw(b'{"type":"object"}')), PATCH)
HELLO = Turn(Role.USER, (Text("hi"),))


def write(conversation: Conversation, edits: Sequence[Edit] = ()) -> dict[str, Any]:
    raw = TONGUE.write(conversation, edits)[0]
    PARAMS.validate_json(raw, strict=True)
    found: dict[str, Any] = json.loads(raw)
    return found


EVERYTHING = Conversation(
    model="m",
    turns=(
        Turn(Role.SYSTEM, (Text("be brief"),)),
        Turn(Role.USER, (Text("see"), Image(url="https://x.org/a"))),
        Turn(
            Role.ASSISTANT,
            (
                Thinking("hm", "rs_1:gA", origin=Dialect.OPENAI_RESPONSES),
                Text("a"),
                ToolUse(id="c1", name="f", arguments=""),
                ToolUse(id="c2", name="p", arguments=freeform.wrap("x\n")),
            ),
        ),
        Turn(
            Role.USER,
            (
                ToolResult(id="c1", parts=(Text("one"),)),
                ToolResult(id="c2", parts=(Image(media_type="image/png", data="AA"),)),
                Document(media_type="application/pdf", data="AA"),
                Document(url="https://x.org/b"),
            ),
        ),
    ),
    tools=TOOLS,
    tool_choice=ToolChoice(choice=Choice.NAMED, name="p", parallel=True),
    max_output=99,
    format=AnswerFormat(schema=msgspec.Raw(b'{"type":"object"}'), strict=False),
    effort="low",
    end_user="u",
    metadata=(("a", "b"),),
    sampling=Sampling(temperature=0.5, top_p=0.9),
)


def message(role: str, content: object) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": content}


def picture(url: str) -> dict[str, Any]:
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def test_all_that_is_asked_for_is_as_the_sdk_has_it() -> None:
    found = write(EVERYTHING)
    assert TONGUE.write(EVERYTHING, ())[1] == ()
    assert list(found)[-1] == "input"
    del found["input"]
    schema = {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}
    assert found == {
        "model": "m",
        "instructions": "be brief",
        "tools": [
            {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False},
            {"type": "custom", "name": "p", "description": "d"},
        ],
        "tool_choice": {"type": "custom", "name": "p"},
        "parallel_tool_calls": True,
        "max_output_tokens": 99,
        "text": {"format": {**schema, "strict": False}},
        "store": False,
        "reasoning": {"effort": "low"},
        "include": ["reasoning.encrypted_content"],
        "temperature": 0.5,
        "top_p": 0.9,
        "user": "u",
        "metadata": {"a": "b"},
    }


def test_all_that_was_said_is_as_the_sdk_has_it() -> None:
    summary = [{"type": "summary_text", "text": "hm"}]
    pdf = "data:application/pdf;base64,AA"
    assert write(EVERYTHING)["input"] == [
        message("user", [{"type": "input_text", "text": "see"}, picture("https://x.org/a")]),
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "gA"},
        message("assistant", "a"),
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "p", "input": "x\n"},
        {"type": "function_call_output", "call_id": "c1", "output": "one"},
        {
            "type": "custom_tool_call_output",
            "call_id": "c2",
            "output": [picture("data:image/png;base64,AA")],
        },
        message(
            "user",
            [
                {"type": "input_file", "filename": "file", "file_data": pdf},
                {"type": "input_file", "file_url": "https://x.org/b"},
            ],
        ),
    ]


def test_what_cannot_be_carried_is_named_once() -> None:
    failed = ToolResult(id="a", parts=(Text("x", cache=True),), failed=True)
    thoughts = (
        Thinking("hm"),
        Thinking("hm", "sig", origin=Dialect.ANTHROPIC_MESSAGES),
        Thinking("", redacted="x", origin=Dialect.ANTHROPIC_MESSAGES),
    )
    conversation = Conversation(
        model="m",
        turns=(
            Turn(Role.USER, (failed, failed)),
            Turn(Role.ASSISTANT, (*thoughts, Image(url="u"), Text("a"), Text("b"))),
            Turn(Role.SYSTEM, (ToolUse(id="a", name="f", arguments=""),)),
        ),
        sampling=Sampling(top_k=5, seed=1, frequency_penalty=0.5, presence_penalty=0.0),
        stop=("x",),
        max_output=1,
        thinking_budget=1000,
        unread=("container",),
    )
    found, dropped = TONGUE.write(conversation, ())
    assert set(dropped) == {
        "container", "tool_result.is_error", "cache_control", "thinking", "image", "top_k", "seed",
        "frequency_penalty", "stop", "max_tokens", "thinking.budget_tokens", "tool_use",
    }  # fmt: skip
    assert b"sig" not in found
    parts = [{"type": "output_text", "text": text} for text in "ab"]
    assert json.loads(found)["input"][2]["content"] == parts


@pytest.mark.parametrize(
    ("effort", "budget", "wanted"),
    [
        ("", None, None),
        ("", 0, None),
        ("", 1024, "low"),
        ("", 8000, "medium"),
        ("", 30_000, "high"),
        ("xhigh", 1024, "xhigh"),
    ],
)
def test_as_much_reasoning_is_asked_for_as_is_wanted(
    effort: str, budget: int | None, wanted: object
) -> None:
    found = write(Conversation(model="m", turns=(HELLO,), effort=effort, thinking_budget=budget))
    assert found.get("reasoning", {}).get("effort") == wanted
    assert ("include" in found) == bool(wanted)


def test_what_is_kept_needs_no_encrypted_content() -> None:
    found = write(
        Conversation(model="m", turns=(HELLO,), keep=True, effort="low", previous="resp_1")
    )
    assert found["store"] is True
    assert "include" not in found
    assert "previous_response_id" not in found


def test_only_one_plain_text_of_the_system_is_instructions() -> None:
    several = (Turn(Role.SYSTEM, (Text("a"), Text("b"))), HELLO)
    found = write(Conversation(model="m", turns=several))
    assert "instructions" not in found
    assert found["input"][0]["role"] == "system"
    two = (Turn(Role.SYSTEM, (Text("a"),)), Turn(Role.SYSTEM, (Text("b"),)))
    found = write(Conversation(model="m", turns=two))
    assert found["instructions"] == "a"
    assert found["input"] == [{"type": "message", "role": "system", "content": "b"}]


def test_edits_are_made_while_writing() -> None:
    conversation = Conversation(model="m", turns=(HELLO,), max_output=90, stream=True)
    edits = (UseModel("x"), CapOutput(50), AskUsage(), Recall((HELLO,)))
    found = json.loads(TONGUE.write(conversation, edits)[0])
    assert (found["model"], found["max_output_tokens"], found["stream"]) == ("x", 50, True)
    assert len(found["input"]) == 1
    assert write(msgspec.structs.replace(conversation, stream=False), (CapOutput(99),))[
        "max_output_tokens"
    ] == 90  # fmt: skip


def test_an_answer_begun_is_written_as_one_given() -> None:
    conversation = Conversation(model="m", turns=(HELLO, Turn(Role.ASSISTANT, (Text("a"),))))
    given = (Append((Turn(Role.ASSISTANT, (Text("b"),)), HELLO)), Prefill("c"))
    found = write(conversation, given)["input"]
    assert [item["content"] for item in found] == ["hi", "ab", "hi", "c"]


def test_a_foreign_freeform_call_is_written_by_what_the_tool_is_now() -> None:
    use = ToolUse(id="c", name="gone", arguments=freeform.wrap("x"))
    turns = (HELLO, Turn(Role.ASSISTANT, (use,)))
    found = write(Conversation(model="m", turns=turns))["input"][1]
    assert (found["type"], found["arguments"]) == ("function_call", '{"input":"x"}')
