"""What to do after a target failed before its first content."""

from enum import Enum

from switchgear.domain.attempt import Sent
from switchgear.domain.errors import UpstreamError
from switchgear.domain.units import Seconds


class Next(Enum):
    """What comes after a failed attempt."""

    AGAIN = "again"
    """The same target once more."""
    ANOTHER = "another"
    """The next target of the plan."""
    STOP = "stop"
    """The caller gets the error."""


MOST_TRIES = 2
"""At one target, for one call."""

SHORTEST, LONGEST = Seconds(0.05), Seconds(2.0)
"""Of the pause before the same target is tried again."""


def after(error: UpstreamError, *, sent: Sent, tries: int) -> Next:
    """Return what to do next.

    A request that certainly never left, and one that failed in a way that passes, may go to the
    same target once more; what the caller caused goes nowhere else.
    """
    if not error.another:
        return Next.STOP
    repeatable = error.again or sent is Sent.NEVER
    return Next.AGAIN if repeatable and tries < MOST_TRIES else Next.ANOTHER


def pause(previous: Seconds, draw: float) -> Seconds:
    """Return how long to wait before the same target is tried again.

    Shapes: ``previous`` is the call's pause before this one, 0 for none; ``draw`` is from [0, 1).
    Source: M. Brooker, "Exponential backoff and jitter", 2015: decorrelated jitter.
    """
    longest = 3 * max(previous, SHORTEST)
    return Seconds(min(LONGEST, SHORTEST + draw * (longest - SHORTEST)))
