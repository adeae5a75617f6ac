"""Requests as callers send them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import MalformedBody
from switchgear.domain.turn import (
    Choice,
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    ToolChoice,
    ToolResult,
    ToolUse,
)
from switchgear.wire.openai_chat.body import MAX_UNREAD, READ, ChatBody, parse
from switchgear.wire.openai_chat.request import WITH_BYTES

USER = {"role": "user", "content": "hi"}


def read(**fields: object) -> ChatBody:
    return parse(json.dumps({"model": "m", "messages": [USER], **fields}).encode())


def turns(*messages: dict[str, Any]) -> list[tuple[Role, tuple[Part, ...]]]:
    found = read(messages=list(messages)).conversation.turns
    return [(turn.role, turn.parts) for turn in found]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"model": ""}, "model: "),
        ({"model": None}, "model: "),
        ({"messages": []}, "messages: "),
        ({"messages": {}}, "messages: "),
        ({"messages": ["hi"]}, "messages[0]: "),
        ({"messages": [USER, {"role": "boss", "content": ""}]},
         "messages[1].role: invalid enum value 'boss'; expected one of system, developer, user"),
        ({"messages": [{"content": "x"}]}, "messages[0].role: required"),
        ({"messages": [USER, {"role": "user"}]}, "messages[1].content: "),
        ({"messages": [USER, {"role": "tool", "content": "x"}]}, "messages[1].tool_call_id: "),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]},
         "messages[0].content[0]: "),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content: "),
        ({"stream": "yes"}, "stream: "),
        ({"max_tokens": 0}, "max_tokens: "),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens: "),
        ({"seed": 2**64}, "seed: "),
        ({"tools": [{"type": "function", "function": {"name": ""}}]}, "tools[0].function.name"),
        ({"metadata": {"a": 1}}, "metadata[...]: "),
        ({"stop": 5}, "stop: "),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": [1]}}]},
         "tools[0].function.parameters: "),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": 1}}},
         "response_format.json_schema: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_path(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        read(**fields)
    assert caught.value.message.startswith(path)


def test_a_reason_does_not_quote_all_that_was_sent() -> None:
    with pytest.raises(MalformedBody) as caught:
        read(messages=[{"role": "x" * 10_000, "content": ""}])
    assert len(caught.value.message) < 400


def test_a_missing_field_is_named() -> None:
    with pytest.raises(MalformedBody, match="messages"):
        parse(b'{"model":"m"}')


@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["model", "messages", "role", "content", "tools", "type", "stop", "tool_choice", "user",
         "function", "name", "text", "stream", "tool", "image_url", "url"]), inner),
).map(lambda value: json.dumps({"model": "m", "messages": [USER], "x": value}
                               | (value if isinstance(value, dict) else {})).encode()))  # fmt: skip
def test_any_bytes_are_a_body_or_malformed(raw: bytes) -> None:
    try:
        body = parse(raw)
    except MalformedBody as error:
        assert error.message  # noqa: PT017 - either outcome is right
    else:
        assert body.raw == raw
        assert body.conversation.turns


def test_content_is_read_part_by_part() -> None:
    content = [
        {"type": "text", "text": "look", "cache_control": {"type": "ephemeral"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://x.org/a.png"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,BBBB"}},
    ]
    assert turns({"role": "user", "content": content})[0][1] == (
        Text("look", cache=True),
        Image(media_type="image/png", data="AAAA", detail="low"),
        Image(url="https://x.org/a.png"),
        Document(media_type="application/pdf", data="BBBB"),
    )


def test_a_developer_is_the_system() -> None:
    assert turns({"role": "developer", "content": "x"}, USER)[0] == (Role.SYSTEM, (Text("x"),))


def test_an_assistant_turn_holds_thought_words_and_calls() -> None:
    function = {"name": "f", "arguments": '{"a":1}'}
    calls = [{"id": "c1", "type": "function", "function": function}]
    said = {"role": "assistant", "content": "so", "reasoning_content": "hm", "tool_calls": calls}
    assert turns(said)[0][1] == (
        Thinking("hm"),
        Text("so"),
        ToolUse(id="c1", name="f", arguments='{"a":1}'),
    )


def test_tool_messages_and_the_user_after_them_are_one_turn() -> None:
    one, two = ({"role": "tool", "tool_call_id": name, "content": name} for name in "ab")
    results = tuple(ToolResult(id=name, parts=(Text(name),)) for name in "ab")
    assert turns(USER, one, two, USER, USER) == [
        (Role.USER, (Text("hi"),)),
        (Role.USER, (*results, Text("hi"))),
        (Role.USER, (Text("hi"),)),
    ]


def test_a_tool_message_after_words_begins_a_new_turn() -> None:
    tool = {"role": "tool", "tool_call_id": "a", "content": "a"}
    assert len(turns(tool, USER, tool)) == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"tool_choice": "none"}, ToolChoice(choice=Choice.NONE)),
        ({"tool_choice": "required", "parallel_tool_calls": False},
         ToolChoice(choice=Choice.REQUIRED, parallel=False)),
        ({"parallel_tool_calls": True}, ToolChoice(parallel=True)),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}},
         ToolChoice(choice=Choice.NAMED, name="f")),
    ],
)  # fmt: skip
def test_every_form_of_tool_choice_is_read(
    fields: dict[str, Any], expected: ToolChoice | None
) -> None:
    assert read(**fields).conversation.tool_choice == expected


@pytest.mark.parametrize(
    ("fields", "unread"),
    [
        ({"n": 1, "logit_bias": {}, "store": None, "logprobs": False, "stop": None}, ()),
        ({"n": 2, "logprobs": True}, ("n", "logprobs")),
        ({"functions": [], "function_call": "auto"}, ("functions", "function_call")),
        ({"x\r\nset-cookie": 1, "é": 2}, ("other",)),
        ({"tool_choice": {"type": "allowed_tools"}}, ("tool_choice.allowed_tools",)),
        ({"tools": [{"type": "custom"}]}, ("tools.custom",)),
        ({"response_format": {"type": "grammar"}}, ("response_format.grammar",)),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
         ("messages.content.input_audio",)),
    ],
)  # fmt: skip
def test_what_has_no_place_is_named_and_what_asks_for_nothing_is_not(
    fields: dict[str, Any], unread: tuple[str, ...]
) -> None:
    assert read(**fields).conversation.unread == unread


def test_the_names_of_what_has_no_place_are_bounded() -> None:
    assert len(read(**{f"x{i}": 1 for i in range(1000)}).conversation.unread) == MAX_UNREAD


def test_a_schema_keeps_the_callers_bytes() -> None:
    raw = (
        b'{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function",'
        b'"function":{"name":"f","parameters": {"b" :1.0,  "a":2} }}]}'
    )
    assert bytes(parse(raw).conversation.tools[0].schema) == b'{"b" :1.0,  "a":2}'


NUMBERS = st.none() | st.integers(-(2**65), 2**65) | st.booleans() | st.floats(-1e9, 1e9)


@given(
    st.dictionaries(
        st.sampled_from(sorted(READ - WITH_BYTES - {"model", "messages"})), NUMBERS | st.text()
    ),
    st.lists(st.fixed_dictionaries({"role": st.just("assistant"), "content": NUMBERS | st.text()})),
)
def test_a_body_reads_the_same_whether_its_bytes_are_read_again_or_not(
    fields: dict[str, Any], messages: list[dict[str, Any]]
) -> None:
    raw = json.dumps({"model": "m", "messages": [USER, *messages], **fields}).encode()
    assert reading_of(raw) == reading_of(raw[:-1] + b',"tools":[]}')


def reading_of(raw: bytes) -> object:
    try:
        return parse(raw).conversation
    except MalformedBody as error:
        return error.message
