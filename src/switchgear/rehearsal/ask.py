"""What a request asks of the scripted upstream."""

from collections.abc import Mapping
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect

PATHS = {
    "/v1/chat/completions": Dialect.OPENAI_CHAT,
    "/v1/messages": Dialect.ANTHROPIC_MESSAGES,
}
REQUIRED = ("required", "any", "tool")
EXAMPLES: dict[str, object] = {
    "string": "x",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "null": None,
}
"""A value for each type of JSON Schema, but for objects."""


class BadAsk(Exception):
    """The request cannot be understood; the message says why."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request for an answer."""

    dialect: Dialect
    model: str
    """As it was asked for: the name of a fault, and maybe ``@`` and a scope."""
    scope: str = ""
    """What the header ``x-fault-scope`` said."""
    stream: bool = False
    ask_usage: bool = False
    """A stream is to end with its usage (OpenAI's ``include_usage``)."""
    said: str = ""
    """What the assistant has said last: the answer goes on from there."""
    prefilled: bool = False
    """The conversation ends with the assistant's own words."""
    tool: str = ""
    """Name of the first tool; empty without tools."""
    fitting: dict[str, object] = {}
    """Arguments that fit that tool's schema."""
    must_call: bool = False
    """The answer has to be a tool call."""


def read_ask(path: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """Return what a request asks.

    Raises:
        BadAsk: it has no such form.
    """
    dialect = PATHS.get(path.partition("?")[0])
    if dialect is None:
        raise BadAsk("answers are at /v1/chat/completions and at /v1/messages")
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadAsk("the body is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("model"), str):
        raise BadAsk("the body names no model")
    tool, schema = _tool(found)
    said, prefilled = _said(found)
    options = found.get("stream_options")
    return Ask(
        dialect=dialect,
        model=found["model"],
        scope=headers.get("x-fault-scope", ""),
        stream=found.get("stream") is True,
        ask_usage=isinstance(options, dict) and options.get("include_usage") is True,
        said=said,
        prefilled=prefilled,
        tool=tool,
        fitting=_example(schema),
        must_call=bool(tool) and _forced(found.get("tool_choice")),
    )


def _forced(choice: object) -> bool:
    if isinstance(choice, dict):
        return choice.get("type") in (*REQUIRED, "function")
    return choice in REQUIRED


def _tool(body: dict[str, Any]) -> tuple[str, object]:
    """Return the first tool's name and schema, in either dialect's form."""
    tools = body.get("tools")
    tool = tools[0] if isinstance(tools, list) and tools else None
    if not isinstance(tool, dict):
        return "", None
    function = tool.get("function")
    known = function if isinstance(function, dict) else tool
    return str(known.get("name", "")), known.get("parameters", known.get("input_schema"))


def _example(schema: object) -> dict[str, object]:
    """Return arguments with everything that a simple schema requires."""
    if not isinstance(schema, dict):
        return {}
    parts, required = schema.get("properties"), schema.get("required")
    known = parts if isinstance(parts, dict) else {}
    names = required if isinstance(required, list) else []
    return {str(name): _value(known.get(name)) for name in names}


def _value(schema: object) -> object:
    if not isinstance(schema, dict):
        return "x"
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return _example(schema)
    return EXAMPLES.get(str(schema.get("type")), "x")


def _said(body: dict[str, Any]) -> tuple[str, bool]:
    """Return the last words of the assistant, and whether they are the last of all."""
    messages = body.get("messages")
    known = messages if isinstance(messages, list) else []
    turns = [each for each in known if isinstance(each, dict)]
    for back, turn in enumerate(reversed(turns)):
        if turn.get("role") == "assistant":
            return _text(turn.get("content")), back == 0
    return "", False


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [each.get("text") for each in content if isinstance(each, dict)]
    return "".join(each for each in parts if isinstance(each, str))
