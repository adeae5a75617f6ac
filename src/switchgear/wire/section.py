"""The blocks of an answer, put together from events; for dialects whose answers are blocks."""

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, TypeVar

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
from switchgear.domain.piece import Place
from switchgear.wire.argument import arguments
from switchgear.wire.seal import seal

MAX_HELD = 16 << 20
"""Letters of one tool call's arguments, at most."""


class Kind(Enum):
    """What a block holds; the value is what a Place says of it."""

    TEXT = "text"
    THINKING = "thinking"
    REDACTED = "redacted_thinking"
    TOOL = "tool_use"


OPEN = {kind.value: kind for kind in Kind}
"""By what a Place says is open."""


class Section:
    """One block, as it grows."""

    __slots__ = (
        "_complete_at",
        "_looked_at",
        "chunks",
        "id",
        "kind",
        "length",
        "name",
        "over",
        "signature",
    )

    def __init__(self, kind: Kind, tool_id: str = "", name: str = "") -> None:
        """Start an empty block."""
        self.kind = kind
        self.id = tool_id
        self.name = name
        self.chunks: list[str] = []
        self.length = 0
        self.signature = ""
        self.over = False
        """Nothing can be added any more."""
        self._looked_at = 0
        self._complete_at = -1

    def add(self, more: str) -> None:
        """Take more text, or more JSON.

        Raises:
            UpstreamGarbled: it is now longer than MAX_HELD.
        """
        self.chunks.append(more)
        self.length += len(more)
        if self.length > MAX_HELD:
            raise UpstreamGarbled(f"The target sent a block of more than {MAX_HELD} letters.")

    @property
    def text(self) -> str:
        """Return all of it."""
        return "".join(self.chunks)

    @property
    def complete(self) -> bool:
        """Whether a tool's arguments are a JSON object now, so that no more can follow."""
        if self._looked_at < self.length:
            self._looked_at = self.length
            text = self.text if self.chunks[-1].rstrip().endswith("}") else ""
            if text and bytes(arguments(text)) == text.encode():
                self._complete_at = self.length
        return self._complete_at >= 0

    @property
    def ended(self) -> bool:
        """Whether the block after it may be written, once there is one."""
        return self.kind is not Kind.TOOL or self.complete

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self.length or self.signature or self.kind is Kind.TOOL)


class Outline:
    """Says for each event which block it belongs to, and keeps the blocks in their order."""

    __slots__ = ("_tools", "refused", "sections")

    spoken: ClassVar[Dialect]
    """Of the caller: what others have signed is sealed."""

    def __init__(self) -> None:
        """Start without a block."""
        self.sections: list[Section] = []
        self.refused = False
        self._tools: dict[int, Section] = {}

    @property
    def asks_for_tools(self) -> bool:
        """Whether any tool was asked for."""
        return bool(self._tools)

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

    def resume(self, place: Place) -> Section | None:
        """Return the block that is open where a stream has come to; None where none is."""
        for section in self.sections:
            section.over = True
        if place.open not in OPEN:
            return None
        section = self._reopened(OPEN[place.open])
        section.over = False
        return section

    def _reopened(self, kind: Kind) -> Section:
        """Return the block of this kind that is open at the end; an empty one if none is."""
        last = self.sections[-1] if self.sections else None
        if last is None or last.kind is not kind:
            last = self._new(Section(kind))
        return last

    def hidden(self, event: ThinkingSigned) -> str:
        """Return hidden thinking as the dialect writes it."""
        return seal(event.redacted, event.origin, self.spoken)

    def tool_id(self, said: str) -> str:
        """Return a tool call's id as the dialect may have it."""
        return said

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
            return self._new(Section(Kind.REDACTED)), self.hidden(event)
        section = self._last(Kind.THINKING)
        section.signature = seal(event.signature, event.origin, self.spoken)
        return section, ""

    def _started(self, event: ToolStarted) -> tuple[Section, str]:
        if event.index not in self._tools:
            section = Section(Kind.TOOL, self.tool_id(event.id), event.name)
            self._tools[event.index] = self._new(section)
        return self._tools[event.index], ""


Filled = TypeVar("Filled", bound=Outline)


def fold(events: Sequence[Event], outline: Filled) -> Filled:
    """Return an outline with the blocks of a whole answer."""
    for event in events:
        placed = outline.place(event)
        if placed:
            placed[0].add(placed[1])
    return outline
