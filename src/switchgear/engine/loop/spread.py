"""Looks for tasks that open others without end."""

import msgspec

from switchgear.domain.units import Seconds
from switchgear.engine.loop.signal import Signal
from switchgear.engine.loop.tolerance import Tolerance


class Spread(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How far a task has spread, as the caller counts it."""

    children: int = 0
    """Open now."""
    depth: int = 0
    """Tasks above it."""
    births: tuple[Seconds, ...] = ()
    """When its last children were opened, oldest first; more than ``births + 1`` are not needed."""


def fan_out(spread: Spread, tolerance: Tolerance, now: Seconds) -> tuple[Signal, ...]:
    """Return the signal of a task that spreads too wide, too deep or too fast; none if it does not.

    It is asked when a child is opened.
    """
    _ = spread, tolerance, now
    return ()
