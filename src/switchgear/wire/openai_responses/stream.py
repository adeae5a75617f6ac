"""Writes events as a stream of the Responses API.

Every frame is numbered. An item is closed when another begins; a tool call only once its arguments
are whole, for parallel calls may come in turns, and the API lets several items be open at once.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Place
from switchgear.domain.turn import Conversation
from switchgear.wire import freeform
from switchgear.wire.openai_responses.item import (
    CUSTOM,
    FUNCTION,
    MESSAGE,
    REASONING,
    REFUSAL,
    STYLES,
    SUMMARY,
    TEXT,
    TOOLS,
    Item,
    Part,
    State,
    restore,
)
from switchgear.wire.openai_responses.proof import ITEM, item_of, sealed
from switchgear.wire.openai_responses.reply import Outline

IDS = {MESSAGE: "msg_", REASONING: ITEM, FUNCTION: "fc_", CUSTOM: "ctc_"}
SPOKEN: dict[type[Event], tuple[str, str]] = {
    TextDelta: (MESSAGE, TEXT),
    RefusalDelta: (MESSAGE, REFUSAL),
    ThinkingDelta: (REASONING, SUMMARY),
}
"""Which item, and which part of it, words are in."""

OPENING = ("response.created", "response.in_progress")
NOBODY = Opened(id="", model="")
"""Begins an answer of which the target has told nothing yet."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class ResponsesWriter:
    """One stream."""

    __slots__ = (
        "_asked",
        "_decision",
        "_freeform",
        "_items",
        "_live",
        "_outline",
        "_prefix",
        "_refused",
        "_said",
        "_sequence",
        "_tools",
        "_unwrapping",
        "response",
    )

    def __init__(self, decision: str, asked: Conversation | None) -> None:
        """Start with nothing written, to answer what was asked."""
        self.response = b""
        """The whole answer, once it has ended."""
        self._decision = decision
        self._asked = asked
        self._outline: Outline | None = None
        self._freeform = freeform.names(asked)
        self._items: list[Item] = []
        self._live: Item | None = None
        """The message or reasoning that is open."""
        self._tools: dict[int, Item] = {}
        """Tool calls by their index."""
        self._unwrapping: dict[str, freeform.Unwrapping] = {}
        """By the item's id."""
        self._sequence = 0
        self._refused = False
        self._prefix = b""
        """Begins the frame of more words, where words are open."""
        self._said: list[str] = []
        """The words that are open."""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return the frames for these events; the terminal frame comes with Finished."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta and self._prefix:  # most of all events
                if event.text:
                    self._said.append(event.text)
                    out += (self._prefix, _encode(event.text), self._number())
            else:
                self._write(event, out)
        return b"".join(out)

    def go_on(self, before: Sequence[Event], place: Place | None) -> None:
        """Stand where a stream stands that says ``before``.

        How its frames are numbered, which items it has and which are open, the place alone knows.
        """
        if place is None:
            self.write(before)
            return
        opened = next((it for it in before if isinstance(it, Opened)), NOBODY)
        self._outline = Outline(self._decision, opened, self._asked)
        self._sequence = place.sequence
        self._refused = any(isinstance(event, RefusalDelta) for event in before)
        for kept in place.items:
            item = restore(kept)
            self._items.append(item)
            if item.kind in TOOLS:
                self._tools[len(self._tools)] = item
            elif not item.raw:
                self._live = item
        self._aim()

    def _write(self, event: Event, out: list[bytes]) -> None:
        if isinstance(event, Opened):
            self._open(event, out)
            return
        self._open(NOBODY, out)
        match event:
            case TextDelta(text) | RefusalDelta(text) | ThinkingDelta(text):
                self._speak(event, text, out)
            case ThinkingSigned():
                self._sign(event, out)
            case ToolStarted():
                self._start(event, out)
            case ToolDelta():
                self._grow(event, out)
            case Finished():
                self._finish(event, out)
        self._aim()

    def _open(self, event: Opened, out: list[bytes]) -> None:
        if self._outline is not None:
            return
        self._outline = Outline(self._decision, event, self._asked)
        _, response = self._outline.told([])
        out += [self._told(kind, {"response": response}) for kind in OPENING]

    def _speak(self, event: Event, text: str, out: list[bytes]) -> None:
        if not text:
            return
        kind, part_kind = SPOKEN[type(event)]
        self._refused |= part_kind == REFUSAL
        item = self._live
        if item is None or item.kind != kind:
            item = self._live = self._begin(kind, out)
        part = item.last
        fits = part is not None and (part.kind == part_kind or kind == REASONING)
        if part is None or part.state is not State.OPEN or not fits:
            self._end_part(item, out)
            part = item.add(part_kind)
            style = STYLES[part_kind]
            out.append(self._told(style.added, {**self._where(item, part), "part": part.told()}))
        self._add(item, part, text, out)

    def _sign(self, event: ThinkingSigned, out: list[bytes]) -> None:
        """Close the reasoning that is signed; reasoning that is hidden is an item of its own."""
        encrypted = sealed(event)
        if not encrypted:
            return
        item = self._live
        if item is None or item.kind != REASONING or event.redacted:
            item = self._live = self._begin(REASONING, out, item_of(event.signature)[0])
        item.encrypted = encrypted
        self._close(item, out)

    def _start(self, event: ToolStarted, out: list[bytes]) -> None:
        if event.index in self._tools:
            return
        kind = CUSTOM if event.name in self._freeform else FUNCTION
        number = len(self._items)
        call_id = event.id or f"call_{self._decision}_{number}"
        item = Item(kind, f"{IDS[kind]}{self._decision}_{number}", call_id, event.name)
        if kind == CUSTOM:
            self._unwrapping[item.id] = freeform.Unwrapping()
        self._tools[event.index] = self._new(item, out)

    def _grow(self, event: ToolDelta, out: list[bytes]) -> None:
        item = self._tools.get(event.index)
        if item is None or item.raw:
            return
        unwrapping = self._unwrapping.get(item.id)
        text = unwrapping.feed(event.json) if unwrapping else event.json
        if text:
            self._add(item, item.parts[0], text, out)

    def _begin(self, kind: str, out: list[bytes], name: str = "") -> Item:
        """Return a new item of words."""
        own = f"{IDS[kind]}{self._decision}_{len(self._items)}"
        return self._new(Item(kind, name or own), out)

    def _new(self, item: Item, out: list[bytes]) -> Item:
        """Add an item, and close those before it that are over."""
        if self._live is not None:
            self._close(self._live, out)
        for tool in self._tools.values():
            if not tool.raw and self._is_whole(tool):
                self._close(tool, out)
        self._items.append(item)
        told = item.told("in_progress")
        fields = {"output_index": len(self._items) - 1, "item": told}
        out.append(self._told("response.output_item.added", fields))
        return item

    def _is_whole(self, tool: Item) -> bool:
        unwrapping = self._unwrapping.get(tool.id)
        if unwrapping:
            return unwrapping.over
        try:
            return isinstance(_decode(tool.text), dict)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return False

    def _add(self, item: Item, part: Part, text: str, out: list[bytes]) -> None:
        part.chunks.append(text)
        fields = {**self._where(item, part), "delta": text}
        if part.kind == TEXT:
            fields["logprobs"] = []
        out.append(self._told(STYLES[part.kind].delta, fields))

    def _end_part(self, item: Item, out: list[bytes]) -> None:
        """Say that the last part of an item is over, as far as it has not been said."""
        part = item.last
        if part is None or part.state is State.OVER:
            return
        style, where = STYLES[part.kind], self._where(item, part)
        if part.state is State.OPEN:
            more: dict[str, Any] = {"logprobs": []} if part.kind == TEXT else {}
            out.append(self._told(style.done, {**where, style.field: part.text, **more}))
        if style.over:
            out.append(self._told(style.over, {**where, "part": part.told()}))
        part.state = State.OVER

    def _close(self, item: Item, out: list[bytes], status: str = "completed") -> None:
        unwrapping = self._unwrapping.pop(item.id, None)
        left = unwrapping.end() if unwrapping else ""
        if item.kind == FUNCTION and not item.text:
            left = "{}"
        if left:
            self._add(item, item.parts[0], left, out)
        self._end_part(item, out)
        item.raw = _encode(item.told(status))
        fields = {"output_index": self._items.index(item), "item": msgspec.Raw(item.raw)}
        out.append(self._told("response.output_item.done", fields))
        if item is self._live:
            self._live = None

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        cut = event.stop in (Stop.LENGTH, Stop.FILTERED)
        for item in self._items:
            if not item.raw:
                whole = not cut or (item.kind in TOOLS and self._is_whole(item))
                self._close(item, out, "completed" if whole else "incomplete")
        if self._outline is not None:
            output = [item.raw for item in self._items]
            status, response = self._outline.told(output, event, refused=self._refused)
            self.response = bytes(response)
            out.append(self._told(f"response.{status}", {"response": response}))

    def _where(self, item: Item, part: Part) -> dict[str, Any]:
        found: dict[str, Any] = {"item_id": item.id, "output_index": self._items.index(item)}
        index = STYLES[part.kind].index
        return {**found, index: part.number} if index else found

    def _aim(self) -> None:
        """Write the frame of more words but for the words, if words are open."""
        part = self._live.last if self._live else None
        if self._live is None or part is None:
            self._prefix = b""
        elif part.kind == TEXT and part.state is State.OPEN:
            kind = STYLES[TEXT].delta
            fields = {"type": kind, **self._where(self._live, part), "logprobs": []}
            head = _encode({**fields, "delta": ""})
            self._prefix = b"event: %b\ndata: %b" % (kind.encode(), head[:-3])
            self._said = part.chunks
        else:
            self._prefix = b""

    def _number(self) -> bytes:
        number, self._sequence = self._sequence, self._sequence + 1
        return b',"sequence_number":%d}\n\n' % number

    def _told(self, kind: str, fields: dict[str, Any]) -> bytes:
        body = _encode({"type": kind, **fields})[:-1]
        return b"event: %b\ndata: %b%b" % (kind.encode(), body, self._number())


def write_whole(decision: str, events: Sequence[Event], asked: Conversation | None) -> bytes:
    """Return a whole answer: what a stream of it says at its end."""
    writer = ResponsesWriter(decision, asked)
    writer.write(events)
    if not writer.response:
        writer.write([Finished(stop=Stop.OTHER)])
    return writer.response
