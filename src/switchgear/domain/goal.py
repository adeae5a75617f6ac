"""What the owner wants of the three figures, and when to raise an alert."""

from enum import Enum

import msgspec

from switchgear.domain.units import NanoUsd, Seconds


class CostGoal(Enum):
    """What the cost of an automated task should do."""

    FALLING = "falling"
    """Lower in the newer half of the window than in the older."""
    NONE = "none"
    """Nothing: it is shown, and raises no alert."""


class Goals(msgspec.Struct, frozen=True, kw_only=True):
    """What is good, and how much must be known to say that it is not."""

    accuracy: float = 0.92
    """The share of decisions, at least, whose tier is the cheapest that would have passed."""
    override: float = 0.08
    """The share of routed decisions, at most, that had to be corrected."""
    cost: CostGoal = CostGoal.FALLING
    window: Seconds = Seconds(604_800.0)
    """What is looked at: the calls of so long."""
    least: int = 30
    """Decisions, or tasks, below which a figure says too little."""
    quiet: Seconds = Seconds(3600.0)
    """After so long without a call, a task that nobody closed counts as ended."""
    own: NanoUsd = NanoUsd(20_000)
    """What a second of our own work costs."""
    most: int = 20_000
    """Of the newest calls, that a running gateway keeps in mind for its figures; 0 keeps none."""
