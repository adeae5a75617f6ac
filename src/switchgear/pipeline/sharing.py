"""One call to a target whose answer several callers read, each at its own pace."""

import asyncio
from collections.abc import Callable

import msgspec
from typing_extensions import override

from switchgear.domain.call import Call
from switchgear.domain.errors import Overloaded, ReplyClosed, SwitchgearError, UpstreamLost
from switchgear.domain.fact import Fact
from switchgear.domain.piece import Piece
from switchgear.ports.handler import Handler, Head, Reply, Trail
from switchgear.ports.nursery import Nursery

MOST_READERS = 64
"""Callers who read one answer at once; a client that retries has two or three."""
MOST_BEHIND = 1_048_576
"""Bytes that a reader may be behind the first, where the answer is not kept anyway."""
PIECE_BYTES, EVENT_BYTES = 256, 192
"""What a piece and an event take in memory beside their content, about."""


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is known by."""

    key: bytes
    """The digest of who asked, where, and under which idempotency key."""
    digest: str
    """Of the body that it answers."""
    call: str
    """The decision id of the call that was the first to ask."""


class Relay(Trail):
    """Passes the facts of the shared call on to the trail of the caller who answers for it now."""

    __slots__ = ("owner",)

    def __init__(self, owner: Trail) -> None:
        """Begin with the caller who asked first."""
        super().__init__()
        self.owner = owner

    @override
    def add(self, fact: Fact) -> None:
        super().add(fact)
        self.owner.add(fact)

    @property
    @override
    def over(self) -> bool:
        return self.owner.over


class Node:
    """One piece, and the way to the next: pieces that no reader needs go away by themselves."""

    __slots__ = ("after", "piece", "upto")

    def __init__(self, piece: Piece | None, upto: int) -> None:
        """Take the piece, and how many bytes of the answer there are up to its end."""
        self.piece = piece
        self.upto = upto
        self.after: Node | None = None


class Shared:
    """The answer to one call, as far as it has come.

    What waits for the target runs in the nursery, so that no reader takes it along by leaving. It
    reads on when the first of the readers needs more, and is closed when the last one leaves.
    """

    def __init__(self, title: Title, nursery: Nursery, changed: Callable[["Shared"], None]) -> None:
        """Know what it is called, and who is told when it grows, ends or is left."""
        self.title = title
        self.whole = False
        """It has come to its end, well."""
        self.error: BaseException | None = None
        """Why it will not."""
        self._nursery = nursery
        self._changed = changed
        self._first: Node | None = Node(None, 0)
        """Where a new reader begins; None once the beginning is not kept any more."""
        self._last = self._first
        self._readers: list[Reader] = []
        self._reply: Reply | None = None
        self._work: asyncio.Task[None]
        self._relay: Relay

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        return self._last.upto

    @property
    def left(self) -> bool:
        """Nobody reads it."""
        return not self._readers

    @property
    def head(self) -> Head:
        """Who answers, and how; known since it has committed."""
        if self._reply is None:
            raise ReplyClosed
        return self._reply.head

    def open(self, inner: Handler, call: Call, trail: Trail) -> "Reader":
        """Begin the call, and return its first reader."""
        self._relay = Relay(trail)
        reader = self.join(trail)
        self._work = self._nursery.spawn(self._begin(inner, call))
        return reader

    def join(self, trail: Trail) -> "Reader":
        """Return one more reader, who gets the answer from its beginning.

        Raises:
            Overloaded: too many read it already.
        """
        if self._first is None or len(self._readers) >= MOST_READERS:
            raise Overloaded("Too many calls with this idempotency-key wait for one answer.")
        reader = Reader(self, self._first, trail)
        self._readers.append(reader)
        return reader

    def disown(self) -> None:
        """Keep no more than its readers still need."""
        self._first = None

    async def committed(self) -> None:
        """Return when its first content has been seen.

        Raises:
            SwitchgearError: it failed before; every reader gets the same.
        """
        while self._reply is None:
            self._raise()
            await self._worked()

    async def more(self) -> None:
        """Return when there is more of it, or when it has ended.

        Raises:
            SwitchgearError: it broke off; every reader gets the same.
        """
        self._raise()
        if self._work.done():
            self._work = self._nursery.spawn(self._fetch())
        await self._worked()

    def leave(self, reader: "Reader") -> None:
        """Do without a reader; without the last one there is no reason to go on."""
        if reader not in self._readers:
            return
        self._readers.remove(reader)
        if self._readers:
            if self._relay.owner is reader.trail:
                self._relay.owner = self._readers[0].trail
            return
        self._changed(self)
        if self._reply is None:
            self._work.cancel()
        else:
            self._reply.close()

    async def stopped(self) -> None:
        """Return when nothing is at work for it any more."""
        await asyncio.wait({self._work})

    async def _begin(self, inner: Handler, call: Call) -> None:
        try:
            self._reply = await inner(call, self._relay)
        except SwitchgearError as error:
            self._fail(error)

    async def _fetch(self) -> None:
        if self._reply is None:
            return
        try:
            piece = await anext(self._reply.pieces)
        except StopAsyncIteration:
            self._fail(UpstreamLost())
        except SwitchgearError as error:
            self._fail(error)
        else:
            self._take(piece)

    async def _worked(self) -> None:
        work = self._work  # by the time that we wake another reader may have begun the next
        await asyncio.wait({work})
        if work.cancelled():
            self._fail(ReplyClosed())
        elif (error := work.exception()) is not None:
            self._fail(error)  # a fault of our own; the nursery has reported it

    def _take(self, piece: Piece) -> None:
        if self._first is None:
            self._drop_late()
        node = Node(piece, self._last.upto + weight(piece))
        self._last.after = node
        self._last = node
        if piece.finish is not None:
            self.whole = True
            if self._reply is not None:
                self._reply.close()
        self._changed(self)

    def _drop_late(self) -> None:
        """Let nobody hold the memory of an answer that is too large to be kept."""
        for reader in [each for each in self._readers if self.size - each.upto > MOST_BEHIND]:
            reader.cut(UpstreamLost("This copy of the answer was read too slowly to be kept up."))
            self.leave(reader)

    def _fail(self, error: BaseException) -> None:
        if self.error is None and not self.whole:
            self.error = error
            self._changed(self)

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error


class Reader:
    """One caller's place in a shared answer."""

    __slots__ = ("_error", "_node", "_shared", "trail")

    def __init__(self, shared: Shared, node: Node, trail: Trail) -> None:
        """Stand before the first piece."""
        self.trail = trail
        self._shared = shared
        self._node = node
        self._error: SwitchgearError | None = None

    @property
    def upto(self) -> int:
        """How many bytes of the answer it has read."""
        return self._node.upto

    async def read(self) -> Piece | None:
        """Return the next piece, or None after the last.

        Raises:
            SwitchgearError: the answer broke off, or was read too slowly.
        """
        while self._node.after is None:
            if self._error is not None:
                raise self._error
            if self._shared.whole:
                return None
            await self._shared.more()
        self._node = self._node.after
        return self._node.piece

    def cut(self, error: SwitchgearError) -> None:
        """Go no further, and hold nothing."""
        self._error = error
        self._node = Node(None, 0)

    def leave(self) -> None:
        """Read no more; leaving twice is harmless."""
        self._shared.leave(self)


def weight(piece: Piece) -> int:
    """Return about how many bytes a piece takes in memory."""
    events = piece.seen + piece.before
    said = sum(len(getattr(event, "text", "") or getattr(event, "json", "")) for event in events)
    return PIECE_BYTES + EVENT_BYTES * len(events) + said + len(piece.raw or b"")
