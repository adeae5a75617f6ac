"""Reads a stream of the Messages API as it passes."""

from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamError, UpstreamGarbled, UpstreamLost
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Piece, Place
from switchgear.wire.anthropic_messages.failure import Detail, read_told
from switchgear.wire.anthropic_messages.stop import read_stop
from switchgear.wire.anthropic_messages.tally import Tally
from switchgear.wire.seal import unseal
from switchgear.wire.sse import Frame, SseReader

MAX_BROKEN = 8
"""Frames that may be unreadable before the whole stream is given up."""

TERMINAL = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
"""Given to the caller where the target forgot it, though its answer had properly ended."""

_encode = msgspec.json.Encoder().encode


class _Head(msgspec.Struct, frozen=True, gc=False):
    id: str = ""
    model: str = ""
    usage: Tally | None = None


class _MessageStart(msgspec.Struct, frozen=True, gc=False, tag="message_start"):
    message: _Head = _Head()


class Block(msgspec.Struct, frozen=True, gc=False):
    """A content block, as far as it is read; its kind says which fields mean something."""

    type: str
    text: str = ""
    thinking: str = ""
    signature: str = ""
    data: str = ""
    id: str = ""
    name: str = ""
    input: msgspec.Raw = msgspec.Raw(b"")


class _BlockStart(msgspec.Struct, frozen=True, gc=False, tag="content_block_start"):
    content_block: Block
    index: int = 0


class _BlockStop(msgspec.Struct, frozen=True, gc=False, tag="content_block_stop"):
    index: int = 0


class _Delta(msgspec.Struct, frozen=True, gc=False):
    type: str
    text: str = ""
    partial_json: str = ""
    thinking: str = ""
    signature: str = ""


class _BlockDelta(msgspec.Struct, frozen=True, gc=False, tag="content_block_delta"):
    delta: _Delta
    index: int = 0


class _End(msgspec.Struct, frozen=True, gc=False):
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _MessageDelta(msgspec.Struct, frozen=True, gc=False, tag="message_delta"):
    delta: _End = _End()
    usage: Tally | None = None


class _MessageStop(msgspec.Struct, frozen=True, gc=False, tag="message_stop"):
    pass


class _Error(msgspec.Struct, frozen=True, gc=False, tag="error"):
    error: Detail = Detail()


class _Kind(msgspec.Struct, frozen=True, gc=False):
    type: str


_Told = (
    _BlockDelta | _BlockStart | _BlockStop | _MessageStart | _MessageDelta | _MessageStop | _Error
)
READ = frozenset(
    (
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
    )
)
KNOWN = frozenset(("text", "thinking", "redacted_thinking", "tool_use"))
"""Kinds of blocks that our events can tell."""
_decode = msgspec.json.Decoder(_Told).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode
NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)


def said_input(block: Block) -> str:
    """Return the arguments that came with a tool's block, as JSON text; empty for none."""
    text = bytes(block.input).decode()
    return "" if text in ("", "null") or not text.strip("{} \t\r\n") else text


