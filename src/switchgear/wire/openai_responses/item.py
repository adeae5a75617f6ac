"""The items of an answer's output, as they grow."""

from enum import Enum
from typing import Any

import msgspec

MESSAGE, REASONING = "message", "reasoning"
FUNCTION, CUSTOM = "function_call", "custom_tool_call"
TOOLS = frozenset((FUNCTION, CUSTOM))
KNOWN = frozenset((MESSAGE, REASONING, FUNCTION, CUSTOM))
"""Kinds of items that our events can tell; the value is their type on the wire."""

TEXT, REFUSAL = "output_text", "refusal"
SUMMARY, THOUGHT = "summary_text", "reasoning_text"
ARGUMENTS, INPUT = "arguments", "input"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Style(msgspec.Struct, frozen=True, gc=False):
    """How the parts of one kind are told in a stream."""

    delta: str
    done: str
    field: str
    """Where the whole of it stands when it is done."""
    index: str = ""
    """What its number within the item is called; empty where there is but one."""
    added: str = ""
    over: str = ""


def _in_item(name: str, field: str = "text", part: str = "content_part") -> Style:
    index = "content_index" if part == "content_part" else "summary_index"
    return Style(
        delta=f"response.{name}.delta",
        done=f"response.{name}.done",
        field=field,
        index=index,
        added=f"response.{part}.added",
        over=f"response.{part}.done",
    )


STYLES = {
    TEXT: _in_item("output_text"),
    REFUSAL: _in_item("refusal", "refusal"),
    SUMMARY: _in_item("reasoning_summary_text", part="reasoning_summary_part"),
    THOUGHT: _in_item("reasoning_text"),
    ARGUMENTS: Style(
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "arguments",
    ),
    INPUT: Style(
        "response.custom_tool_call_input.delta",
        "response.custom_tool_call_input.done",
        "input",
    ),
}


class State(Enum):
    """How far a part of an item has been told."""

    OPEN = "open"
    """More may come."""
    SAID = "said"
    """All of it has been told, but not that it is over."""
    OVER = "over"


class Part:
    """One part of an item."""

    __slots__ = ("chunks", "kind", "number", "state")

    def __init__(self, kind: str, number: int) -> None:
        """Start without a word."""
        self.kind = kind
        self.number = number
        self.chunks: list[str] = []
        self.state = State.OPEN

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.chunks)

    def told(self) -> dict[str, Any]:
        """Return it as it stands in its item."""
        if self.kind == REFUSAL:
            return {"type": REFUSAL, "refusal": self.text}
        found: dict[str, Any] = {"type": self.kind, "text": self.text}
        return {**found, "annotations": [], "logprobs": []} if self.kind == TEXT else found


class Item:
    """One item."""

    __slots__ = ("_summaries", "call_id", "encrypted", "id", "kind", "name", "parts", "raw")

    def __init__(self, kind: str, item_id: str, call_id: str = "", name: str = "") -> None:
        """Start without a part; a tool call has one from the first."""
        self.kind = kind
        self.id = item_id
        self.call_id = call_id
        self.name = name
        self.encrypted = ""
        self.parts: list[Part] = []
        self.raw = b""
        """Its bytes, once it is done."""
        self._summaries = 0
        if kind in TOOLS:
            self.parts.append(Part(ARGUMENTS if kind == FUNCTION else INPUT, 0))

    @property
    def last(self) -> Part | None:
        """The part that is open, or was last."""
        return self.parts[-1] if self.parts else None

    def add(self, kind: str) -> Part:
        """Return a new part at the end."""
        summed_up = kind == SUMMARY
        number = self._summaries if summed_up else len(self.parts) - self._summaries
        self._summaries += summed_up
        part = Part(kind, number)
        self.parts.append(part)
        return part

    @property
    def text(self) -> str:
        """All its words."""
        return "".join([part.text for part in self.parts])

    def told(self, status: str) -> dict[str, Any]:
        """Return it as it stands in an answer."""
        if self.kind == MESSAGE:
            content = [part.told() for part in self.parts]
            head = {"id": self.id, "type": MESSAGE, "status": status}
            return {**head, "role": "assistant", "content": content}
        if self.kind == REASONING:
            return self._reasoning()
        head = {"id": self.id, "type": self.kind, "status": status}
        field = "arguments" if self.kind == FUNCTION else "input"
        return {**head, "call_id": self.call_id, "name": self.name, field: self.text}

    def _reasoning(self) -> dict[str, Any]:
        summary = [part.told() for part in self.parts if part.kind == SUMMARY]
        found: dict[str, Any] = {"id": self.id, "type": REASONING, "summary": summary}
        content = [part.told() for part in self.parts if part.kind == THOUGHT]
        if content:
            found["content"] = content
        return {**found, "encrypted_content": self.encrypted} if self.encrypted else found


class Standing(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An item in the middle of a stream, as one writer tells the next."""

    kind: str
    id: str
    call_id: str = ""
    name: str = ""
    raw: str = ""
    """The whole item, if it is done."""
    parts: tuple[tuple[str, str, State], ...] = ()
    """Kind, words and state of each part, if it is not."""


_read = msgspec.json.Decoder(Standing).decode


def keep(item: Item) -> bytes:
    """Return an item for a place."""
    parts = () if item.raw else tuple([(it.kind, it.text, it.state) for it in item.parts])
    return _encode(
        Standing(
            kind=item.kind,
            id=item.id,
            call_id=item.call_id,
            name=item.name,
            raw=item.raw.decode(),
            parts=parts,
        )
    )


def restore(kept: bytes) -> Item:
    """Return the item that ``keep`` was given."""
    found = _read(kept)
    item = Item(found.kind, found.id, found.call_id, found.name)
    item.raw = found.raw.encode()
    if found.parts:
        item.parts = []
    for kind, text, state in found.parts:
        part = item.add(kind)
        part.chunks, part.state = [text], state
    return item
