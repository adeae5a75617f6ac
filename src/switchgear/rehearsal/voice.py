"""What a healthy target says, in either dialect: always the same twelve words."""

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.ask import Ask

TEXT = "one two three four five six seven eight nine ten eleven twelve"
"""Every good answer; whatever is missing, doubled or added shows."""
HALF = 6
"""Words before what breaks off, breaks off."""
INPUT_TOKENS, OUTPUT_TOKENS = 10, 12
CREATED = 1_750_000_000
encode = msgspec.json.encode


class Parts(msgspec.Struct, frozen=True):
    """A good stream, taken apart so that faults can be put between."""

    opening: tuple[bytes, ...]
    """Before any content."""
    content: tuple[bytes, ...]
    closing: tuple[bytes, ...]
    """The reason to stop, and the usage."""
    terminal: tuple[bytes, ...]
    """What says that it is over."""

    def all(self) -> tuple[bytes, ...]:
        """Return every frame, in order."""
        return (*self.opening, *self.content, *self.closing, *self.terminal)

    def before_break(self) -> tuple[bytes, ...]:
        """Return the frames up to the middle of the content."""
        return (*self.opening, *self.content[:HALF])


def words_of(ask: Ask) -> list[str]:
    """Return what is still to be said, a word each with the blank before it.

    Whoever is asked to go on with its own beginning goes on with it.
    """
    said = ask.said.rstrip()
    left = TEXT[len(said) :] if said and TEXT.startswith(said) else TEXT
    words = left.split(" ")
    return [word if place == 0 else f" {word}" for place, word in enumerate(words) if word or place]


def parts(ask: Ask, words: Sequence[str], stop: str = "") -> Parts:
    """Return the stream that says these words; ``stop`` is the dialect's own reason, if odd."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        return _chat(ask, [{"content": word} for word in words], stop or "stop")
    deltas = [{"type": "text_delta", "text": word} for word in words]
    return _blocks(ask, {"type": "text", "text": ""}, deltas, stop or "end_turn")


def whole(ask: Ask, text: str, stop: str = "") -> bytes:
    """Return the whole answer that says ``text``."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        message = {"role": "assistant", "content": text}
        return _completion(ask, message, stop or "stop")
    return _message(ask, [{"type": "text", "text": text}], stop or "end_turn")


def whole_call(ask: Ask, arguments: str) -> bytes:
    """Return the whole answer that calls the first tool with these arguments.

    Where the dialect has JSON and not text there, what is no JSON becomes a string.
    """
    if ask.dialect is Dialect.OPENAI_CHAT:
        function = {"name": ask.tool, "arguments": arguments}
        call = {"id": _call_id(ask), "type": "function", "function": function}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return _completion(ask, message, "tool_calls")
    try:
        given = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        given = {"": arguments}
    block = {"type": "tool_use", "id": _call_id(ask), "name": ask.tool, "input": given}
    return _message(ask, [block], "tool_use")


def call_parts(ask: Ask, arguments: str) -> Parts:
    """Return the stream that calls the first tool with these arguments, in two pieces."""
    middle = len(arguments) // 2
    pieces = [piece for piece in (arguments[:middle], arguments[middle:]) if piece]
    if ask.dialect is Dialect.OPENAI_CHAT:
        function = {"name": ask.tool, "arguments": ""}
        first = {"index": 0, "id": _call_id(ask), "type": "function", "function": function}
        calls = [first, *({"index": 0, "function": {"arguments": it}} for it in pieces)]
        return _chat(ask, [{"tool_calls": [call]} for call in calls], "tool_calls")
    block = {"type": "tool_use", "id": _call_id(ask), "name": ask.tool, "input": {}}
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    return _blocks(ask, block, deltas, "tool_use")


def content_frame(ask: Ask, text: str) -> bytes:
    """Return one event with this text."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        return chat_frame(ask, {"content": text})
    return _delta_frame({"type": "text_delta", "text": text})


def chat_frame(ask: Ask, delta: dict[str, Any], finish: str | None = None) -> bytes:
    """Return one chunk of OpenAI's dialect."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _data(_chunk(ask, [choice]))


