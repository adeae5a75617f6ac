"""Who gets a place next when there are fewer places than calls, and who has to go without.

Higher lanes go first, and inside a lane each flow has its weight's share (``engine/fair.py``). A
lane whose oldest call has waited too long gets one place in EVERY, so nobody starves. Of the places
some are kept for small calls, and for heavy ones while such come, and some from everybody below the
interactive lane while somebody of that lane comes.

Nothing here looks at a clock: a queue is told what time it is.
"""

from heapq import heapify, heappop, heappush
from itertools import count

import msgspec

from switchgear.domain.priority import Priority
from switchgear.domain.units import Seconds
from switchgear.engine.fair import SPARE, Fair
from switchgear.engine.waiter import EVER, Standing, Waiter

EVERY = 16
"""One place in so many goes to a lane that has waited too long: 6 %, which higher lanes hardly
notice. Linux's deadline scheduler lets reads pass writes twice; priorities that nothing bounds, as
those of Kubernetes, let the lowest starve."""
LINGER = Seconds(10.0)
"""So long after the last heavy, or the last interactive, call places are kept for the next one."""
SMOOTH = 1 / 16
"""Of how long places were held, the part that the newest one has."""
LANES = tuple(sorted(Priority, reverse=True))
"""The highest first. As numbers they are 2, 1, 0: what is kept for each lane is in a list."""
TOP = Priority.INTERACTIVE
HOLDING = Standing.HOLDING
SMALL, HEAVY = 0, 1


