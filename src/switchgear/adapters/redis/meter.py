"""Rates and places that nodes share; where Redis does not answer, each node goes by its share."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from typing_extensions import override

from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.adapters.redis.connection import Redis, StoreDown, Word
from switchgear.adapters.redis.verb import BEAT, KEEP_UP, SETTLE, TAKE
from switchgear.domain.rate import Level
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.limit import SECOND
from switchgear.ports.clock import Clock
from switchgear.ports.meter import LEASE, LetIn, Metered, Meters, NoRoom
from switchgear.ports.nursery import Nursery

EACH_BEAT = Seconds(5.0)
"""Between two signs of life, and between two looks at the places that are kept up."""
GONE = Seconds(15.0)
"""After which a node that gives no sign is not there."""
MOST_AT_ONCE = 64
"""Takes in one script: others wait for it."""
MOST_UNSETTLED = 10_000
"""That wait to be told; beyond that the oldest are given up, and free in LEASE."""
PREFIX = "switchgear:"
WHATS = ("", "requests", "tokens", "concurrent")
MS = 1000


class Open(msgspec.Struct, kw_only=True):
    """What was asked for, and is not settled."""

    of: tuple[Metered, ...]
    tokens: Tokens
    asked: bool = False
    """Redis may have it."""
    here: bool = False
    """It was taken here."""


class RedisMeters(Meters):
    """Asks Redis, and where that is slow or gone, counts here with a share of each limit.

    The share is one by the number of nodes that were last known to be there. A limit that is not
    nought leaves each node at least one request and one place.
    """

    def __init__(self, redis: Redis, clock: Clock, node: str) -> None:
        """Take the way there, and a name that no other node has."""
        self._redis = redis
        self._clock = clock
        self._node = node
        self._here = MemoryMeters(clock)
        self._open: dict[str, Open] = {}
        self._unsettled: deque[tuple[str, Open, Tokens | None]] = deque(maxlen=MOST_UNSETTLED)
        self._nursery = Nursery()
        self._settling: asyncio.Task[None] | None = None
        self.nodes = 1
        """That are there, as far as is known."""

    @property
    def bypassed(self) -> bool:
        """Whether each node goes by its own share now."""
        return self._redis.bypassed

    def begin(self) -> None:
        """Give signs of life from now on."""
        self._nursery.spawn(self._live())

    @override
    async def take(self, take: str, of: Sequence[Metered], tokens: Tokens) -> LetIn | NoRoom:
        known = self._open.get(take) or Open(of=tuple(of), tokens=tokens)
        self._open[take] = known
        if known.here:
            return self._take_here(take, known)
        if self._unsettled:
            self._tell()
            await asyncio.sleep(0)  # what was settled before is told before
        try:
            known.asked = known.asked or not self._redis.bypassed
            found = await self._redis.call(TAKE, _keys(take, of), _wanted(take, of, tokens))
        except StoreDown:
            return self._take_here(take, known)
        except asyncio.CancelledError:
            self.settle(take, Tokens(0))
            raise
        if found[0] == 0:
            del self._open[take]
            return _no_room(of, found)
        return LetIn(requests=_level(found[1:4]), tokens=_level(found[4:7]))

    @override
    def settle(self, take: str, used: Tokens | None) -> None:
        known = self._open.pop(take, None)
        if known is None:
            return
        if known.here:
            self._here.settle(take, used)
        if known.asked:
            self._unsettled.append((take, known, used))
            self._tell()

    @override
    async def aclose(self) -> None:
        if self._settling is not None:
            await asyncio.wait({self._settling})
        await self._nursery.aclose(Seconds(0.0))

    def _take_here(self, take: str, known: Open) -> LetIn | NoRoom:
        self._here.nodes = self.nodes
        found = self._here.take_now(take, known.of, known.tokens)
        if isinstance(found, LetIn):
            known.here = True
        else:
            self.settle(take, Tokens(0))  # which Redis may have taken all the same
        return found

    def _tell(self) -> None:
        """Begin to settle what there is to settle; while Redis is by-passed, it is kept."""
        if self._unsettled and self._settling is None and not self._redis.bypassed:
            self._settling = self._nursery.spawn(self._settle())

    async def _settle(self) -> None:
        """Settle what there is to settle, many at once."""
        some: list[tuple[str, Open, Tokens | None]] = []
        try:
            while self._unsettled:
                many = min(len(self._unsettled), MOST_AT_ONCE)
                some = [self._unsettled.popleft() for _ in range(many)]
                keys = [key for take, known, _ in some for key in _keys(take, known.of)]
                said = [word for each in some for word in _settled(*each)]
                await self._redis.call(SETTLE, keys, said)
        except StoreDown:
            self._unsettled.extendleft(reversed(some))  # if it ran all the same, it runs to no end
        finally:
            self._settling = None

    async def _live(self) -> None:
        with suppress(StoreDown):
            await self._redis.call(SETTLE, [], [])  # so that it is known, and none overtakes it
        while True:
            try:
                beat: list[Word] = [self._node, round(GONE * MS)]
                self.nodes = max(1, await self._redis.call(BEAT, [f"{PREFIX}nodes"], beat))
                await self._keep_up()
                self._tell()
            except StoreDown:
                pass  # it is by-passed until it answers again
            await asyncio.sleep(EACH_BEAT)

    async def _keep_up(self) -> None:
        """Say that what was open at the last look too is still open."""
        takes = [(take, known.of) for take, known in self._open.items() if known.asked]
        for at in range(0, len(takes), MOST_AT_ONCE):
            some = takes[at : at + MOST_AT_ONCE]
            keys = [key for take, of in some for key in (_take_key(take), *map(_places_key, of))]
            said: list[Word] = [word for take, of in some for word in (take, len(of))]
            await self._redis.call(KEEP_UP, keys, [round(LEASE * MS), *said])


def _take_key(take: str) -> str:
    return f"{PREFIX}take:{take}"


def _places_key(of: Metered) -> str:
    return f"{PREFIX}places:{of.name}"


def _keys(take: str, of: Sequence[Metered]) -> list[str]:
    keys = [_take_key(take)]
    for each in of:
        keys += (f"{PREFIX}rate:{each.name}", _places_key(each))
    return keys


def _wanted(take: str, of: Sequence[Metered], tokens: Tokens) -> list[Word]:
    words: list[Word] = [take, tokens, round(LEASE * MS)]
    for each in of:
        rates = each.rates
        words += (_limit(rates.requests), _limit(rates.tokens), _limit(rates.concurrent))
    return words


def _settled(take: str, known: Open, used: Tokens | None) -> list[Word]:
    limits = [_limit(each.rates.tokens) for each in known.of]
    return [take, -1 if used is None else used, len(limits), *limits]


def _limit(limit: int | None) -> int:
    return -1 if limit is None else limit


def _level(told: Sequence[int]) -> Level | None:
    limit, left, reset = told
    return None if limit < 0 else Level(limit=limit, left=left, reset=Seconds(reset / SECOND))


def _no_room(of: Sequence[Metered], told: Sequence[int]) -> NoRoom:
    _, number, what, wait = told
    return NoRoom(
        name=of[number - 1].name,
        what=WHATS[what],
        wait=Seconds(wait / SECOND) if wait > 0 else None,
        ever=wait >= 0,
    )
