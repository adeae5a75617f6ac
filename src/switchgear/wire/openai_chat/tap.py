"""Reads a stream of this dialect as it passes."""

from collections.abc import Sequence

from switchgear.domain.edit import AskUsage, Edit
from switchgear.domain.errors import UpstreamError, UpstreamGarbled, UpstreamLost
from switchgear.domain.event import Event
from switchgear.domain.piece import Piece
from switchgear.wire.openai_chat.delta import Answer, read_chunk
from switchgear.wire.openai_chat.failure import read_error, stream_error
from switchgear.wire.sse import Frame, SseReader

MAX_BROKEN = 8
"""Broken frames that one stream may hold."""
DONE = b"[DONE]"
TERMINAL = b"data: [DONE]\n\n"
"""Given to the caller where the target forgot it, though its answer had properly ended."""


class ChatTap:
    """Follows one stream: its bytes pass, and their events are told.

    An error that comes after good frames of the same chunk waits for the next call.
    """

    __slots__ = ("_answer", "_failure", "_finished", "_reader", "_swallows", "broken", "unread")

    def __init__(self, edits: Sequence[Edit]) -> None:
        """Expect the stream that answers a request with these edits."""
        self.broken = 0
        """Frames that were no chunk, and were not passed on, or that were too long to be read."""
        self._swallows = any(isinstance(edit, AskUsage) for edit in edits)
        self._reader = SseReader()
        self._answer = Answer()
        self._finished = self.unread = False
        self._failure: UpstreamError | None = None

    @property
    def foreign(self) -> bool:
        """There was content that our events do not know, or that they number otherwise."""
        return self.unread or self._answer.foreign

    @property
    def place(self) -> None:
        """Nothing: the events tell it all."""
        return

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return the pieces that this chunk completes: one of ordinary frames, one of the end.

        Raises:
            UpstreamError: the target sent an error in its stream, or what its format forbids.
        """
        if self._failure:
            raise self._failure
        if self._finished:
            return []
        return self._pieces(self._reader.feed(chunk))

    def end(self) -> list[Piece]:
        """Return what is left when the connection has ended.

        Raises:
            UpstreamLost: the answer has no proper end.
        """
        if self._failure:
            raise self._failure
        if self._finished:
            return []
        left = self._reader.end()
        pieces = self._pieces(left)
        if self._failure:
            raise self._failure
        if self._finished:
            return pieces
        if self._answer.reason is None:
            raise self._lost(left)
        self._finished = True
        return [*pieces, Piece(TERMINAL, (self._answer.finish(),))]

    def _lost(self, left: list[Frame]) -> UpstreamError:
        start = b"".join(frame.raw for frame in left).lstrip()
        if not self._answer.opened and start[:1] in {b"{", b"[", b"<"}:
            return read_error(200, start, None)  # a whole body where a stream should be
        return UpstreamLost()

    def _pieces(self, frames: list[Frame]) -> list[Piece]:
        passed: list[bytes] = []
        seen: list[Event] = []
        pieces: list[Piece] = []
        for frame in frames:
            try:
                if frame.data == DONE:
                    pieces.append(self._last(frame))
                    break
                if self._take(frame, seen):
                    passed.append(frame.raw)
            except UpstreamError as error:
                self._failure = error
                break
        if passed or seen:
            pieces.insert(0, Piece(b"".join(passed), tuple(seen)))
        if self._failure and not pieces:
            raise self._failure
        return pieces

    def _last(self, frame: Frame) -> Piece:
        if not self._answer.opened:
            raise UpstreamGarbled("The target ended its stream without an answer.")
        self._finished = True
        return Piece(frame.raw, (self._answer.finish(),))

    def _take(self, frame: Frame, seen: list[Event]) -> bool:
        """Add a frame's events to ``seen``; tell whether the frame is to be passed on."""
        if frame.data is None:
            self.unread |= frame.unread
            self.broken += frame.unread and not frame.more
            return frame.whole
        chunk = read_chunk(frame.data)
        if chunk is None:
            self._count_broken()
            return False
        if chunk.failed or frame.name == "error":
            raise stream_error(frame.data)
        self._answer.read(chunk, seen)
        return not (self._swallows and chunk.usage and not chunk.choices)

    def _count_broken(self) -> None:
        self.broken += 1
        if self.broken > MAX_BROKEN:
            raise UpstreamGarbled(f"The target sent more than {MAX_BROKEN} broken events.")
