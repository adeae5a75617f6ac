"""Looks for tasks that open others without end."""

import msgspec

from switchgear.domain.units import Seconds
from switchgear.engine.loop.signal import FAN_OUT, Signal
from switchgear.engine.loop.tolerance import Tolerance


class Spread(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How far a task has spread, as the caller counts it."""

    children: int = 0
    """Open now."""
    opened: int = 0
    """Children that it ever opened: what makes an occurrence another one than the last."""
    depth: int = 0
    """Generations of tasks from the first one down to its children."""
    births: tuple[Seconds, ...] = ()
    """When its last children were opened, oldest first; the last ``Tolerance.births`` + 1 do."""


def fan_out(spread: Spread, tolerance: Tolerance, now: Seconds) -> tuple[Signal, ...]:
    """Return the signal of a task that spreads too wide, too deep or too fast; none if it does not.

    It is asked when a child is opened, that child counted.
    """
    if FAN_OUT not in tolerance.watched:
        return ()
    young = sum([born > now - tolerance.birth_span for born in spread.births])
    if spread.children > tolerance.children:
        evidence = f"{spread.children} children are open at once"
    elif spread.depth > tolerance.generations:
        evidence = f"tasks are opened below one another, {spread.depth} generations deep"
    elif young > tolerance.births:
        evidence = f"{young} children were opened within {tolerance.birth_span:g} s"
    else:
        return ()
    return (
        Signal(
            code=FAN_OUT,
            act=FAN_OUT in tolerance.acting,
            evidence=evidence,
            occurrence=f"{FAN_OUT}:{spread.opened}",
        ),
    )
