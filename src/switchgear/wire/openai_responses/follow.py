"""Follows the items of an answer through the frames of its stream."""

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import (
    Event,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.wire import freeform
from switchgear.wire.openai_responses.item import (
    ARGUMENTS,
    CUSTOM,
    INPUT,
    MESSAGE,
    REASONING,
    REFUSAL,
    STYLES,
    SUMMARY,
    TEXT,
    THOUGHT,
    TOOLS,
    Item,
    Part,
    State,
    keep,
)
from switchgear.wire.openai_responses.reading import PARAGRAPH
from switchgear.wire.openai_responses.told import (
    Given,
    Words,
    item_events,
    read_item,
    signature,
)

ADDED, DONE = "response.output_item.added", "response.output_item.done"
DELTAS = {style.delta: kind for kind, style in STYLES.items()}
SAID = {style.done: kind for kind, style in STYLES.items()}
PARTS_ADDED = frozenset(style.added for style in STYLES.values() if style.added)
PARTS_OVER = frozenset(style.over for style in STYLES.values() if style.over)
ITEM_FRAMES = frozenset((*DELTAS, *SAID, *PARTS_ADDED, *PARTS_OVER, ADDED, DONE))
WITHIN = {TEXT: MESSAGE, REFUSAL: MESSAGE, SUMMARY: REASONING, THOUGHT: REASONING}
MAX_ITEMS = 4096
"""In one answer."""
MAX_KEPT = 4 << 20
"""Characters of an answer that are kept, so that somebody else can go on with it."""


class Follower:
    """The items of one answer, as they grow."""

    __slots__ = ("_calls", "_items", "_weight", "foreign", "refused")

    def __init__(self) -> None:
        """Start without an item."""
        self.foreign = False
        """There was an item that our events do not know, or too much to be kept."""
        self.refused = False
        self._items: dict[int, Item] = {}
        """By their index in the output."""
        self._calls: dict[int, int] = {}
        """From the index in the output to the index among the tool calls."""
        self._weight = 0

    @property
    def begun(self) -> bool:
        """Whether there is an item."""
        return bool(self._items) or self.foreign

    @property
    def tools(self) -> int:
        """How many tools were asked for."""
        return len(self._calls)

    def kept(self) -> tuple[bytes, ...]:
        """Return the items, for a place."""
        return tuple([keep(self._items[index]) for index in sorted(self._items)])

    def speak(self, index: int, kind: str, text: str, seen: list[Event]) -> None:
        """Read more of a part."""
        item = self._items.get(index)
        if item is None:
            if kind not in WITHIN:
                return  # nobody has said which tool
            item = self._begin(index, Given(WITHIN[kind]), seen)
        part = item.parts[-1] if item.parts else None
        if part is None or (part.kind != kind and item.kind not in TOOLS):
            part = item.add(kind)
        if not text:
            return
        self._tell(index, item, part, text, seen)
        part.chunks.append(text)
        self._weigh(len(text))

    def read(
        self,
        kind: str,
        index: int,
        raw: msgspec.Raw,
        words: Words | None,
        seen: list[Event],
    ) -> None:
        """Read a frame that begins or ends an item, or a part of one."""
        item = self._items.get(index)
        if kind == ADDED:
            self._add(index, raw, seen)
        elif kind == DONE:
            self._end(index, raw, seen)
        elif item is None or item.raw:
            return
        elif kind in PARTS_ADDED:
            part = item.add(words.type if words and words.type in STYLES else SUMMARY)
            if part.kind == SUMMARY and part.number:
                seen.append(ThinkingDelta(PARAGRAPH))
        elif item.last and kind in SAID:
            item.last.state = State.SAID
        elif item.last and kind in PARTS_OVER:
            item.last.state = State.OVER

    def _tell(self, index: int, item: Item, part: Part, text: str, seen: list[Event]) -> None:
        if part.kind == TEXT:
            seen.append(TextDelta(text))
        elif part.kind == REFUSAL:
            self.refused = True
            seen.append(RefusalDelta(text))
        elif part.kind == ARGUMENTS:
            seen.append(ToolDelta(index=self._calls[index], json=text))
        elif part.kind == INPUT:
            opening = "" if part.chunks else freeform.OPENING
            json = opening + freeform.escaped(text)
            seen.append(ToolDelta(index=self._calls[index], json=json))
        elif part.kind == item.parts[0].kind:  # what is both told and summed up is read once
            seen.append(ThinkingDelta(text))

    def _add(self, index: int, raw: msgspec.Raw, seen: list[Event]) -> None:
        given = read_item(raw)
        if given is None:
            self.foreign = True
        elif index not in self._items:
            self._begin(index, given, seen)

    def _begin(self, index: int, given: Given, seen: list[Event]) -> Item:
        if len(self._items) >= MAX_ITEMS:
            raise UpstreamGarbled(f"The target's answer has more than {MAX_ITEMS} items.")
        item = Item(given.type, given.id or "", given.call, given.name or "")
        self._items[index] = item
        if item.kind in TOOLS:
            self._calls[index] = len(self._calls)
            started = ToolStarted(index=self._calls[index], id=item.call_id, name=item.name)
            seen.append(started)
        return item

    def _end(self, index: int, raw: msgspec.Raw, seen: list[Event]) -> None:
        given = read_item(raw)
        if given is None:
            self.foreign = True
            return
        item = self._items.get(index) or self._begin(index, given, seen)
        if item.raw:
            return
        item.raw = bytes(raw)
        self._weigh(len(item.raw))
        if any(part.chunks for part in item.parts):
            if item.kind == CUSTOM:
                seen.append(ToolDelta(index=self._calls[index], json=freeform.CLOSING))
            seen += signature(given) if item.kind == REASONING else []
            return
        said = item_events(given, self._calls.get(index, 0))
        self.refused |= any(isinstance(event, RefusalDelta) for event in said)
        seen += said[1:] if item.kind in TOOLS else said

    def _weigh(self, more: int) -> None:
        """Keep no more than MAX_KEPT; that something was said is kept always."""
        self._weight += more
        if self._weight <= MAX_KEPT:
            return
        self.foreign, self._weight = True, 0
        for item in self._items.values():
            item.raw = item.raw and b"{}"
            for part in item.parts:
                part.chunks = part.chunks and [""]
