"""Reads a stream of the Responses API as it passes."""

import re

import msgspec

from switchgear.domain.errors import UpstreamError, UpstreamGarbled, UpstreamLost
from switchgear.domain.event import Event, Finished
from switchgear.domain.piece import Piece, Place
from switchgear.wire.openai_failure import read_error, stream_error
from switchgear.wire.openai_responses.answer import ENDED, failure, read_output
from switchgear.wire.openai_responses.follow import DELTAS, ITEM_FRAMES, Follower
from switchgear.wire.openai_responses.item import TEXT
from switchgear.wire.openai_responses.tally import read_stop
from switchgear.wire.openai_responses.told import NOT_JSON, Answer, Words, read_kind
from switchgear.wire.sse import Frame, SseReader

MAX_BROKEN = 8
"""Frames that may be unreadable before the whole stream is given up."""
DONE = b"[DONE]"
"""What some servers send although this API has no such frame."""
OPENING = frozenset(("response.created", "response.queued", "response.in_progress"))
TERMINAL = frozenset(("response.completed", "response.incomplete"))
FAILING = frozenset(("response.failed", "response.cancelled"))
READ = frozenset(("error", *OPENING, *TERMINAL, *FAILING, *ITEM_FRAMES))
NAMED = re.compile(rb"event: *(response\.\w+)|\"type\": *\"(response\.\w+)\"")
LOOKED_AT = 256
"""Bytes of a frame that is too long to be read, in which its name must stand."""


class _Told(msgspec.Struct, frozen=True, gc=False):
    """Any frame; its type says which fields mean something."""

    type: str
    sequence_number: int = -1
    output_index: int = -1
    delta: str = ""
    item: msgspec.Raw = msgspec.Raw(b"")
    part: Words | None = None
    response: Answer | None = None


_decode = msgspec.json.Decoder(_Told).decode
TEXT_DELTA = next(name for name, kind in DELTAS.items() if kind == TEXT)


class ResponsesTap:
    """One stream.

    What follows the terminal frame is no part of the answer and is left out, as is a frame that
    cannot be read. An error in the stream is raised once what came before it has been returned.
    """

    __slots__ = (
        "_end",
        "_error",
        "_follower",
        "_long",
        "_opened",
        "_reader",
        "_sequence",
        "broken",
        "unread",
    )

    def __init__(self) -> None:
        """Start with nothing read."""
        self.broken = 0
        """Frames that could not be read and were left out, or that were too long to be read."""
        self.unread = False
        self._reader = SseReader()
        self._follower = Follower()
        self._opened = False
        self._sequence = 0
        """Of the next frame."""
        self._end: Finished | None = None
        self._error: UpstreamError | None = None
        self._long = ""
        """The name of a frame that is too long to be read, as long as it goes on."""

    @property
    def foreign(self) -> bool:
        """There was content that our events do not know, or more of it than is kept."""
        return self.unread or self._follower.foreign

    @property
    def place(self) -> Place:
        """Which items there are, how far they are told, and the number of the next frame."""
        items = self._follower.kept()
        return Place(len(items), items=items, sequence=self._sequence)

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return the pieces that this chunk completes: one of ordinary frames, one of the end.

        Raises:
            UpstreamError: the target told of an error, or sent too much that cannot be read.
        """
        if self._error is not None:
            raise self._error
        return [] if self._end else self._pieces(self._reader.feed(chunk))

    def end(self) -> list[Piece]:
        """Return what is left when the connection has ended.

        Raises:
            UpstreamLost: the answer has no proper end.
        """
        if self._error is not None:
            raise self._error
        if self._end:
            return []
        left = self._reader.end()
        pieces = self._pieces([frame for frame in left if frame.whole])
        if self._error is not None:
            raise self._error
        if self._end is None:
            raise self._lost(left)
        return pieces

    def _lost(self, left: list[Frame]) -> UpstreamError:
        start = b"".join(frame.raw for frame in left).lstrip()
        if not self._opened and start[:1] in {b"{", b"[", b"<"}:
            return read_error(200, start, None)  # a whole body where a stream should be
        return UpstreamLost()

    def _pieces(self, frames: list[Frame]) -> list[Piece]:
        raws: list[bytes] = []
        seen: list[Event] = []
        pieces: list[Piece] = []
        for frame in frames:
            passes = self._read(frame, seen)
            if self._error is not None:
                break
            if self._end is not None:
                pieces.append(Piece(frame.raw, (self._end,)))
                break
            if passes:
                raws.append(frame.raw)
        if raws or seen:
            pieces.insert(0, Piece(raws[0] if len(raws) == 1 else b"".join(raws), tuple(seen)))
        if self._error is not None and not pieces:
            raise self._error
        return pieces

    def _read(self, frame: Frame, seen: list[Event]) -> bool:
        """Add a frame's events to ``seen``; return whether the frame may be passed on."""
        if frame.data is None:
            if frame.unread:
                self._skip(frame)
            return True
        try:
            told = _decode(frame.data)
        except NOT_JSON:
            return self._read_odd(frame.data, seen)
        if told.sequence_number >= self._sequence:
            self._sequence = told.sequence_number + 1
        if told.type == TEXT_DELTA:  # most of all frames
            self._follower.speak(told.output_index, TEXT, told.delta, seen)
        else:
            try:
                self._read_other(told, frame.data, seen)
            except UpstreamError as error:
                self._error = error
        return True

    def _read_other(self, told: _Told, data: bytes, seen: list[Event]) -> None:
        kind, follower = told.type, self._follower
        if kind in DELTAS:
            follower.speak(told.output_index, DELTAS[kind], told.delta, seen)
        elif kind in OPENING:
            if told.response and not self._opened:
                self._opened = True
                seen.append(told.response.opened)
        elif kind in TERMINAL:
            self._finish(told.response or Answer(), kind, seen)
        elif kind in FAILING:
            self._error = failure(told.response or Answer())
        elif kind == "error":
            self._error = stream_error(data)
        else:
            follower.read(kind, told.output_index, told.item, told.part, seen)

    def _finish(self, answer: Answer, kind: str, seen: list[Event]) -> None:
        if not self._opened:
            self._opened = True
            seen.append(answer.opened)
        tools, refused = self._follower.tools, self._follower.refused
        if not self._follower.begun and answer.output:
            said, tools = read_output(answer.output)
            seen += said
        stop = read_stop(
            answer.reason, complete=kind.endswith(ENDED), tools=bool(tools), refused=refused
        )
        self._end = Finished(stop=stop, usage=answer.used)

    def _skip(self, frame: Frame) -> None:
        """Let pass what is too long to be read; if it is the terminal frame, only usage is lost."""
        if not self._long:
            match = NAMED.search(frame.raw, 0, LOOKED_AT)
            self._long = (match[1] or match[2]).decode() if match else "unknown"
        terminal = self._long in TERMINAL
        if not terminal:
            self.unread = True
            self.broken += not frame.more
        elif not frame.more:
            self._finish(Answer(), self._long, [])
        if not frame.more:
            self._long = ""

    def _read_odd(self, data: bytes, seen: list[Event]) -> bool:
        """Read a frame that is not as it should be: its type alone, if it has that."""
        if data == DONE:
            return False
        kind = read_kind(data)
        if kind in TERMINAL:
            self._finish(Answer(), kind, seen)
        elif kind in OPENING and not self._opened:
            self._opened = True
            seen.append(Answer().opened)
        elif not kind or kind in READ:
            self.broken += 1
            if self.broken > MAX_BROKEN:
                self._error = UpstreamGarbled("The target sent events that cannot be read.")
            return False
        return True
