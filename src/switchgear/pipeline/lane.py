"""Let calls wait for a place, each for a bounded time, in the order that their queue says."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import msgspec

from switchgear.config.setup import NO_TENANT, Queueing, Tenant
from switchgear.domain.attempt import Role
from switchgear.domain.caller import Caller
from switchgear.domain.errors import Overloaded, SwitchgearError
from switchgear.domain.fact import Waited
from switchgear.domain.priority import Priority
from switchgear.domain.target import Target
from switchgear.domain.units import Seconds
from switchgear.engine.cost import expected_output
from switchgear.engine.queue import LANES, Bounds, Queue
from switchgear.engine.waiter import EVER, Standing, Waiter
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.health import Health
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Trail

HOLDING = Standing.HOLDING
SOON, LATE = Seconds(1.0), Seconds(60.0)
"""The least and the most that a caller is asked to stay away."""
WORDS = {
    Standing.REFUSED: "no place is free at {name}, and too many calls wait for one",
    Standing.SHED: "this call waited for a place at {name}, and had to make room for a higher lane",
    Standing.EXPIRED: "no place at {name} came free in time",
}
GATEWAY = "the gateway"
PASSING = frozenset({Role.HEDGE, Role.ESCALATION})
"""Roles of attempts that do not wait for a place: the call has another answer, or will have."""
STAYING = frozenset({Role.FIRST, Role.FALLBACK, Role.RETRY})
"""Attempts that are the caller's only hope when nobody else has room."""


class Wait(Waiter):
    """A call that may have to wait for its turn."""

    __slots__ = ("turn",)
    turn: "asyncio.Future[None]"


class Count(msgspec.Struct, kw_only=True):
    """What became of the calls of one lane."""

    served: int = 0
    """Had to wait, and got a place."""
    refused: int = 0
    shed: int = 0
    expired: int = 0
    waited: float = 0.0
    """Seconds, of all who have waited."""


OUTCOMES = ("served", "refused", "shed", "expired")


class Lane:
    """The queue for one thing, and those who wait in it."""

    __slots__ = ("_clock", "_timer", "_timer_at", "counts", "name", "queue")

    def __init__(self, name: str, bounds: Bounds, clock: Clock) -> None:
        """Let nobody wait yet; ``name`` is the target's, and empty for the gateway itself."""
        self.name = name
        self.queue = Queue(bounds)
        self.counts = {lane: Count() for lane in LANES}
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = EVER

    def take(self, wait: Wait, longest: Seconds = EVER) -> bool:
        """Return whether the call has its place; if not, it is to ``stay``.

        Whoever takes leaves, once or more, whatever comes of it.

        Raises:
            Overloaded: there is no room to wait in either.
        """
        now = self._clock.now()
        wait.until = min(wait.until, Seconds(now + longest))
        shed = self.queue.come(wait, now)
        if wait.standing is HOLDING:
            return True
        if isinstance(shed, Wait):
            _tell(shed)
        if wait.standing is Standing.REFUSED:
            raise self._refusal(wait)
        wait.turn = asyncio.get_running_loop().create_future()
        self.pump()
        return wait.standing is HOLDING

    async def stay(self, wait: Wait, trail: Trail) -> None:
        """Return when the call has its place.

        Raises:
            Overloaded: it was shed, or its time was up.
        """
        try:
            await wait.turn
        finally:
            span = Seconds(self._clock.now() - wait.since)
            self.counts[wait.priority].waited += span
            trail.add(Waited(span))
        if wait.standing is not HOLDING:
            raise self._refusal(wait)
        self.counts[wait.priority].served += 1

    def leave(self, wait: Wait) -> None:
        """Give back what the call has, and let others have it."""
        self.queue.leave(wait, self._clock.now())
        if self.queue.waiting or self._timer is not None:
            self.pump()

    def pump(self) -> None:
        """Tell everybody whose turn has come, or whose time is up."""
        queue, now = self.queue, self._clock.now()
        for each in (*queue.expire(now), *queue.serve(now)):
            _tell(each)
        self._watch(now)

    def dismiss(self) -> None:
        """Send away all who wait."""
        for each in self.queue.dismiss():
            _tell(each)
        self._watch(self._clock.now())

    def free(self, wait: Waiter) -> bool:
        """Whether a call like this would have its place at once."""
        return self.queue.free(wait.priority, self._clock.now(), heavy=wait.heavy)

    def full(self, lane: Priority) -> bool:
        """Whether a call of this lane would be refused."""
        return self.queue.full(lane, self._clock.now())

    def _refusal(self, wait: Wait) -> Overloaded:
        count, standing = self.counts[wait.priority], wait.standing
        count.refused += standing is Standing.REFUSED
        count.shed += standing is Standing.SHED
        count.expired += standing is Standing.EXPIRED
        error = Overloaded(WORDS[standing].format(name=self.name or GATEWAY) + "; come again later")
        error.retry_after = min(LATE, max(SOON, self.queue.clears))
        return error

    def _watch(self, now: Seconds) -> None:
        """See to it that whoever waits is told in time that there is no more of it."""
        due = self.queue.due
        if self._timer is not None and (due < self._timer_at or due == EVER):
            self._timer.cancel()
            self._timer = None
        if self._timer is None and due < EVER:
            span = max(0.0, due - now)
            self._timer_at = due
            self._timer = asyncio.get_running_loop().call_later(span, self._look)

    def _look(self) -> None:
        self._timer = None
        self.pump()


