"""How patient a breaker is, and how long a target that it refuses is left alone."""

import msgspec

from switchgear.domain.situation import Latency
from switchgear.domain.units import Seconds

JITTER = 0.2
"""By how much of itself a rest is shortened, at most, so that gateways do not probe in step."""
BUSY_REST = Seconds(2.0)
"""After a 429 that does not say how long; doubled each time the probe finds it busy again."""
PACE = Seconds(3.0)
"""No target that is out of room gets more than two tries in that time."""
DENIED_REST = Seconds(300.0)
"""Until a target that refused our credential is asked again, unless the config is reloaded."""
LONGEST_WAIT = Seconds(300.0)
"""That a target may ask for."""
LEASE = Seconds(15.0)
"""How long a probe without content keeps others out: a target that hangs would else be found well
only when we lose patience."""
PROVEN = Seconds(5.0)
"""A probe that has given content for so long proves that its target is well."""
CALM = Seconds(60.0)
"""A target that admitted for so long without tripping starts with the shortest rest again."""
LEAST_SLOW = Seconds(0.25)
"""A first content that comes sooner is never slow."""
TAILS = 2.0
"""Nor is one within so many times the p95: where calls differ much, the median says little."""


class Temper(msgspec.Struct, frozen=True, kw_only=True):
    """How patient a breaker is."""

    failures: int = 5
    """In a row, before it refuses; also of slow answers."""
    share: float = 0.5
    """Of failures among the answers of the window, from which it refuses; also of slow answers."""
    answers: int = 20
    """In the window, before the share counts."""
    window: Seconds = Seconds(30.0)
    rest: Seconds = Seconds(5.0)
    """How long it refuses before it lets a probe through; doubled with each probe that fails."""
    longest: Seconds = Seconds(20.0)
    """The longest rest. With it, a target that recovers has its traffic back within 30 s."""
    slow_factor: float = 5.0
    """An answer is slow whose first content takes this many times the median, and twice the p95; 0
    for never."""
    slow_first_content: Seconds | None = None
    """An answer is slow whose first content takes longer; None goes by the factor alone."""


def rest_of(temper: Temper, trips: int, draw: float) -> Seconds:
    """Return how long a sick target rests, that has tripped ``trips`` times before."""
    return Seconds(_doubled(temper.rest, trips, temper.longest) * (1 - JITTER * draw))


def busy_rest_of(temper: Temper, said: Seconds | None, trips: int, draw: float) -> Seconds:
    """Return how long a target without room rests: what it said, exactly, if it said so."""
    if said is not None:
        return Seconds(min(max(said, 0.0), LONGEST_WAIT))
    return Seconds(_doubled(BUSY_REST, trips, temper.longest) * (1 - JITTER * draw))


def slow_from(usual: Latency | None, temper: Temper) -> Seconds | None:
    """Return the time to first content from which an answer is slow; None while that is not known.

    Shapes: ``usual`` is from before the answers in question, or they would soon be the usual ones.
    """
    ceilings = []
    if temper.slow_first_content is not None:
        ceilings.append(temper.slow_first_content)
    if temper.slow_factor and usual is not None:
        much = max(LEAST_SLOW, usual.p50 * temper.slow_factor, usual.p95 * TAILS)
        ceilings.append(Seconds(much))
    return min(ceilings, default=None)


def _doubled(base: Seconds, times: int, longest: Seconds) -> float:
    return max(base, min(longest, base * 2.0 ** min(times, 16)))
