"""The one shape of behaviour: a handler answers a call, a layer wraps a handler."""

from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import ReplyClosed
from switchgear.domain.fact import Ending, Fact
from switchgear.domain.piece import Piece
from switchgear.domain.units import NanoUsd, Seconds


class Head(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who answers, and how; known at the commit point."""

    target: str
    model: str
    """The provider's own name for it."""
    dialect: Dialect | None
    """Of the raw bytes; None where there are only events (a tool answered)."""
    stream: bool
    """The pieces are frames of a stream, not one whole body."""
    tier: str
    reason: str
    """Why this target, in a few words."""
    attempts: int
    """Tried so far, this one included."""
    instead: str = ""
    """Target id of who was to answer, where it failed or had no room; empty where it did."""
    dropped: tuple[str, ...] = ()
    """What the translation to this target could not carry."""
    own: Seconds = Seconds(0.0)
    """Our part of the time until now."""
    cost: NanoUsd | None = None
    """Of all attempts, where it is known before the answer goes out: for whole answers."""
    status: int = 200
    """Of what is passed through; else it is always this."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of what is passed through: those of the target's that the caller gets."""
    replayed: str = ""
    """The decision whose answer this is; empty when it is the call's own."""


class Trail:
    """All that happened to one call, in order. Layers add to it; nothing branches on it."""

    __slots__ = ("facts",)

    def __init__(self) -> None:
        """Start with nothing known."""
        self.facts: list[Fact] = []

    def add(self, fact: Fact) -> None:
        """Write one fact down."""
        self.facts.append(fact)

    @property
    def over(self) -> bool:
        """Whether the call has come to an end: its row is written, or being written."""
        return any(isinstance(each, Ending) for each in self.facts)


Read = Callable[[], Awaitable[Piece | None]]
"""The next piece, or nothing after the last. A plain function, so nothing can be left half run."""

Act = Callable[[], None]
"""What is done on closing. It never waits: closing is bounded in time because it takes none."""


class Reply:
    """A committed answer: read ``pieces`` once, then close.

    Whoever holds a reply closes it, on every path, read or unread. Closing twice is harmless.
    A read that is under way when another task closes fails with ReplyClosed or its own error.
    """

    __slots__ = ("_acts", "_broken", "_closed", "_read", "head")

    def __init__(self, head: Head, read: Read) -> None:
        """Hold the way to read; nothing is read until the pieces are iterated."""
        self.head = head
        self._read = read
        self._acts: list[Act] = []
        self._broken = False
        self._closed = False

    @property
    def pieces(self) -> AsyncIterator[Piece]:
        """The answer, piece by piece; one reader at a time."""
        return self

    def wrap(self, wrapper: Callable[[Read], Read]) -> None:
        """See each read on its way out; the last wrapper sees it last."""
        self._read = wrapper(self._read)

    def at_close(self, act: Act) -> None:
        """Do ``act`` on closing, after all that was asked before it."""
        self._acts.append(act)

    def close(self) -> None:
        """Give everything back at once; each act is done even if another fails."""
        acts, self._acts, self._closed = self._acts, [], True
        failures = [error for act in acts if (error := _done(act)) is not None]
        if failures:
            raise failures[0]

    def __aiter__(self) -> AsyncIterator[Piece]:
        """Iterate the pieces."""
        return self

    async def __anext__(self) -> Piece:
        """Return the next piece.

        Raises:
            UpstreamError: the target broke off; the piece before was not the last.
            ReplyClosed: the reply is closed, being read, or a read failed before.
        """
        if self._broken or self._closed:
            raise ReplyClosed
        self._broken = True
        piece = await self._read()
        self._broken = False
        if piece is None:
            raise StopAsyncIteration
        return piece


def _done(act: Act) -> Exception | None:
    try:
        act()
    except Exception as error:  # noqa: BLE001  (collected, and raised by the caller)
        return error
    return None


Handler = Callable[[Call, Trail], Awaitable[Reply]]
"""Returns at the commit point, when the first content has been seen: all that went wrong before
is invisible to the caller, and nothing after it may be tried again."""

Layer = Callable[[Handler], Handler]
