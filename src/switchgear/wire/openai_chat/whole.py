"""Whole answers: read as events, and written from them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.wire import freeform
from switchgear.wire.openai_chat.delta import Answer, read_chunk
from switchgear.wire.openai_chat.failure import read_error
from switchgear.wire.openai_chat.finish import write_stop, write_usage
from switchgear.wire.openai_chat.thought import Thoughts
from switchgear.wire.openai_chat.writer import CONTENT, created


def read_whole(raw: bytes) -> tuple[Event, ...]:
    """Return the events of a whole answer; the last is Finished.

    Raises:
        UpstreamError: it is no answer of this dialect.
    """
    chunk = read_chunk(raw)
    if chunk is None:
        raise UpstreamGarbled("The target's answer is not a chat completion.")
    if chunk.failed or not chunk.choices:
        raise read_error(200, raw, None)
    answer = Answer()
    events: list[Event] = []
    answer.read(chunk, events)
    if len(events) == 1 and answer.reason is None:
        raise UpstreamGarbled("The target's answer holds no message.")
    events.append(answer.finish())
    return tuple(events)


def write_whole(
    decision: str, events: Sequence[Event], texts: frozenset[str] = frozenset()
) -> bytes:
    """Return a whole answer; ``texts`` are the names of the caller's tools that take text."""
    opened = Opened(id="", model="")
    finished: Finished | None = None
    said: dict[type[Event], list[str]] = {kind: [] for kind in CONTENT}
    calls = dict[int, dict[str, Any]]()
    thoughts = Thoughts()
    details = [detail for event in events if (detail := thoughts.detail(event))]
    for event in events:
        match event:
            case Opened():
                opened = event
            case TextDelta(text) | RefusalDelta(text) | ThinkingDelta(text):
                said[type(event)].append(text)
            case ToolStarted() | ToolDelta():
                _note_call(calls, event)
            case Finished():
                finished = event
            case _:
                pass  # a signature is among the details
    message = _message({kind: "".join(parts) for kind, parts in said.items()}, _calls(calls, texts))
    if details:
        message["reasoning_details"] = details
    return _completion(opened, decision, message, finished)


def _calls(calls: dict[int, dict[str, Any]], texts: frozenset[str]) -> list[dict[str, Any]]:
    return [_custom(call) if call["function"]["name"] in texts else call for call in calls.values()]


def _custom(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    custom = {"name": function["name"], "input": freeform.unwrap(function["arguments"])}
    return {"id": call["id"], "type": "custom", "custom": custom}


def _note_call(calls: dict[int, dict[str, Any]], event: ToolStarted | ToolDelta) -> None:
    if isinstance(event, ToolStarted):
        function = {"name": event.name, "arguments": ""}
        calls[event.index] = {"id": event.id, "type": "function", "function": function}
    elif event.index in calls:
        calls[event.index]["function"]["arguments"] += event.json


def _message(said: dict[type[Event], str], calls: list[dict[str, Any]]) -> dict[str, Any]:
    empty = None if calls or said[RefusalDelta] else ""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": said[TextDelta] or empty,
        "refusal": said[RefusalDelta] or None,
    }
    if said[ThinkingDelta]:
        message["reasoning_content"] = said[ThinkingDelta]
    if calls:
        message["tool_calls"] = calls
    return message


def _completion(
    opened: Opened, decision: str, message: dict[str, Any], finished: Finished | None
) -> bytes:
    refused = message["refusal"] is not None
    reason = write_stop(finished.stop, refused=refused) if finished else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    answer: dict[str, Any] = {
        "id": opened.id or f"chatcmpl-{decision}",
        "object": "chat.completion",
        "created": created(opened, decision),
        "model": opened.model,
        "choices": [choice],
    }
    if finished and finished.usage:
        answer["usage"] = write_usage(finished.usage)
    return msgspec.json.encode(answer)