class Bounds(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How much one queue lets in, and how long the rest waits."""

    places: int
    waiting: int
    """Calls that may wait, in all."""
    in_lane: int
    """And in each lane."""
    kept: float = 0.25
    """Share of the places that is kept for small calls, for heavy ones, and from lower lanes; at
    least one each where there are two places, and none where there is one."""
    ageing: Seconds = Seconds(5.0)
    """After which a lower lane gets one place in EVERY."""

    @property
    def reserve(self) -> int:
        """How many places ``kept`` is."""
        if self.places < 2 or not self.kept:  # noqa: PLR2004  (one cannot be shared)
            return 0
        return max(1, int(self.places * self.kept))


class Queue:
    """Calls that hold the places of one target, or of the gateway, and calls that wait for one."""

    __slots__ = (
        "_bounds",
        "_counts",
        "_due",
        "_grants",
        "_heavy_at",
        "_held",
        "_high_at",
        "_hold",
        "_lanes",
        "_lead",
        "_low",
        "_most_low",
        "_number",
        "_overdue_at",
        "_places",
        "_reserve",
        "waiting",
    )

    def __init__(self, bounds: Bounds) -> None:
        """Start with every place free."""
        self._held = [0, 0]
        self._low = 0
        """Places held by calls below the interactive lane."""
        self._lanes = [(Fair(), Fair()) for _ in LANES]
        self._counts = [0 for _ in LANES]
        """How many wait in each lane."""
        self._lead = [0.0 for _ in LANES]
        """Tokens by which heavy calls are ahead of small ones, while both wait."""
        self._due: list[tuple[Seconds, int, Waiter]] = []
        self._number = count()
        self._grants = 0
        self._overdue_at = [-EVERY, -EVERY]
        self._high_at = self._heavy_at = Seconds(float("-inf"))
        self._hold = [0.0, 0.0]
        """How long a small call, and a heavy one, usually holds its place."""
        self.waiting = 0
        self.resize(bounds)

    def resize(self, bounds: Bounds) -> None:
        """Take other bounds; who holds a place, or waits, stays."""
        self._bounds = bounds
        self._places = bounds.places
        self._reserve = bounds.reserve
        self._most_low = bounds.places - self._reserve

    def spare(self, most_low: int) -> None:
        """Let so many places at most be held by lower lanes, while interactive calls come."""
        self._most_low = max(1, most_low)

    @property
    def held(self) -> int:
        """How many places are held."""
        return self._held[SMALL] + self._held[HEAVY]

    @property
    def places(self) -> int:
        """How many there are."""
        return self._places

    @property
    def most_low(self) -> int:
        """How many of them lower lanes may hold while interactive calls come."""
        return self._most_low

    @property
    def low(self) -> int:
        """How many of them by calls below the interactive lane."""
        return self._low

    def length(self, lane: Priority) -> int:
        """Return how many wait in one lane."""
        return self._counts[lane]

    def full(self, lane: Priority, now: Seconds) -> bool:
        """Whether a call of this lane would be refused, whatever else it is."""
        if self.held < self._places or self._has_room(lane):
            return False
        sizes = (SMALL, HEAVY) if now - self._heavy_at < LINGER else (SMALL,)
        return all(self._least(lane, size) is None for size in sizes)

    def free(self, lane: Priority, now: Seconds, *, heavy: bool) -> bool:
        """Whether a call that came now would have its place at once."""
        return self._free(lane, HEAVY if heavy else SMALL, now)

    @property
    def clears(self) -> Seconds:
        """How long it takes until all who wait now have been served; a guess."""
        heavy = sum(len(each[HEAVY]) for each in self._lanes)
        spent = (self.waiting - heavy) * self._hold[SMALL] + heavy * self._hold[HEAVY]
        return Seconds(spent / max(1, self._places))

    @property
    def due(self) -> Seconds:
        """When the first of those who wait is to be told that its time is up."""
        while self._due and self._due[0][2].standing is not Standing.WAITING:
            heappop(self._due)
        return self._due[0][0] if self._due else EVER

    def come(self, waiter: Waiter, now: Seconds) -> Waiter | None:
        """Give a call its place, let it wait, or refuse it: its standing says which.

        Return who was shed to let it wait, if anybody was. If it waits, it is served by ``serve``.
        """
        waiter.since = now
        lane, size = waiter.priority, SMALL
        if lane is TOP:
            self._high_at = now
        if waiter.heavy:
            self._heavy_at, size = now, HEAVY
        if self._free(lane, size, now):
            self._grant(waiter, now)
            return None
        hopeless = self._is_hopeless(waiter, size, now)
        if hopeless or not self._may_wait(lane, size):
            waiter.standing = Standing.REFUSED
            return None
        shed = None
        if not self._has_room(lane):
            shed = self._least(lane, size)
        if shed is not None:
            self._drop(shed, Standing.SHED)
        self._add(waiter, size)
        return shed

    def serve(self, now: Seconds) -> list[Waiter]:
        """Give every place that can be given to somebody who waits; return who has one now."""
        served: list[Waiter] = []
        while self.waiting and (waiter := self._next(now)) is not None:
            self._lanes[waiter.priority][waiter.heavy].serve(waiter)
            self._counts[waiter.priority] -= 1
            self.waiting -= 1
            self._grant(waiter, now)
            served.append(waiter)
        return served

    def expire(self, now: Seconds) -> list[Waiter]:
        """Drop those whose time is up, in the order of their times; return them."""
        dropped = []
        while self.due <= now:
            _, _, waiter = heappop(self._due)
            self._drop(waiter, Standing.EXPIRED)
            dropped.append(waiter)
        return dropped

    def dismiss(self) -> list[Waiter]:
        """Drop all who wait, as if their time was up; return them."""
        dropped = []
        for lane in LANES:
            for fair in self._lanes[lane]:
                while (waiter := fair.oldest) is not None:
                    self._drop(waiter, Standing.EXPIRED)
                    dropped.append(waiter)
        return dropped

    def leave(self, waiter: Waiter, now: Seconds) -> None:
        """Give back what a call has: its place, or its turn. Leaving twice is harmless."""
        if waiter.standing is HOLDING:
            waiter.standing = Standing.GONE
            self._held[waiter.heavy] -= 1
            self._low -= waiter.priority is not TOP
            hold = now - waiter.granted
            usual = self._hold[waiter.heavy] or hold
            self._hold[waiter.heavy] = usual + (hold - usual) * SMOOTH
        elif waiter.standing is Standing.WAITING:
            self._drop(waiter, Standing.GONE)

    def _free(self, lane: Priority, size: int, now: Seconds) -> bool:
        """Whether there is a place for such a call, and nobody waits who should have it.

        ``serve`` leaves no place that somebody who waits could take: so only those of the same lane
        and size need be looked at.
        """
        if self.waiting and self._lanes[lane][size]:
            return False
        return (lane is TOP or self._low_may(now)) and self._fits(size, now)

    def _low_may(self, now: Seconds) -> bool:
        return self._low < self._most_low or now - self._high_at >= LINGER

    def _fits(self, size: int, now: Seconds) -> bool:
        """Whether there is a place for this size: some are kept for the other."""
        held = self._held
        other = held[1 - size]
        if other < self._reserve and (size == HEAVY or now - self._heavy_at < LINGER):
            other = self._reserve
        return held[size] < self._places - other

    def _grant(self, waiter: Waiter, now: Seconds) -> None:
        waiter.standing, waiter.granted = HOLDING, now
        self._grants += 1
        self._held[waiter.heavy] += 1
        self._low += waiter.priority is not TOP

    def _has_room(self, lane: Priority) -> bool:
        bounds = self._bounds
        return self.waiting < bounds.waiting and self._counts[lane] < bounds.in_lane

    def _may_wait(self, lane: Priority, size: int) -> bool:
        return self._has_room(lane) or self._least(lane, size) is not None

    def _least(self, lane: Priority, size: int) -> Waiter | None:
        """Return who is shed for a call of this lane and size, if anybody may be.

        That is the youngest of the lowest lane below; where its own lane is full, the youngest of
        the other size there, as long as its own has less than its share of that lane.
        """
        bounds, own = self._bounds, self._lanes[lane]
        if self._counts[lane] >= bounds.in_lane:
            short = len(own[size]) < int(bounds.in_lane * bounds.kept)
            return own[1 - size].youngest if short else None
        if self.waiting == self._counts[lane]:
            return None
        for lower in reversed(LANES):
            if lower >= lane:
                break
            found = [each.youngest for each in self._lanes[lower] if each]
            young = [each for each in found if each is not None]
            if young:
                return max(young, key=lambda each: each.since)
        return None

    def _is_hopeless(self, waiter: Waiter, size: int, now: Seconds) -> bool:
        """Whether a call could not be served in time even if all places went to its own flow."""
        before = self._lanes[waiter.priority][size].before(waiter.flow)
        least = before * self._hold[size] / max(1, self._places)
        return now + least >= waiter.until

    def _add(self, waiter: Waiter, size: int) -> None:
        waiter.standing = Standing.WAITING
        self._lanes[waiter.priority][size].add(waiter)
        self._counts[waiter.priority] += 1
        self.waiting += 1
        if waiter.until < EVER:
            heappush(self._due, (waiter.until, next(self._number), waiter))
            if len(self._due) > 2 * self.waiting + SPARE:
                self._due = [each for each in self._due if each[2].standing is Standing.WAITING]
                heapify(self._due)

    def _drop(self, waiter: Waiter, standing: Standing) -> None:
        waiter.standing = standing
        self._lanes[waiter.priority][waiter.heavy].drop(waiter)
        self._counts[waiter.priority] -= 1
        self.waiting -= 1

    def _next(self, now: Seconds) -> Waiter | None:
        """Return who gets a place now; nobody if there is none for anybody who waits."""
        sizes = [size for size in (SMALL, HEAVY) if self._fits(size, now)]
        if not sizes:
            return None
        overdue = self._overdue(sizes, now)
        if overdue is not None:
            return overdue
        for lane in LANES:
            if lane is not TOP and not self._low_may(now):
                return None
            waiter = self._turn(lane, sizes)
            if waiter is not None:
                return waiter
        return None

    def _turn(self, lane: Priority, sizes: list[int]) -> Waiter | None:
        """Return whose turn it is in a lane: of the size that had fewer tokens, where both wait."""
        able = [size for size in sizes if self._lanes[lane][size]]
        if not able:
            return None
        size = able[0]
        if len(able) > 1:
            size = SMALL if self._lead[lane] >= 0 else HEAVY
        waiter = self._lanes[lane][size].next()
        if waiter is not None:
            sign = 1 if size == HEAVY else -1
            self._lead[lane] = self._lead[lane] + sign * waiter.cost if len(able) > 1 else 0.0
        return waiter

    def _overdue(self, sizes: list[int], now: Seconds) -> Waiter | None:
        """Return who is served out of turn: of the lane below the first that waited longest."""
        first = next(lane for lane in LANES if self._counts[lane])
        found: tuple[Seconds, Priority, int] | None = None
        for size in sizes:
            if self._grants - self._overdue_at[size] < EVERY:
                continue
            for lane in LANES:
                oldest = self._lanes[lane][size].oldest if lane < first else None
                if oldest is None or now - oldest.since < self._bounds.ageing:
                    continue
                if found is None or oldest.since < found[0]:
                    found = oldest.since, lane, size
        if found is None:
            return None
        _, lane, size = found
        self._overdue_at[size] = self._grants
        return self._lanes[lane][size].next()
