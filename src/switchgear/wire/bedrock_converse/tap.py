"""Reads a stream of the Converse API as it passes."""

from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamError, UpstreamGarbled, UpstreamLost
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Piece, Place
from switchgear.wire.bedrock_converse.block import (
    BlockDelta,
    BlockStart,
    BlockStop,
    ReasoningDelta,
    hidden,
    signed,
)
from switchgear.wire.bedrock_converse.failure import read_told
from switchgear.wire.bedrock_converse.word import Counted, Served, read_stop
from switchgear.wire.eventstream import EventStreamReader, Message

MAX_BROKEN = 8
"""Messages that may be unreadable before the whole stream is given up."""
MAX_SIGNATURE = 1 << 20
"""Letters."""
TEXT, THINKING, TOOL, OTHER = "text", "thinking", "tool_use", "other"
"""What a block can be, in a Place."""


class Fields(msgspec.Struct, frozen=True, gc=False):
    """What a model told besides, because it was asked."""

    stop_sequence: str | None = None


class MessageStop(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """``messageStop``."""

    stop_reason: str = ""
    additional_model_response_fields: Fields | None = None


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """``metadata``: the last event of a stream."""

    usage: Counted | None = None
    service_tier: Served | None = msgspec.field(default=None, name="serviceTier")


class MessageStart(msgspec.Struct, frozen=True, gc=False):
    """``messageStart``."""

    role: str = "assistant"


KINDS = (MessageStart, BlockStart, BlockDelta, BlockStop, MessageStop, Metadata)
NAMES = (
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
)
_decoders = {
    name: msgspec.json.Decoder(kind).decode for name, kind in zip(NAMES, KINDS, strict=True)
}
NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)


