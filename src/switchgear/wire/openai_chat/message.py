"""Turns written as messages."""

from collections.abc import Iterable, Sequence
from typing import Any

from switchgear.domain.turn import (
    Document,
    Image,
    Part,
    Role,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire import freeform

Dropped = dict[str, None]
"""Names of what could not be carried: a set that keeps its order."""


NO_NAMES = frozenset[str]()


def write_messages(
    turns: Sequence[Turn], dropped: Dropped, texts: frozenset[str] = NO_NAMES
) -> list[dict[str, Any]]:
    """Return the messages; what they cannot hold is added to ``dropped``.

    Shapes: ``texts`` are the names of the tools that take text.
    """
    messages = list[dict[str, Any]]()
    for turn in turns:
        if any(_marks_cache(part) for part in turn.parts):
            dropped["cache_control"] = None
        match turn.role:
            case Role.SYSTEM:
                messages.append({"role": "system", "content": _content(turn.parts, dropped)})
            case Role.ASSISTANT:
                messages.append(_assistant(turn.parts, dropped, texts))
            case Role.USER:
                messages += _user(turn.parts, dropped)
    return messages


def _marks_cache(part: Part) -> bool:
    inner = part.parts if isinstance(part, ToolResult) else ()
    marked = not isinstance(part, Thinking) and part.cache
    return marked or any(item.cache for item in inner)


def _assistant(parts: Sequence[Part], dropped: Dropped, texts: frozenset[str]) -> dict[str, Any]:
    calls = [_call(part, texts) for part in parts if isinstance(part, ToolUse)]
    said = [part for part in parts if not isinstance(part, ToolUse)]
    content = _content(_only_text(said, dropped), dropped)
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["content"] = content or None
        message["tool_calls"] = calls
    return message


def _only_text(parts: Iterable[Part], dropped: Dropped) -> list[Part]:
    kept = list[Part]()
    for part in parts:
        if isinstance(part, Text):
            kept.append(part)
        else:
            dropped[_name(part)] = None
    return kept


def _call(part: ToolUse, texts: frozenset[str]) -> dict[str, Any]:
    if part.name in texts:
        custom = {"name": part.name, "input": freeform.unwrap(part.arguments)}
        return {"id": part.id, "type": "custom", "custom": custom}
    function = {"name": part.name, "arguments": part.arguments or "{}"}
    return {"id": part.id, "type": "function", "function": function}


def _user(parts: Sequence[Part], dropped: Dropped) -> list[dict[str, Any]]:
    """Return the tool messages, which must follow their calls at once, and then the rest.

    A tool message takes text only: what else a tool gave back goes into the user message.
    """
    messages, rest = list[dict[str, Any]](), list[Part]()
    for part in parts:
        if not isinstance(part, ToolResult):
            rest.append(part)
            continue
        if part.failed:
            dropped["tool_result.is_error"] = None
        words = [item for item in part.parts if isinstance(item, Text)]
        shown = [item for item in part.parts if not isinstance(item, Text)]
        content = _content(words, dropped)
        messages.append({"role": "tool", "tool_call_id": part.id, "content": content})
        if shown:
            rest += [Text(f"What the tool call {part.id} gave back:"), *shown]
    if rest or not messages:
        messages.append({"role": "user", "content": _content(rest, dropped)})
    return messages


def _content(parts: Sequence[Part], dropped: Dropped) -> str | list[dict[str, Any]]:
    """Return one text as a string and anything else as a list."""
    written = [found for part in parts if (found := _part(part, dropped))]
    if not written:
        return ""
    if len(written) == 1 and written[0]["type"] == "text":
        text: str = written[0]["text"]
        return text
    return written


def _part(part: Part, dropped: Dropped) -> dict[str, Any] | None:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if isinstance(part, Image):
        return {"type": "image_url", "image_url": _image(part)}
    if isinstance(part, Document) and part.data:
        content = f"data:{part.media_type};base64,{part.data}"
        return {"type": "file", "file": {"filename": part.name or "file", "file_data": content}}
    dropped[_name(part)] = None
    return None


def _image(part: Image) -> dict[str, str]:
    found = {"url": part.url or f"data:{part.media_type};base64,{part.data}"}
    if part.detail:
        found["detail"] = part.detail
    return found


def _name(part: Part) -> str:
    return "document.url" if isinstance(part, Document) and part.url else NAMES[type(part)]


NAMES: dict[type, str] = {
    Text: "text",
    Image: "image",
    Document: "document",
    Thinking: "thinking",
    ToolUse: "tool_use",
    ToolResult: "tool_result",
}
