"""How much may be sent again: a share of what was sent of late, and a few besides.

When everything fails, every call wants a second try just when there is least room for it. Bounded
to a share of the calls, second tries cannot multiply the load.

Source: M. Brooker, "Fixing retries with token buckets and circuit breakers", 2022.
"""

import math

import msgspec

from switchgear.domain.units import Seconds

WINDOW = Seconds(10.0)
"""After which a call or a second try counts for 37 %."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many second tries are allowed."""

    share: float = 0.2
    """Of the calls of late."""
    least: float = 3.0
    """Besides."""


class Allowance(msgspec.Struct, frozen=True, gc=False):
    """What one target was sent of late; both counts fade."""

    calls: float = 0.0
    spent: float = 0.0
    at: Seconds = Seconds(0.0)
    """When the counts were right."""


def sent(allowance: Allowance, *, now: Seconds) -> Allowance:
    """Return the allowance after one more call."""
    keep = _kept(allowance, now)
    return Allowance(allowance.calls * keep + 1.0, allowance.spent * keep, now)


def spend(allowance: Allowance, *, now: Seconds, limits: Limits) -> Allowance | None:
    """Return the allowance after one second try; None if there is none left."""
    keep = _kept(allowance, now)
    calls, spent = allowance.calls * keep, allowance.spent * keep
    if spent + 1.0 > limits.share * calls + limits.least:
        return None
    return Allowance(calls, spent + 1.0, now)


def _kept(allowance: Allowance, now: Seconds) -> float:
    return math.exp(min(0.0, allowance.at - now) / WINDOW)