class ConverseTap:
    """One stream.

    ``messageStop`` waits for the ``metadata`` after it, so that the end of the answer is one piece.
    An exception in the stream is raised once what came before it has been returned.
    """

    __slots__ = (
        "_error",
        "_finished",
        "_held",
        "_model",
        "_opened",
        "_reader",
        "_signature",
        "_stop",
        "_tools",
        "broken",
        "foreign",
        "place",
        "unread",
    )

    def __init__(self, model: str) -> None:
        """Start with nothing read; the API does not name the model, so the caller does."""
        self.broken = 0
        """Messages that could not be read and were left out, or that were too long to be read."""
        self.unread = False
        self.foreign = False
        """There was content that our events do not know."""
        self.place = Place(0)
        """Which block the stream is in."""
        self._model = model
        self._reader = EventStreamReader()
        self._tools: dict[int, int] = {}
        self._signature: list[str] = []
        self._stop: MessageStop | None = None
        self._held = b""
        """The message with the reason to stop."""
        self._opened = False
        self._error: UpstreamError | None = None
        self._finished = False

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return the pieces that this chunk completes, in order.

        Raises:
            UpstreamError: the target told of an error, or sent too much that cannot be read.
        """
        if self._error is not None:
            raise self._error
        raws: list[bytes] = []
        seen: list[Event] = []
        ends: list[Piece] = []
        for message in self._reader.feed(chunk):
            if self._finished or self._error is not None:
                break
            if self._read(message, seen, ends) and not self._finished:
                raws.append(message.raw)
        pieces = [Piece(b"".join(raws), tuple(seen))] if raws or seen else []
        if self._error is not None and not pieces:
            raise self._error
        return pieces + ends

    def end(self) -> list[Piece]:
        """Return what is left when the connection has ended.

        Raises:
            UpstreamLost: it ended before the answer did: no reason to stop had come.
        """
        if self._error is not None:
            raise self._error
        if self._finished:
            return []
        if self._stop is None:
            raise UpstreamLost
        self._finished = True
        return [Piece(self._held, (self._finish(Metadata()),))]

    def _read(self, message: Message, seen: list[Event], ends: list[Piece]) -> bool:
        """Add a message's events to ``seen``; return whether it may be passed on."""
        if message.payload is None:
            self.unread = self.foreign = True
            self.broken += not message.more
            return True
        kind = message.headers.get(":message-type", "event")
        if kind != "event":
            self._fail(message)
            return False
        name = message.headers.get(":event-type")
        decode = _decoders.get(name) if isinstance(name, str) else None
        if decode is None:
            return True  # a kind of event that we need not know
        try:
            told: Any = decode(message.payload)
        except NOT_JSON:
            return self._break()
        if self._stop is not None and type(told) is not Metadata:
            return self._break()  # nothing may follow but the usage
        if type(told) is BlockDelta:
            self._read_delta(told, seen)
        else:
            self._read_other(told, message, seen, ends)
        return self._error is None and type(told) is not MessageStop

    def _break(self) -> bool:
        self.broken += 1
        if self.broken > MAX_BROKEN:
            self._error = UpstreamGarbled("The target sent events that cannot be read.")
        return False

    def _fail(self, message: Message) -> None:
        headers = message.headers
        name = headers.get(":exception-type") or headers.get(":error-code") or ""
        self._error = read_told(str(name), message.payload or b"")

    def _read_delta(self, told: BlockDelta, seen: list[Event]) -> None:
        delta = told.delta
        if delta.text is not None:  # most of all messages
            self._begin(told.content_block_index, TEXT)
            if delta.text:
                seen.append(TextDelta(delta.text))
        elif delta.tool_use is not None:
            tool = self._tools.get(told.content_block_index)
            if tool is not None and delta.tool_use.input:
                seen.append(ToolDelta(index=tool, json=delta.tool_use.input))
        elif delta.reasoning_content is not None:
            self._begin(told.content_block_index, THINKING)
            self._think(delta.reasoning_content, seen)
        else:
            self.foreign = True

    def _think(self, delta: ReasoningDelta, seen: list[Event]) -> None:
        if delta.text:
            seen.append(ThinkingDelta(delta.text))
        if delta.signature:
            self._signature.append(delta.signature)
            if sum(map(len, self._signature)) > MAX_SIGNATURE:
                self._error = UpstreamGarbled("The target sent a signature beyond all measure.")
        if delta.redacted_content:
            seen.append(hidden(delta.redacted_content))

    def _begin(self, index: int, kind: str) -> None:
        place = self.place
        if place.open != kind or place.blocks != index + 1:
            self.place = Place(index + 1, kind)

    def _read_other(
        self,
        told: MessageStart | BlockStart | BlockStop | MessageStop | Metadata,
        message: Message,
        seen: list[Event],
        ends: list[Piece],
    ) -> None:
        if isinstance(told, MessageStart):
            if not self._opened:
                seen.append(Opened(id="", model=self._model))
            self._opened = True
        elif isinstance(told, BlockStart):
            self._start(told, seen)
        elif isinstance(told, Metadata):
            self._finished = True
            self._sign(seen)
            ends.append(Piece(self._held + message.raw, (self._finish(told),)))
        else:
            self._sign(seen)
            self.place = Place(self.place.blocks)
            if isinstance(told, MessageStop):
                self._stop, self._held = told, message.raw

    def _start(self, told: BlockStart, seen: list[Event]) -> None:
        index, use = told.content_block_index, told.start.tool_use
        if use is None or use.type:
            self.foreign = True
            self._begin(index, OTHER)
            return
        self._begin(index, TOOL)
        number = self._tools.setdefault(index, len(self._tools))
        seen.append(ToolStarted(index=number, id=use.tool_use_id, name=use.name))

    def _sign(self, seen: list[Event]) -> None:
        """Tell the signature of the block that ends."""
        if self._signature:
            seen.append(signed("".join(self._signature)))
            self._signature = []

    def _finish(self, told: Metadata) -> Finished:
        stop = self._stop or MessageStop()
        fields = stop.additional_model_response_fields or Fields()
        return Finished(
            stop=read_stop(stop.stop_reason),
            usage=told.usage.usage(told.service_tier) if told.usage else None,
            stop_sequence=fields.stop_sequence or "",
        )
