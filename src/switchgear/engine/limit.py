"""How much of a rate is left: buckets that hold a minute's worth and fill up again by themselves.

All is whole numbers, so nothing is gained or lost by rounding. What is counted is kept in parts so
fine that each microsecond brings as many of them as the rate's limit says.

Units: ``now``, ``at`` and waits are whole microseconds of one clock; amounts are what is counted.
"""

from functools import lru_cache

import msgspec

from switchgear.domain.rate import Level, Rates
from switchgear.domain.units import Seconds, Tokens

PARTS = 60_000_000
"""Of one request or token; as many as a minute has microseconds."""
MINUTE = 60_000_000
SECOND = 1_000_000
NEVER = -1
"""Instead of a wait: however long, there will not be room."""


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """One rate, as it was when something was last taken. Where there is none, it is full."""

    level: int
    """Parts that were left; below nought where more came than was expected."""
    at: int


def level_of(bucket: Bucket | None, limit: int, now: int) -> int:
    """Return the parts that are left now.

    A clock that goes back brings nothing.
    """
    if bucket is None:
        return limit * PARTS
    passed = now - bucket.at
    if passed <= 0:
        return min(bucket.level, limit * PARTS)
    return min(bucket.level + passed * limit, limit * PARTS)


def wait_of(level: int, limit: int, amount: int) -> int:
    """Return how long until ``amount`` can be taken: 0 for now, NEVER where it is too much."""
    missing = amount * PARTS - level
    if missing <= 0 or amount <= 0:
        return 0
    return NEVER if amount > limit else -(-missing // limit)


def taken(bucket: Bucket | None, limit: int, amount: int, now: int) -> Bucket:
    """Return the bucket after ``amount`` was taken, whether there was room or not.

    What is given back, a negative amount, never makes it more than full. A clock that went back a
    little is waited for; after a whole minute it is taken to have been set, and followed.
    """
    return lowered(bucket, level_of(bucket, limit, now) - amount * PARTS, limit, now)


def lowered(bucket: Bucket | None, level: int, limit: int, now: int) -> Bucket:
    """Return the bucket with so many parts left; see ``taken``."""
    at = now if bucket is None or not 0 < bucket.at - now <= MINUTE else bucket.at
    return Bucket(min(level, limit * PARTS), at)


@lru_cache(maxsize=4096)
def share_of(rates: Rates, nodes: int) -> Rates:
    """Return what one of so many nodes lets in by itself; nought only where the whole is."""
    requests, tokens, places = rates.requests, rates.tokens, rates.concurrent
    return Rates(
        requests=None if requests is None else max(min(1, requests), requests // nodes),
        tokens=None if tokens is None else Tokens(max(min(1, tokens), tokens // nodes)),
        concurrent=None if places is None else max(min(1, places), places // nodes),
    )


def told(level: int, limit: int) -> Level:
    """Return what callers are told of a rate."""
    missing = limit * PARTS - level
    reset = missing / limit / SECOND if limit else 0.0
    return Level(limit=limit, left=max(0, level // PARTS), reset=Seconds(reset))