class MessagesTap:
    """One stream.

    What follows ``message_stop`` is no part of the answer and is left out, as is a frame that
    cannot be read. An error in the stream is raised once what came before it has been returned.
    """

    __slots__ = (
        "_end",
        "_error",
        "_finished",
        "_reader",
        "_tally",
        "_tools",
        "broken",
        "foreign",
        "place",
        "unread",
    )

    def __init__(self) -> None:
        """Start with nothing read."""
        self.broken = 0
        """Frames that could not be read and were left out, or that were too long to be read."""
        self.unread = False
        self.foreign = False
        """There was a block of a kind that our events do not know."""
        self.place = Place(0)
        """Which block the stream is in."""
        self._reader = SseReader()
        self._tools: dict[int, int] = {}
        self._tally: Tally | None = None
        self._end: _End | None = None
        self._error: UpstreamError | None = None
        self._finished = False

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return the pieces that this chunk completes, in order.

        Raises:
            UpstreamError: the target told of an error, or sent too much that cannot be read.
        """
        if self._error is not None:
            raise self._error
        return self._pieces(self._reader.feed(chunk))

    def end(self) -> list[Piece]:
        """Return what is left when the connection has ended.

        Raises:
            UpstreamLost: it ended before the answer did: no stop reason had come.
        """
        if self._error is not None:
            raise self._error
        left = self._reader.end()
        pieces = self._pieces([frame for frame in left if frame.whole])
        if self._error is not None:
            raise self._error
        if self._finished:
            return pieces
        if self._end is None:
            raise UpstreamLost
        self._finished = True
        return [*pieces, Piece(TERMINAL, (self._finish(),))]

    def _pieces(self, frames: list[Frame]) -> list[Piece]:
        raws: list[bytes] = []
        seen: list[Event] = []
        pieces: list[Piece] = []
        for frame in frames:
            if self._finished or self._error is not None:
                break
            if not self._read(frame, seen):
                continue
            if self._finished:
                pieces.append(Piece(frame.raw, (self._finish(),)))
            else:
                raws.append(frame.raw)
        if raws:
            pieces.insert(0, Piece(raws[0] if len(raws) == 1 else b"".join(raws), tuple(seen)))
        if self._error is not None and not pieces:
            raise self._error
        return pieces

    def _read(self, frame: Frame, seen: list[Event]) -> bool:
        """Add a frame's events to ``seen``; return whether the frame may be passed on."""
        if frame.data is None:
            self.unread |= frame.unread
            self.foreign |= frame.unread
            self.broken += frame.unread and not frame.more
            return True
        try:
            told = _decode(frame.data)
        except NOT_JSON:
            return self._is_new(frame.data)
        if type(told) is not _BlockDelta:
            self._read_other(told, seen)
        elif told.delta.type == "text_delta":  # most of all frames
            if told.delta.text:
                seen.append(TextDelta(told.delta.text))
        else:
            self._read_delta(told, seen)
        return self._error is None

    def _is_new(self, data: bytes) -> bool:
        """Say whether it is a kind of event that we need not know; count it as broken if not."""
        try:
            new = _decode_kind(data).type not in READ
        except NOT_JSON:
            new = False
        if not new:
            self.broken += 1
            if self.broken > MAX_BROKEN:
                self._error = UpstreamGarbled("The target sent events that cannot be read.")
        return new

    def _read_delta(self, told: _BlockDelta, seen: list[Event]) -> None:
        delta = told.delta
        kind = delta.type
        if kind == "input_json_delta":
            tool = self._tools.get(told.index)
            if tool is not None and delta.partial_json:
                seen.append(ToolDelta(index=tool, json=delta.partial_json))
        elif kind == "thinking_delta":
            if delta.thinking:
                seen.append(ThinkingDelta(delta.thinking))
        elif kind == "signature_delta" and delta.signature:
            seen.append(signed(delta.signature))

    def _read_other(self, told: Any, seen: list[Event]) -> None:  # noqa: ANN401 - the rest of _Told
        if type(told) is _BlockStart:
            self._read_start(told, seen)
        elif type(told) is _BlockStop:
            self.place = Place(self.place.blocks)
        elif type(told) is _MessageStart:
            self._tally = told.message.usage
            usage = self._tally.usage() if self._tally else None
            seen.append(Opened(id=told.message.id, model=told.message.model, usage=usage))
        elif type(told) is _MessageDelta:
            if told.usage:
                self._tally = self._tally.merge(told.usage) if self._tally else told.usage
            if told.delta.stop_reason:
                self._end = told.delta
        elif type(told) is _MessageStop:
            self._finished = True
        else:
            self._error = read_told(told.error)

    def _read_start(self, told: _BlockStart, seen: list[Event]) -> None:
        block = told.content_block
        self.place = Place(told.index + 1, block.type)
        self.foreign |= block.type not in KNOWN
        index = self._tools.get(told.index, len(self._tools))
        if block.type == "tool_use":
            self._tools[told.index] = index
        seen += block_events(block, index)

    def _finish(self) -> Finished:
        end = self._end or _End()
        return Finished(
            stop=read_stop(end.stop_reason or ""),
            usage=self._tally.usage() if self._tally else None,
            stop_sequence=end.stop_sequence or "",
        )


def block_events(block: Block, index: int) -> list[Event]:
    """Return what a block says; ``index`` is its number among the tool calls."""
    if block.type == "tool_use":
        started = ToolStarted(index=index, id=block.id, name=block.name)
        given = said_input(block)
        return [started, ToolDelta(index=index, json=given)] if given else [started]
    if block.type == "redacted_thinking":
        return [hidden(block.data)]
    if block.type == "text":
        return [TextDelta(block.text)] if block.text else []
    if block.type != "thinking":
        return []
    events: list[Event] = [ThinkingDelta(block.thinking)] if block.thinking else []
    return [*events, signed(block.signature)] if block.signature else events


def signed(text: str) -> ThinkingSigned:
    """Return a signature; a target that is a gateway itself may send another provider's, sealed."""
    signature, origin = unseal(text, Dialect.ANTHROPIC_MESSAGES)
    return ThinkingSigned(signature, origin=origin)


def hidden(text: str) -> ThinkingSigned:
    """Return thinking that the provider hid."""
    redacted, origin = unseal(text, Dialect.ANTHROPIC_MESSAGES)
    return ThinkingSigned("", redacted=redacted, origin=origin)
