"""What to do after a target failed before its first content."""

from enum import Enum

from switchgear.domain.attempt import Sent
from switchgear.domain.errors import UpstreamError


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


def after(error: UpstreamError, *, sent: Sent, tries: int) -> Next:
    """Return what to do next.

    A request that certainly never left, and one that failed in a way that passes, may go to the
    same target once more; what the caller caused goes nowhere else.
    """
    if not error.another:
        return Next.STOP
    repeatable = error.again or sent is Sent.NEVER
    return Next.AGAIN if repeatable and tries < MOST_TRIES else Next.ANOTHER
