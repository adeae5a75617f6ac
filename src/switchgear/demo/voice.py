"""Writes what a simulated model says as an answer of either dialect, whole or as a stream."""

from collections.abc import Iterable
from typing import Any

import msgspec

from switchgear.demo.mind import Saying

PIECE_CHARS = 20
"""Of text in one frame of a stream: five tokens."""

Body = dict[str, Any]


def whole_openai(saying: Saying, model: str, tag: str) -> Body:
    """Return a chat completion."""
    message: Body = {"role": "assistant", "content": saying.text or None}
    if saying.tool:
        message["tool_calls"] = [_openai_call(saying, tag)]
    choice = {"index": 0, "message": message, "finish_reason": _openai_stop(saying)}
    head = _openai_head("chat.completion", model, tag)
    return head | {"choices": [choice], "usage": _openai_usage(saying)}


def whole_anthropic(saying: Saying, model: str, tag: str) -> Body:
    """Return a message."""
    content: list[Body] = [{"type": "text", "text": saying.text}] if saying.text else []
    if saying.tool:
        given = msgspec.json.decode(saying.arguments)
        content.append(_anthropic_call(saying, tag) | {"input": given})
    usage = {"input_tokens": saying.heard_tokens, "output_tokens": saying.said_tokens}
    ending = {"stop_reason": _anthropic_stop(saying), "stop_sequence": None, "usage": usage}
    return _anthropic_head(model, tag) | {"content": content} | ending


def stream_openai(saying: Saying, model: str, tag: str, *, usage: bool) -> list[bytes]:
    """Return the frames of a streamed chat completion."""
    head = _openai_head("chat.completion.chunk", model, tag)
    deltas: list[Body] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in _cut(saying.text)]
    if saying.tool:
        call = _openai_call(saying, tag)
        call["function"]["arguments"] = ""
        deltas.append({"tool_calls": [{"index": 0} | call]})
        deltas += [
            {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
            for piece in _cut(saying.arguments)
        ]
    chunks = [
        head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    end = {"index": 0, "delta": {}, "finish_reason": _openai_stop(saying)}
    chunks.append(head | {"choices": [end]})
    if usage:
        chunks.append(head | {"choices": [], "usage": _openai_usage(saying)})
    return [*(_frame("", chunk) for chunk in chunks), b"data: [DONE]\n\n"]


def stream_anthropic(saying: Saying, model: str, tag: str) -> list[bytes]:
    """Return the frames of a streamed message."""
    begun = {"input_tokens": saying.heard_tokens, "output_tokens": 1}
    message = _anthropic_head(model, tag) | {"content": [], "usage": begun}
    message |= {"stop_reason": None, "stop_sequence": None}
    events: list[Body] = [{"type": "message_start", "message": message}]
    index = 0
    if saying.text:
        events += _block(index, {"type": "text", "text": ""}, "text_delta", saying.text)
        index += 1
    if saying.tool:
        call = _anthropic_call(saying, tag) | {"input": {}}
        events += _block(index, call, "input_json_delta", saying.arguments)
    stop = {"stop_reason": _anthropic_stop(saying), "stop_sequence": None}
    usage = {"output_tokens": saying.said_tokens}
    events.append({"type": "message_delta", "delta": stop, "usage": usage})
    events.append({"type": "message_stop"})
    return [_frame(f"event: {event['type']}\n", event) for event in events]


def _block(index: int, start: Body, kind: str, text: str) -> Iterable[Body]:
    key = "text" if kind == "text_delta" else "partial_json"
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for piece in _cut(text):
        delta = {"type": kind, key: piece}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _cut(text: str) -> list[str]:
    return [text[at : at + PIECE_CHARS] for at in range(0, len(text), PIECE_CHARS)]


def _frame(prefix: str, body: Body) -> bytes:
    return b"%bdata: %b\n\n" % (prefix.encode(), msgspec.json.encode(body))


def _openai_head(kind: str, model: str, tag: str) -> Body:
    return {"id": f"chatcmpl-sim-{tag}", "object": kind, "created": 0, "model": model}


def _openai_call(saying: Saying, tag: str) -> Body:
    function = {"name": saying.tool, "arguments": saying.arguments}
    return {"id": f"call_sim_{tag}", "type": "function", "function": function}


def _openai_usage(saying: Saying) -> Body:
    return {
        "prompt_tokens": saying.heard_tokens,
        "completion_tokens": saying.said_tokens,
        "total_tokens": saying.heard_tokens + saying.said_tokens,
    }


def _openai_stop(saying: Saying) -> str:
    return "tool_calls" if saying.tool else "stop"


def _anthropic_head(model: str, tag: str) -> Body:
    return {"id": f"msg_sim_{tag}", "type": "message", "role": "assistant", "model": model}


def _anthropic_call(saying: Saying, tag: str) -> Body:
    return {"type": "tool_use", "id": f"toolu_sim_{tag}", "name": saying.tool}


def _anthropic_stop(saying: Saying) -> str:
    return "tool_use" if saying.tool else "end_turn"
