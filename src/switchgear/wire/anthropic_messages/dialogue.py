"""Turns of ours as the ``system`` and ``messages`` of a Messages request.

The API wants a user first, text that is not blank, and a tool's results at the head of the turn
after its calls. Blocks are written in one form always, so that a conversation that has grown
begins with the same bytes as before, and the provider's prompt cache still holds.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import (
    Conversation,
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
from switchgear.wire.argument import arguments
from switchgear.wire.seal import checks
from switchgear.wire.strict import members
from switchgear.wire.tail import last_element, with_elements, with_words, words

SILENCE = "(no message)"
"""Stands for a user who has not spoken, where the API wants words."""
CACHE_HERE = {"type": "ephemeral"}
NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
PDF = "application/pdf"

Block = dict[str, Any]

_encode = msgspec.json.Encoder().encode


class Dialogue:
    """The blocks of a request, and the names of what they could not carry."""

    __slots__ = ("dropped", "messages", "system")

    def __init__(self, conversation: Conversation) -> None:
        """Write every turn."""
        self.dropped = dict.fromkeys(conversation.unread)
        self.system: list[Block] = []
        self.messages: list[dict[str, Any]] = []
        for turn in conversation.turns:
            blocks = self.blocks(turn)
            if turn.role is not Role.SYSTEM:
                self._say(turn.role.value, blocks)
            elif self.messages:
                self._say("user", _told(blocks))
            else:
                self.system += [block for block in blocks if "text" in block]
                self._say("user", [block for block in blocks if "text" not in block])
        if not self.messages:
            self._say("user", [{"type": "text", "text": SILENCE}])
        _end(self.messages)

    def system_field(self) -> str | list[Block]:
        """Return one plain text as it is, else blocks."""
        if len(self.system) == 1 and "cache_control" not in self.system[0]:
            return str(self.system[0]["text"])
        return self.system

    def blocks(self, turn: Turn) -> list[Block]:
        """Return what a turn says, as blocks."""
        return [block for part in turn.parts for block in self._blocks(part)]

    def _say(self, role: str, blocks: list[Block]) -> None:
        if not blocks:
            return
        if not self.messages and role != "user":
            self.messages.append({"role": "user", "content": [{"type": "text", "text": SILENCE}]})
        if not self.messages or self.messages[-1]["role"] != role:
            self.messages.append({"role": role, "content": []})
        content = self.messages[-1]["content"]
        place = 0
        while place < len(content) and content[place]["type"] == "tool_result":
            place += 1
        content[place:place] = [block for block in blocks if block["type"] == "tool_result"]
        content += [block for block in blocks if block["type"] != "tool_result"]

    def _blocks(self, part: Part) -> list[Block]:
        block = self._block(part)
        if block and getattr(part, "cache", False):
            block["cache_control"] = CACHE_HERE
        return [block] if block else []

    def _block(self, part: Part) -> Block | None:
        if isinstance(part, Text):
            return {"type": "text", "text": part.text} if part.text.strip() else None
        if isinstance(part, ToolUse):
            name, given = part.name, arguments(part.arguments)
            return {"type": "tool_use", "id": tool_id(part.id), "name": name, "input": given}
        if isinstance(part, ToolResult):
            return self._result(part)
        if isinstance(part, Thinking):
            return self._thinking(part)
        if isinstance(part, Image):
            return self._image(part)
        return self._document(part)

    def _result(self, part: ToolResult) -> Block:
        block: Block = {"type": "tool_result", "tool_use_id": tool_id(part.id)}
        content = [inner for given in part.parts for inner in self._blocks(given)]
        plain = len(content) == 1 and content[0].keys() == {"type", "text"}
        if content:
            block["content"] = content[0]["text"] if plain else content
        if part.failed:
            block["is_error"] = True
        return block

    def _thinking(self, part: Thinking) -> Block | None:
        if not checks(part.origin, Dialect.ANTHROPIC_MESSAGES):
            self.dropped["thinking"] = None
            return None
        if part.redacted:
            return {"type": "redacted_thinking", "data": part.redacted}
        if part.signature:
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        self.dropped["reasoning_content"] = None
        return None

    def _image(self, part: Image) -> Block:
        if part.detail not in ("", "auto"):
            self.dropped["messages.content.image_url.detail"] = None
        source = {"type": "url", "url": part.url}
        if not part.url:
            source = {"type": "base64", "media_type": part.media_type, "data": part.data}
        return {"type": "image", "source": source}

    def _document(self, part: Document) -> Block | None:
        source = _document_source(part)
        if source is None:
            self.dropped["messages.content.file"] = None
            return None
        block: Block = {"type": "document", "source": source}
        if part.name:
            block["title"] = part.name
        return block


def with_tail(array: bytes, last_role: str, turns: Sequence[Turn]) -> bytes:
    """Return a caller's messages with these turns at their end.

    What the speaker of the last message goes on to say becomes part of that message.
    """
    scribe = Dialogue(Conversation(model="", turns=()))
    for turn in turns:
        told = turn.role is Role.SYSTEM
        role = "user" if told else turn.role.value
        blocks = _told(scribe.blocks(turn)) if told else scribe.blocks(turn)
        if role == last_role and blocks:
            array = _with_last(array, turn, blocks)
        elif blocks:
            array = with_elements(array, [{"role": role, "content": blocks}])
            last_role = role
    return array


def _with_last(array: bytes, turn: Turn, blocks: list[Block]) -> bytes:
    head, raw = last_element(array)
    message = members(raw)
    content, more = bytes(message["content"]), words(turn)
    if more is not None and turn.role is Role.ASSISTANT:
        content = with_words(content, more)
    else:
        if content[:1] == b'"':
            content = _encode([{"type": "text", "text": msgspec.Raw(content)}])
        content = with_elements(content, blocks)
    message["content"] = msgspec.Raw(content)
    return head + _encode(message) + b"]"


def tool_id(given: str) -> str:
    """Return an id in the letters that the API takes; the same for a call and its result."""
    return NOT_IN_AN_ID.sub("_", given) or "_"


def _told(blocks: list[Block]) -> list[Block]:
    """Return a system turn in the midst of the talk as user text that says what it is."""
    return [
        {**block, "text": f"<system>\n{block['text']}\n</system>"} if "text" in block else block
        for block in blocks
    ]


def _end(messages: list[dict[str, Any]]) -> None:
    """Trim the end of an answer that the model shall go on with, as the API demands."""
    last = messages[-1]
    if last["role"] == "assistant" and "text" in last["content"][-1]:
        last["content"][-1]["text"] = last["content"][-1]["text"].rstrip()


def _document_source(part: Document) -> Block | None:
    if part.url:
        return {"type": "url", "url": part.url}
    if part.media_type == PDF:
        return {"type": "base64", "media_type": PDF, "data": part.data}
    if not part.media_type.startswith("text/"):
        return None
    try:
        text = base64.b64decode(part.data, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return {"type": "text", "media_type": "text/plain", "data": text}
