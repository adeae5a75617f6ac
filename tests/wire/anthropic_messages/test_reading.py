import base64

import msgspec
import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import (
    Choice,
    Conversation,
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from switchgear.wire.anthropic_messages import TONGUE

HERE = Dialect.ANTHROPIC_MESSAGES

MARK = {"type": "ephemeral"}


def read(**fields: object) -> Conversation:
    turns = [{"role": "user", "content": "hi"}]
    raw = msgspec.json.encode({"model": "m", "messages": turns} | fields)
    return TONGUE.parse(raw).conversation


def blocks(*given: object) -> Conversation:
    return read(messages=[{"role": "user", "content": list(given)}])


def test_a_system_prompt_is_the_first_turn() -> None:
    assert read(system="be kind").turns[0].parts == (Text("be kind"),)
    marked = read(system=[{"type": "text", "text": "a", "cache_control": MARK}]).turns[0]
    assert (marked.role, marked.parts) == (Role.SYSTEM, (Text("a", cache=True),))


def test_a_system_turn_in_the_talk_keeps_its_place() -> None:
    said = [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]
    assert [turn.role for turn in read(messages=said).turns] == [Role.USER, Role.SYSTEM]


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "text", "text": "a"}, Text("a")),
        (
            {"type": "image", "source": {"type": "url", "url": "https://a/b"}},
            Image(url="https://a/b"),
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="},
                "cache_control": MARK,
            },
            Image(media_type="image/png", data="QQ==", cache=True),
        ),
        (
            {
                "type": "document",
                "title": "t",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "QQ=="},
            },
            Document(media_type="application/pdf", data="QQ==", name="t"),
        ),
        (
            {"type": "document", "source": {"type": "url", "url": "https://a/b.pdf"}},
            Document(url="https://a/b.pdf"),
        ),
        (
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "é"},
            },
            Document(media_type="text/plain", data=base64.b64encode("é".encode()).decode()),
        ),
        ({"type": "thinking", "thinking": "a", "signature": "s"}, Thinking("a", "s", origin=HERE)),
        ({"type": "redacted_thinking", "data": "d"}, Thinking("", redacted="d", origin=HERE)),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {"z": 1, "a": [2.5]}},
            ToolUse(id="t", name="f", arguments='{"z":1,"a":[2.5]}'),
        ),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {}, "cache_control": MARK},
            ToolUse(id="t", name="f", arguments="", cache=True),
        ),
        ({"type": "tool_result", "tool_use_id": "t"}, ToolResult(id="t", parts=())),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": "a", "is_error": True},
            ToolResult(id="t", parts=(Text("a"),), failed=True),
        ),
        (
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "text", "text": "a"}],
                "cache_control": MARK,
            },
            ToolResult(id="t", parts=(Text("a"),), cache=True),
        ),
    ],
)
def test_each_block_has_its_part(block: object, part: Part) -> None:
    conversation = blocks(block)
    assert conversation.turns[0].parts == (part,)
    assert conversation.unread == ()


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ({"type": "server_tool_use", "input": 3}, "messages.content.server_tool_use"),
        ({"type": "search_result", "source": "a"}, "messages.content.search_result"),
        ({"type": "evil\r\nx: y"}, "messages.content.unknown"),
        ({"type": "image", "source": {"type": "file"}}, "messages.content.image.source"),
        ({"type": "document", "source": {"type": "file"}}, "messages.content.document.source"),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "tool_reference"}]},
            "messages.content.tool_reference",
        ),
    ],
)
def test_a_block_that_has_no_place_is_named(block: object, name: str) -> None:
    assert blocks(block, {"type": "text", "text": "a"}).unread == (name,)


def test_fields_that_have_no_place_are_named_and_safe_to_repeat() -> None:
    named = read(service_tier="auto", container="c", **{"a\r\nb": 1}).unread
    assert set(named) == {"service_tier", "container", "unknown"}


def test_only_so_many_names_are_told() -> None:
    assert len(read(**{f"new_{number}": 1 for number in range(99)}).unread) == 32


def test_a_document_names_what_else_was_wanted_of_it() -> None:
    source = {"type": "url", "url": "https://a/b"}
    block = {"type": "document", "source": source, "context": "c", "citations": {"enabled": True}}
    assert set(blocks(block).unread) == {
        "messages.content.document.context",
        "messages.content.document.citations",
    }


def test_a_tools_schema_keeps_its_bytes() -> None:
    raw = (
        b'{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":['
        b'{"type":"web_search_20250305","name":"web_search"},'
        b'{"name":"f","input_schema": { "type" : "object" },"description":"d","strict":true}]}'
    )
    conversation = TONGUE.parse(raw).conversation
    [tool] = conversation.tools
    assert bytes(tool.schema).strip() == b'{ "type" : "object" }'
    assert (tool.name, tool.description, tool.strict) == ("f", "d", True)
    assert conversation.unread == ("tools.web_search_20250305",)


@pytest.mark.parametrize(
    ("given", "choice", "parallel"),
    [
        ({"type": "auto"}, Choice.AUTO, None),
        ({"type": "any", "disable_parallel_tool_use": True}, Choice.REQUIRED, False),
        ({"type": "tool", "name": "f", "disable_parallel_tool_use": False}, Choice.NAMED, True),
        ({"type": "none"}, Choice.NONE, None),
    ],
)
def test_each_tool_choice_is_read(given: object, choice: Choice, parallel: object) -> None:
    found = read(tool_choice=given).tool_choice
    assert found is not None
    assert (found.choice, found.parallel) == (choice, parallel)
    assert found.name == ("f" if choice is Choice.NAMED else "")


def test_the_plain_settings_are_read() -> None:
    found = read(
        max_tokens=5,
        stream=True,
        stop_sequences=["a", "b"],
        temperature=0.5,
        top_p=1,
        top_k=3,
        metadata={"user_id": "u"},
    )
    assert (found.max_output, found.stream, found.stop) == (5, True, ("a", "b"))
    assert (found.sampling.temperature, found.sampling.top_p, found.sampling.top_k) == (0.5, 1.0, 3)
    assert found.end_user == "u"


@pytest.mark.parametrize(
    ("fields", "effort", "budget"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "", 2000),
        ({"thinking": {"type": "disabled"}}, "", 0),
        ({"thinking": {"type": "adaptive"}}, "high", None),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, "low", None),
        ({"output_config": {"effort": "max"}}, "max", None),
    ],
)
def test_each_way_to_think_is_read(
    fields: dict[str, object], effort: str, budget: int | None
) -> None:
    found = read(**fields)
    assert (found.effort, found.thinking_budget, found.unread) == (effort, budget, ())


def test_a_new_way_to_think_is_named() -> None:
    thinking = {"type": "between_tools", "display": "omitted"}
    assert read(thinking=thinking).unread == ("thinking.display", "thinking")


@pytest.mark.parametrize("where", ["output_config", "output_format"])
def test_a_schema_for_the_answer_keeps_its_bytes(where: str) -> None:
    shape = b'{"type":"json_schema","schema":{"type":  "object"}}'
    value = shape if where == "output_format" else b'{"format":' + shape + b',"task_budget":1}'
    raw = b'{"model":"m","messages":[{"role":"user","content":"hi"}],"%s":%s}'
    found = TONGUE.parse(raw % (where.encode(), value)).conversation
    assert found.format is not None
    assert bytes(found.format.schema or b"") == b'{"type":  "object"}'
    assert found.unread == (("output_config.task_budget",) if where == "output_config" else ())
