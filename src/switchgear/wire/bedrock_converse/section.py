"""The content blocks of an answer, put together from events."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import (
    Event,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.wire.argument import arguments
from switchgear.wire.bedrock_converse.hidden import write_hidden
from switchgear.wire.seal import seal

MAX_HELD = 16 << 20
"""Letters of one block, at most."""


class Kind(Enum):
    """What a block holds; the value is what a Place says of it."""

    TEXT = "text"
    THINKING = "thinking"
    HIDDEN = "hidden"
    TOOL = "tool_use"


class Section:
    """One block, as it grows."""

    __slots__ = ("_length", "chunks", "id", "kind", "name", "over", "signature")

    def __init__(self, kind: Kind, tool_id: str = "", name: str = "") -> None:
        """Start an empty block."""
        self.kind = kind
        self.id = tool_id
        self.name = name
        self.chunks: list[str] = []
        self.signature = ""
        self.over = False
        """Nothing can be added any more."""
        self._length = 0

    def add(self, more: str) -> None:
        """Take more text, or more JSON.

        Raises:
            UpstreamGarbled: it is now longer than MAX_HELD.
        """
        self.chunks.append(more)
        self._length += len(more)
        if self._length > MAX_HELD:
            raise UpstreamGarbled(f"The target sent a block of more than {MAX_HELD} letters.")

    @property
    def text(self) -> str:
        """Return all of it."""
        return "".join(self.chunks)

    @property
    def complete(self) -> bool:
        """Whether a tool's arguments are a JSON object now, so that no more can follow."""
        if not (self.chunks and self.chunks[-1].rstrip().endswith("}")):
            return False
        text = self.text
        return bytes(arguments(text)) == text.encode()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self._length or self.signature or self.kind is Kind.TOOL)

    def block(self) -> dict[str, Any]:
        """Return the whole block as it stands in an answer."""
        if self.kind is Kind.TEXT:
            return {"text": self.text}
        if self.kind is Kind.HIDDEN:
            return {"reasoningContent": {"redactedContent": self.text}}
        if self.kind is Kind.THINKING:
            told = {"text": self.text}
            if self.signature:
                told["signature"] = self.signature
            return {"reasoningContent": {"reasoningText": told}}
        use = {"toolUseId": self.id, "name": self.name, "input": arguments(self.text)}
        return {"toolUse": use}


class Outline:
    """Says for each event which block it belongs to, and keeps the blocks in their order."""

    __slots__ = ("_tools", "refused", "sections")

    def __init__(self) -> None:
        """Start without a block."""
        self.sections: list[Section] = []
        self.refused = False
        self._tools: dict[int, Section] = {}

    @property
    def asks_for_tools(self) -> bool:
        """Whether any tool was asked for."""
        return bool(self._tools)

    def blocks(self) -> list[dict[str, Any]]:
        """Return all blocks that say anything."""
        return [each.block() for each in self.sections if not each.empty]

    def place(self, event: Event) -> tuple[Section, str] | None:
        """Return the event's block, made if need be, and what the event adds to it."""
        if isinstance(event, TextDelta):
            return self._last(Kind.TEXT), event.text
        if isinstance(event, ToolDelta):
            section = self._tools.get(event.index)
            return (section, event.json) if section else None
        if isinstance(event, ThinkingDelta):
            return self._last(Kind.THINKING), event.text
        if isinstance(event, RefusalDelta):
            self.refused = True
            return self._last(Kind.TEXT), event.text
        if isinstance(event, ThinkingSigned):
            return self._signed(event)
        return self._started(event) if isinstance(event, ToolStarted) else None

    def reopen(self, kind: Kind) -> Section:
        """Return the block of this kind that is open at the end; an empty one if none is."""
        last = self.sections[-1] if self.sections else None
        return last if last is not None and last.kind is kind else self._new(Section(kind))

    def _last(self, kind: Kind) -> Section:
        last = self.sections[-1] if self.sections else None
        if last is None or last.kind is not kind or last.signature or last.over:
            last = self._new(Section(kind))
        return last

    def _new(self, section: Section) -> Section:
        self.sections.append(section)
        return section

    def _signed(self, event: ThinkingSigned) -> tuple[Section, str]:
        if event.redacted:
            return self._new(Section(Kind.HIDDEN)), write_hidden(event.redacted, event.origin)
        section = self._last(Kind.THINKING)
        section.signature = seal(event.signature, event.origin, Dialect.BEDROCK_CONVERSE)
        return section, ""

    def _started(self, event: ToolStarted) -> tuple[Section, str]:
        if event.index not in self._tools:
            self._tools[event.index] = self._new(Section(Kind.TOOL, event.id, event.name))
        return self._tools[event.index], ""


def fold(events: Sequence[Event]) -> Outline:
    """Return the blocks of a whole answer."""
    outline = Outline()
    for event in events:
        placed = outline.place(event)
        if placed:
            placed[0].add(placed[1])
    return outline
