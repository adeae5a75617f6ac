"""Let only so many calls be under way at once."""

from collections.abc import Callable

from switchgear.domain.call import Call
from switchgear.domain.errors import Draining, Overloaded
from switchgear.ports.handler import Handler, Layer, Reply, Trail


def nothing() -> None:
    """Do nothing."""


class Slots:
    """So many calls at once, and no queue; none at all while draining."""

    def __init__(self, count: int, crowded: Callable[[], bool] = bool) -> None:
        """Start with every slot free; ``crowded`` tells whether no target can take one call more.

        That would come out later too, but not as cheaply.
        """
        self.count = count
        self.crowded = crowded
        self.taken = 0
        self._emptied: Callable[[], None] = nothing
        self.draining = False
        self.over = False
        """Calls still under way are broken off: we end them, and not their callers."""

    @property
    def full(self) -> bool:
        """Whether there is room for no call more."""
        return self.taken >= self.count or self.crowded()

    def take(self) -> None:
        """Take one slot; whoever takes it gives it back once.

        Raises:
            Draining: the server is shutting down.
            Overloaded: no slot is free, or no target.
        """
        if self.draining:
            raise Draining
        if self.full:
            raise Overloaded
        self.taken += 1

    def drain(self, emptied: Callable[[], None] = nothing) -> None:
        """Take no more calls; those under way go on, and ``emptied`` is told when none is left."""
        self.draining = True
        self._emptied = emptied
        if not self.taken:
            emptied()

    def stop(self) -> None:
        """Take note that the time of those under way is over."""
        self.over = True

    def give_back(self) -> None:
        """Free one slot."""
        self.taken -= 1
        if self.draining and not self.taken:
            self._emptied()


def limit(slots: Slots) -> Layer:
    """Return the layer that gives each call a slot, from its start to its reply's close."""

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            slots.take()
            try:
                reply = await inner(call, trail)
            except BaseException:
                slots.give_back()
                raise
            reply.at_close(slots.give_back)
            return reply

        return handle

    return layer
