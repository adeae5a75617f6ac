"""Let only so many calls be under way at once."""

from switchgear.domain.call import Call
from switchgear.domain.errors import Draining, Overloaded
from switchgear.ports.handler import Handler, Layer, Reply, Trail


class Slots:
    """So many calls at once, and no queue; none at all while draining."""

    def __init__(self, count: int) -> None:
        """Start with every slot free."""
        self.count = count
        self.taken = 0
        self.draining = False

    def take(self) -> None:
        """Take one slot; whoever takes it gives it back once.

        Raises:
            Draining: the server is shutting down.
            Overloaded: no slot is free.
        """
        if self.draining:
            raise Draining
        if self.taken >= self.count:
            raise Overloaded
        self.taken += 1

    def drain(self) -> None:
        """Take no more calls; those under way go on."""
        self.draining = True

    def give_back(self) -> None:
        """Free one slot."""
        self.taken -= 1


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
