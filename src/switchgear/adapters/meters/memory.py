"""Rates and places of one process, counted in its memory."""

from collections import OrderedDict
from collections.abc import Sequence
from math import floor

import msgspec
from typing_extensions import override

from switchgear.domain.rate import Level
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.limit import (
    MINUTE,
    NEVER,
    SECOND,
    Bucket,
    level_of,
    share_of,
    taken,
    told,
    wait_of,
)
from switchgear.ports.clock import Clock
from switchgear.ports.meter import LetIn, Metered, Meters, NoRoom

LONGEST_DEBT = 60 * MINUTE
"""After which one is forgotten that nobody has asked about since."""
SWEEP = 1024
"""Gauges after which those that are full again are forgotten, and whenever they have doubled."""


class Gauge(msgspec.Struct, kw_only=True):
    """What is counted of one thing."""

    requests: Bucket | None = None
    tokens: Bucket | None = None
    places: int = 0
    """Taken."""


class Open(msgspec.Struct, frozen=True):
    """What was taken, and is not settled."""

    of: tuple[Metered, ...]
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
        self._open: OrderedDict[str, Open] = OrderedDict()
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
        no_room = _no_room(of, gauges, tokens, now)
        if no_room is not None:
            return no_room
        let_in = LetIn()
        for each, gauge in zip(of, gauges, strict=True):
            let_in = _tighter(let_in, _take_one(each, gauge, tokens, now))
        self._open[take] = Open(tuple(of), tokens, wanted, let_in)
        return let_in

    @override
    def settle(self, take: str, used: Tokens | None) -> None:
        known = self._open.pop(take, None)
        if known is None:
            return
        change = (known.expected if used is None else used) - known.tokens
        now = floor(self._clock.now() * SECOND)
        for each in known.of:
            gauge = self._gauge(each.name)
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


def _no_room(
    of: Sequence[Metered], gauges: Sequence[Gauge], tokens: int, now: int
) -> NoRoom | None:
    """Return where there is no room; what never has any first, then what takes longest."""
    worst, longest = None, 0
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
        if most is not None and gauge.places >= most and worst is None:
            worst = NoRoom(name=each.name, what="concurrent", ever=most > 0)
    return worst


def _take_one(of: Metered, gauge: Gauge, tokens: int, now: int) -> LetIn:
    gauge.places += 1
    requests = tokens_left = None
    limit = of.rates.requests
    if limit is not None:
        gauge.requests = taken(gauge.requests, limit, 1, now)
        requests = told(gauge.requests.level, limit)
    limit = of.rates.tokens
    if limit is not None:
        gauge.tokens = taken(gauge.tokens, limit, tokens, now)
        tokens_left = told(gauge.tokens.level, limit)
    return LetIn(requests=requests, tokens=tokens_left)


def _tighter(one: LetIn, other: LetIn) -> LetIn:
    return LetIn(
        requests=tightest(one.requests, other.requests),
        tokens=tightest(one.tokens, other.tokens),
    )


def tightest(one: Level | None, other: Level | None) -> Level | None:
    """Return the level of which less is left."""
    if one is None or other is None:
        return one or other
    return one if one.left <= other.left else other
