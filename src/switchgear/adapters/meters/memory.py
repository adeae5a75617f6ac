"""Rates and places of one process, counted in its memory."""

from collections.abc import Sequence
from math import floor

import msgspec
from typing_extensions import override

from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.limit import (
    MINUTE,
    NEVER,
    PARTS,
    SECOND,
    Bucket,
    level_of,
    lowered,
    share_of,
    taken,
    told,
    wait_of,
)
from switchgear.ports.clock import Clock
from switchgear.ports.meter import LetIn, Metered, Meters, NoRoom

LONGEST_DEBT = 60 * MINUTE
"""After which one is forgotten that nobody has asked about since."""
LOWEST = -(1 << 200)
"""Below every level: who wants nothing can have it whatever is owed."""
SWEEP = 1024
"""Gauges after which those that are full again are forgotten, and whenever they have doubled."""


class Gauge(msgspec.Struct, kw_only=True):
    """What is counted of one thing."""

    requests: Bucket | None = None
    tokens: Bucket | None = None
    places: int = 0
    """Taken."""


class Open(msgspec.Struct, frozen=True, gc=False):
    """What was taken, and is not settled."""

    of: Sequence[Metered]
    gauges: list[Gauge]
    tokens: Tokens
    """Taken."""
    expected: Tokens
    let_in: LetIn


class MemoryMeters(Meters):
    """One process; a place that it took is free when it is settled, and not before.

    Of several that go by themselves, each lets its share in. A call whose tokens are more than a
    share, but not more than the whole, is let in for all that there is of the share, and owes the
    rest.
    """

    def __init__(self, clock: Clock, nodes: int = 1) -> None:
        """Start with every bucket full, and every place free."""
        self.nodes = nodes
        """That go by themselves, this one among them."""
        self._clock = clock
        self._gauges: dict[str, Gauge] = {}
        self._open: dict[str, Open] = {}
        self._sweep_at = SWEEP

    @property
    def known(self) -> int:
        """Things of which something is counted now."""
        return len(self._gauges)

    @override
    async def take(self, take: str, of: Sequence[Metered], tokens: Tokens) -> LetIn | NoRoom:
        return self.take_now(take, of, tokens)

    def take_now(self, take: str, of: Sequence[Metered], tokens: Tokens) -> LetIn | NoRoom:
        """Do the same, for who cannot wait."""
        known = self._open.get(take)
        if known is not None:
            return known.let_in
        wanted = tokens
        if self.nodes > 1:
            for each in of:
                limit = each.rates.tokens
                if limit is not None and tokens > limit:
                    return NoRoom(name=each.name, what="tokens", ever=False)
            of = [Metered(each.name, share_of(each.rates, self.nodes)) for each in of]
            shares = [each.rates.tokens for each in of if each.rates.tokens is not None]
            tokens = min([tokens, *shares])
        now = floor(self._clock.now() * SECOND)
        if len(self._gauges) >= self._sweep_at:
            self._sweep(now)
        gauges = [self._gauge(each.name) for each in of]
        let_in = _take_all(of, gauges, tokens, now)
        if let_in is None:
            return _no_room(of, gauges, tokens, now)
        self._open[take] = Open(of, gauges, tokens, wanted, let_in)
        return let_in

    @override
    def settle(self, take: str, used: Tokens | None) -> None:
        known = self._open.pop(take, None)
        if known is None:
            return
        change = (known.expected if used is None else used) - known.tokens
        now = floor(self._clock.now() * SECOND)
        for each, gauge in zip(known.of, known.gauges, strict=True):
            gauge.places -= 1
            limit = each.rates.tokens
            if change and limit is not None:
                gauge.tokens = taken(gauge.tokens, limit, change, now)

    @override
    async def aclose(self) -> None:
        self._open.clear()
        self._gauges.clear()

    def _gauge(self, name: str) -> Gauge:
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge()
        return gauge

    def _sweep(self, now: int) -> None:
        """Forget what nothing has been taken of for so long that it is full again."""
        self._gauges = {
            name: each for name, each in self._gauges.items() if each.places or _in_use(each, now)
        }
        self._sweep_at = max(SWEEP, 2 * len(self._gauges))


def _in_use(gauge: Gauge, now: int) -> bool:
    return any(
        each is not None and now - each.at < (MINUTE if each.level >= 0 else LONGEST_DEBT)
        for each in (gauge.requests, gauge.tokens)
    )


Rooms = list[tuple[Gauge, int | None, int, int | None, int]]
"""Of each thing: the limit of requests and the parts left of it, and the same of tokens."""


def _take_all(
    of: Sequence[Metered], gauges: Sequence[Gauge], tokens: int, now: int
) -> LetIn | None:
    """Take from all, or if there is not room at one, from none."""
    rooms: Rooms = []
    least = tokens * PARTS if tokens > 0 else LOWEST
    for each, gauge in zip(of, gauges, strict=True):
        rates, left, other = each.rates, 0, 0
        requests, counted, most = rates.requests, rates.tokens, rates.concurrent
        if requests is not None:
            left = level_of(gauge.requests, requests, now)
            if left < PARTS:
                return None
        if counted is not None:
            other = level_of(gauge.tokens, counted, now)
            if other < least:
                return None
        if most is not None and gauge.places >= most:
            return None
        rooms.append((gauge, requests, left - PARTS, counted, other - tokens * PARTS))
    return _taken(rooms, now)


def _taken(rooms: Rooms, now: int) -> LetIn:
    """Lower every bucket, and return the tightest levels."""
    requests = tokens = None
    fewest = least = 0
    for gauge, limit, left, counted, other in rooms:
        gauge.places += 1
        if limit is not None:
            gauge.requests = lowered(gauge.requests, left, limit, now)
            if requests is None or left < fewest:
                requests, fewest = limit, left
        if counted is not None:
            gauge.tokens = lowered(gauge.tokens, other, counted, now)
            if tokens is None or other < least:
                tokens, least = counted, other
    return LetIn(
        requests=None if requests is None else told(fewest, requests),
        tokens=None if tokens is None else told(least, tokens),
    )


def _no_room(of: Sequence[Metered], gauges: Sequence[Gauge], tokens: int, now: int) -> NoRoom:
    """Return where there is no room; what never has any first, then what takes longest."""
    worst, longest = NoRoom(name="", what=""), 0
    for each, gauge in zip(of, gauges, strict=True):
        rates = each.rates
        for what, limit, bucket, amount in (
            ("requests", rates.requests, gauge.requests, 1),
            ("tokens", rates.tokens, gauge.tokens, tokens),
        ):
            if limit is None:
                continue
            wait = wait_of(level_of(bucket, limit, now), limit, amount)
            if wait == NEVER:
                return NoRoom(name=each.name, what=what, ever=False)
            if wait > longest:
                longest = wait
                worst = NoRoom(name=each.name, what=what, wait=Seconds(wait / SECOND))
        most = rates.concurrent
        if most is not None and gauge.places >= most and not worst.name:
            worst = NoRoom(name=each.name, what="concurrent", ever=most > 0)
    return worst
