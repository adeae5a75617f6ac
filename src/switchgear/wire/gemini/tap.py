"""Reads a stream of the API as it passes.

No frame says that the stream is over. The reason to stop comes with the last words, or before a
frame of nothing but usage, and older models give one with every frame. So from the first reason on
the newest frame is kept until another comes, and is the terminal frame when none does.
"""

from switchgear.domain.errors import UpstreamError, UpstreamGarbled, UpstreamLost
from switchgear.domain.event import Event
from switchgear.domain.piece import Piece
from switchgear.wire.gemini.delta import Answer, read_chunk
from switchgear.wire.gemini.failure import read_error, read_told
from switchgear.wire.sse import Frame, SseReader

MAX_BROKEN = 8
"""Broken frames that one stream may hold."""
MAX_COMMENTS = 1 << 16
"""Frames without an event in one piece; more are left out."""


class GeminiTap:
    """Follows one stream: its bytes pass, and their events are told.

    An error that comes after good frames of the same chunk waits for the next call.
    """

    __slots__ = ("_answer", "_failure", "_finished", "_kept", "_reader", "broken", "unread")

    def __init__(self) -> None:
        """Start with nothing read."""
        self.broken = 0
        """Frames that were no chunk, and were not passed on, or that were too long to be read."""
        self.unread = False
        self._reader = SseReader()
        self._answer = Answer()
        self._kept: tuple[list[bytes], list[Event]] | None = None
        """The newest frame since the first reason to stop, and comments after it."""
        self._failure: UpstreamError | None = None
        self._finished = False

    @property
    def foreign(self) -> bool:
        """There was content that our events do not know."""
        return self.unread or self._answer.foreign

    @property
    def place(self) -> None:
        """Nothing: the events tell it all."""
        return

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return the piece that this chunk completes, if any; never the last of the stream.

        Raises:
            UpstreamError: the target sent an error in its stream, or what its format forbids.
        """
        if self._failure:
            raise self._failure
        return self._pieces(self._reader.feed(chunk))

    def end(self) -> list[Piece]:
        """Return what is left when the connection has ended: at least the terminal frame.

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
        if self._kept is None:
            raise self._lost(left)
        raws, seen = self._kept
        self._finished = True
        return [*pieces, Piece(b"".join(raws), (*seen, self._answer.finish()))]

    def _lost(self, left: list[Frame]) -> UpstreamError:
        start = b"".join(frame.raw for frame in left).lstrip()
        if not self._answer.opened and start[:1] in {b"{", b"[", b"<"}:
            return read_error(200, start, None)  # a whole body where a stream should be
        return UpstreamLost()

    def _pieces(self, frames: list[Frame]) -> list[Piece]:
        passed: list[bytes] = []
        seen: list[Event] = []
        for frame in frames:
            try:
                self._take(frame, passed, seen)
            except UpstreamError as error:
                self._failure = error
                break
        if passed or seen:
            return [Piece(b"".join(passed), tuple(seen))]
        if self._failure:
            raise self._failure
        return []

    def _take(self, frame: Frame, passed: list[bytes], seen: list[Event]) -> None:
        """Pass a frame on, or keep it and pass on the one kept before."""
        if frame.data is None:
            self.unread |= frame.unread
            self.broken += frame.unread and not frame.more
            self._comment(frame, self._kept[0] if self._kept else passed)
            return
        chunk = read_chunk(frame.data)
        if chunk is None:
            self._count_broken()
            return
        if chunk.error:
            raise read_told(frame.data)
        new: list[Event] = []
        try:
            self._answer.read(chunk, new)
        except UpstreamError:
            seen += self._release(passed)
            seen += new
            raise
        if not self._answer.reason:
            passed.append(frame.raw)
            seen += new
            return
        seen += self._release(passed)
        self._kept = [frame.raw], new

    @staticmethod
    def _comment(frame: Frame, raws: list[bytes]) -> None:
        if frame.whole and len(raws) < MAX_COMMENTS:
            raws.append(frame.raw)

    def _release(self, passed: list[bytes]) -> list[Event]:
        if self._kept is None:
            return []
        raws, seen = self._kept
        self._kept = None
        passed += raws
        return seen

    def _count_broken(self) -> None:
        self.broken += 1
        if self.broken > MAX_BROKEN:
            raise UpstreamGarbled(f"The target sent more than {MAX_BROKEN} broken events.")
