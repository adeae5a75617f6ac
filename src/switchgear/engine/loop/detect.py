"""Looks for loops in what a task did of late."""

from switchgear.engine.loop.ring import Ring
from switchgear.engine.loop.signal import Signal
from switchgear.engine.loop.tolerance import Tolerance


def detect(ring: Ring, tolerance: Tolerance) -> tuple[Signal, ...]:
    """Return the signals that the newest moves give; those that ask for action come first."""
    _ = ring, tolerance
    return ()
