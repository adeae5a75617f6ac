"""Let only so many calls be under way at once; a few more wait for their turn, in lanes."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from switchgear.config.setup import NO_TENANT, Queueing, Tenant
from switchgear.domain.call import Call
from switchgear.domain.errors import Draining, Overloaded
from switchgear.domain.priority import Priority
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.cost import EXPECTED_OUTPUT
from switchgear.engine.queue import Bounds
from switchgear.engine.waiter import Standing
from switchgear.pipeline.lane import Lane, Wait, flow_of
from switchgear.pipeline.restraint import Restraint
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Handler, Layer, Reply, Trail

NO_QUEUE = Queueing(at_gateway=0)
BYTES_PER_TOKEN = 4
"""Of a request's body; here it has not been read yet, and this is only for shares."""


Guard = Callable[[Call], AbstractContextManager[None]]


def nothing() -> None:
    """Do nothing."""


def never(lane: Priority) -> bool:
    """Say that there is room."""
    del lane
    return False


class Slots:
    """So many calls at once, and a queue; none at all while draining."""

    def __init__(
        self, count: int, clock: Clock, crowded: Callable[[Priority], bool] = never
    ) -> None:
        """Start with every slot free and no queue.

        ``crowded`` tells whether no target can take one call more of a lane, nor let it wait. That
        would come out later too, but not as cheaply.
        """
        self.crowded = crowded
        self._count = count
        self._wanted = NO_QUEUE
        self._tenants: Mapping[str, Tenant] = {}
        self.lane = Lane("", self._bounds(), clock)
        self._restraint = Restraint(self.lane)
        self._emptied: Callable[[], None] = nothing
        self.draining = False
        self.over = False
        """Calls still under way are broken off: we end them, and not their callers."""

    def expect(self, wanted: Queueing, tenants: Mapping[str, Tenant]) -> None:
        """Take what the config in force says of waiting."""
        self._wanted, self._tenants = wanted, tenants
        self.lane.queue.resize(self._bounds())

    @property
    def count(self) -> int:
        """How many calls may be under way."""
        return self._count

    @count.setter
    def count(self, count: int) -> None:
        self._count = count
        self.lane.queue.resize(self._bounds())

    @property
    def taken(self) -> int:
        """How many calls are under way, or wait to be."""
        queue = self.lane.queue
        return queue.held + queue.waiting

    def full(self, lane: Priority = Priority.INTERACTIVE) -> bool:
        """Whether a call of this lane would be refused, whatever it asks."""
        return self.lane.full(lane) or self.crowded(lane)

    def take(self, call: Call) -> Wait:
        """Take one slot, or a turn in the queue; whoever takes it gives it back.

        Raises:
            Draining: the server is shutting down.
            Overloaded: there is room for the call neither here nor at any target.
        """
        if self.draining:
            raise Draining
        caller = call.caller
        priority = caller.priority
        if self.crowded(priority):
            self.lane.counts[priority].refused += 1
            raise Overloaded
        wait = Wait(
            flow_of(caller),
            Tokens(len(call.body.raw) // BYTES_PER_TOKEN + EXPECTED_OUTPUT),
            priority,
            weight=self._tenants.get(caller.key.tenant, NO_TENANT).weight,
        )
        patience = caller.wishes.patience
        if patience is not None:
            wait.until = Seconds(call.began + patience)
        self.lane.take(wait, self._wanted.longest_wait)
        if priority is not Priority.INTERACTIVE:
            self._restraint.begin()
        return wait

    async def stay(self, wait: Wait, trail: Trail) -> None:
        """Return when the call has its slot.

        Raises:
            Draining: the server is shutting down.
            Overloaded: its turn did not come.
        """
        try:
            await self.lane.stay(wait, trail)
        except Overloaded:
            if self.draining:
                raise Draining from None
            raise

    def give_back(self, wait: Wait) -> None:
        """Free one slot, or leave the queue; twice is harmless."""
        self.lane.leave(wait)
        if self.draining and not self.taken:
            self._emptied()

    def drain(self, emptied: Callable[[], None] = nothing) -> None:
        """Take no more calls, and send away those that wait.

        Those under way go on, and ``emptied`` is told when none is left.
        """
        self.draining = True
        self._emptied = emptied
        self.lane.dismiss()
        if not self.taken:
            emptied()

    def stop(self) -> None:
        """Take note that the time of those under way is over."""
        self.over = True

    def _bounds(self) -> Bounds:
        wanted = self._wanted
        return Bounds(
            places=self._count,
            waiting=wanted.at_gateway,
            in_lane=wanted.at_gateway // 2,
            kept=0.0,
            ageing=wanted.ageing,
        )


def unguarded(call: Call) -> AbstractContextManager[None]:
    """Let a wait be ended by nobody but its caller."""
    del call
    return nullcontext()


def limit(slots: Slots, guard: Guard = unguarded) -> Layer:
    """Return the layer that gives each call a slot, from its start to its reply's close.

    ``guard`` is put around a wait for one, and may end it.
    """

    def layer(inner: Handler) -> Handler:
        async def handle(call: Call, trail: Trail) -> Reply:
            wait = slots.take(call)
            try:
                if wait.standing is not Standing.HOLDING:
                    with guard(call):
                        await slots.stay(wait, trail)
                reply = await inner(call, trail)
            except BaseException:
                slots.give_back(wait)
                raise
            reply.at_close(partial(slots.give_back, wait))
            return reply

        return handle

    return layer