def _tell(wait: Waiter) -> None:
    if isinstance(wait, Wait) and not wait.turn.done():
        wait.turn.set_result(None)


def lengths(*lanes: Lane) -> Iterator[tuple[tuple[str, ...], float]]:
    """Return how many wait at each place in each lane, for whoever shows it."""
    for at in lanes:
        for lane in LANES:
            yield (at.name, lane.name.lower()), at.queue.length(lane)


def turns(*lanes: Lane) -> Iterator[tuple[tuple[str, ...], float]]:
    """Return what became of the calls of each lane that found no place."""
    for at in lanes:
        for lane, each in at.counts.items():
            for outcome in OUTCOMES:
                yield (at.name, lane.name.lower(), outcome), getattr(each, outcome)


def spent(*lanes: Lane) -> Iterator[tuple[tuple[str, ...], float]]:
    """Return how long the calls of each lane waited, in all."""
    for at in lanes:
        for lane, each in at.counts.items():
            yield (at.name, lane.name.lower()), each.waited


class Lanes:
    """The queues of all targets that take only so many calls at once; they outlive a reload."""

    def __init__(self, clock: Clock) -> None:
        """Know of no target yet."""
        self._clock = clock
        self._lanes: dict[str, Lane] = {}
        self._open = True
        """Some target takes any number of calls."""

    def expect(self, targets: Iterable[Target], wanted: Queueing, share: float = 1.0) -> None:
        """Take the bounds of the config in force; ``share`` of the places are this process's."""
        bounded = {each.id: each.max_concurrent for each in targets if each.max_concurrent}
        self._open = any(not each.max_concurrent for each in targets)
        for name in [name for name in self._lanes if name not in bounded]:
            lane = self._lanes.pop(name)
            lane.queue.resize(bounds_of(wanted, 1 << 30))
            lane.pump()
        for name, places in bounded.items():
            bounds = bounds_of(wanted, max(1, int(places * share)))
            if name in self._lanes:
                self._lanes[name].queue.resize(bounds)
                self._lanes[name].pump()
            else:
                self._lanes[name] = Lane(name, bounds, self._clock)

    def find(self, target: str) -> Lane | None:
        """Return the lane of a target; None where it takes any number of calls."""
        return self._lanes.get(target)

    def full(self, lane: Priority) -> bool:
        """Whether every target would refuse a call of this lane."""
        if self._open or not self._lanes:
            return False
        return all(each.full(lane) for each in self._lanes.values())

    def __iter__(self) -> Iterator[Lane]:
        """Iterate over the lanes that there are."""
        return iter(self._lanes.values())


def bounds_of(wanted: Queueing, places: int) -> Bounds:
    """Return the bounds of one target's queue."""
    return Bounds(
        places=places,
        waiting=wanted.waiting,
        in_lane=wanted.in_lane,
        kept=wanted.kept,
        ageing=wanted.ageing,
    )


def flow_of(caller: Caller) -> str:
    """Return whose share a call is served from: its tenant's, else its key's own."""
    key = caller.key
    return key.tenant or f"\0{key.id}"  # no tenant's name has that letter


class LaneToll:
    """A place at the target: at once, or after a while in its lane.

    While another target of the plan has room, nobody waits here. Hedges never do.
    """

    def __init__(
        self, lanes: Lanes, health: Health, wanted: Queueing, tenants: Mapping[str, Tenant]
    ) -> None:
        """Take what one version of the config says of waiting, and of the shares."""
        self._lanes = lanes
        self._health = health
        self._wanted = wanted
        self._tenants = tenants

    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Take a place, or wait for one.

        Raises:
            Overloaded: none came free in time, and no other target has room.
        """
        lane = self._lanes.find(bid.target.id)
        if lane is None:
            return None
        wait = self._wait(bid)
        if not lane.free(wait) and (bid.role in PASSING or self._elsewhere(bid, wait)):
            return Overloaded(f"no place is free at {lane.name}")
        taken.at_close(partial(lane.leave, wait))
        try:
            if not lane.take(wait, self._wanted.longest_wait):
                await lane.stay(wait, bid.trail)
        except Overloaded as error:
            final = wait.standing is Standing.EXPIRED and bid.role in STAYING
            if final and not self._elsewhere(bid, wait):
                raise
            return error
        return None

    def _wait(self, bid: Bid) -> Wait:
        ask, caller = bid.decided.ask, bid.call.caller
        tokens = type(ask.input_tokens)(ask.input_tokens + expected_output(ask))
        wait = Wait(
            flow_of(caller),
            tokens,
            caller.priority,
            weight=self._tenants.get(caller.key.tenant, NO_TENANT).weight,
            heavy=tokens >= self._wanted.heavy_from,
        )
        wait.until = EVER if bid.role is Role.RESCUE else bid.until
        return wait

    def _elsewhere(self, bid: Bid, wait: Wait) -> bool:
        """Whether a target that comes later in the plan has room now."""
        plan, here = bid.decided.decision.plan, bid.target.id
        if here not in plan:
            return False
        return any(self._has_room(name, wait) for name in plan[plan.index(here) + 1 :])

    def _has_room(self, target: str, wait: Wait) -> bool:
        lane = self._lanes.find(target)
        return (lane is None or lane.free(wait)) and not self._health.wait_for(target)