def usage_frame(ask: Ask, output: int = OUTPUT_TOKENS) -> bytes:
    """Return the event that tells the usage."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        return _data(_chunk(ask, []) | {"usage": _chat_usage(output)})
    return _event("message_delta", {"delta": {}, "usage": {"output_tokens": output}})


def error_body(ask: Ask, kind: str, message: str, code: str | None = None) -> bytes:
    """Return an error in the shape of the dialect; ``kind`` is its own type."""
    if ask.dialect is Dialect.OPENAI_CHAT:
        told = {"message": message, "type": kind, "param": None, "code": code}
        return encode({"error": told})
    told = {"type": kind, "message": message}
    return encode({"type": "error", "error": told, "request_id": "req_simulated"})


def error_frame(ask: Ask, kind: str, message: str) -> bytes:
    """Return an error as an event of a stream."""
    name = b"" if ask.dialect is Dialect.OPENAI_CHAT else b"event: error\n"
    return name + b"data: " + error_body(ask, kind, message) + b"\n\n"


def _chat(ask: Ask, deltas: Sequence[dict[str, Any]], stop: str) -> Parts:
    return Parts(
        (chat_frame(ask, {"role": "assistant", "content": ""}),),
        tuple(chat_frame(ask, delta) for delta in deltas),
        (chat_frame(ask, {}, stop), *((usage_frame(ask),) if ask.ask_usage else ())),
        (b"data: [DONE]\n\n",),
    )


def _call_id(ask: Ask) -> str:
    """Return the id of the tool call; each model and scope has its own."""
    return f"call_{zlib.crc32(ask.model.encode()):08x}"


def _chunk(ask: Ask, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "chatcmpl-simulated",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": ask.model,
        "choices": choices,
    }


def _chat_usage(output: int) -> dict[str, int]:
    return {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": output,
        "total_tokens": INPUT_TOKENS + output,
    }


def _completion(ask: Ask, message: dict[str, Any], stop: str) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": stop}
    kind = {"object": "chat.completion", "usage": _chat_usage(OUTPUT_TOKENS)}
    return encode(_chunk(ask, [choice]) | kind)


def _blocks(ask: Ask, block: dict[str, Any], deltas: Sequence[dict[str, Any]], stop: str) -> Parts:
    opened = _envelope(ask) | {"content": [], "stop_reason": None, "usage": _messages_usage(1)}
    ended = {"stop_reason": stop, "stop_sequence": None}
    usage = {"output_tokens": OUTPUT_TOKENS}
    return Parts(
        (
            _event("message_start", {"message": opened}),
            _event("content_block_start", {"index": 0, "content_block": block}),
            _event("ping", {}),
        ),
        tuple(_delta_frame(delta) for delta in deltas),
        (
            _event("content_block_stop", {"index": 0}),
            _event("message_delta", {"delta": ended, "usage": usage}),
        ),
        (_event("message_stop", {}),),
    )


def _message(ask: Ask, content: list[dict[str, Any]], stop: str) -> bytes:
    ended = {"stop_reason": stop, "stop_sequence": None, "usage": _messages_usage(OUTPUT_TOKENS)}
    return encode(_envelope(ask) | {"content": content} | ended)


def _envelope(ask: Ask) -> dict[str, Any]:
    return {"id": "msg_simulated", "type": "message", "role": "assistant", "model": ask.model}


def _messages_usage(output: int) -> dict[str, int]:
    return {"input_tokens": INPUT_TOKENS, "output_tokens": output}


def _delta_frame(delta: dict[str, Any]) -> bytes:
    return _event("content_block_delta", {"index": 0, "delta": delta})


def _event(name: str, told: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), encode({"type": name} | told))


def _data(told: dict[str, Any]) -> bytes:
    return b"data: " + encode(told) + b"\n\n"
