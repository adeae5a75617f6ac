"""The part of the config file that says what is wanted of the three figures."""

from typing import Annotated

import msgspec

from switchgear.config.part import Entry, Share
from switchgear.domain.goal import CostGoal, Goals
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds

Window = Annotated[float, msgspec.Meta(ge=3600, le=7_776_000)]
Quiet = Annotated[float, msgspec.Meta(gt=0, le=2_592_000)]
Least = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Most = Annotated[int, msgspec.Meta(ge=0, le=200_000)]
Price = Annotated[float, msgspec.Meta(ge=0, le=1)]


class GoalsEntry(Entry, frozen=True, kw_only=True):
    """What is wanted of the three figures, and when their alerts are raised."""

    accuracy: Share = 0.92
    """The share of decisions, at least, whose tier is the cheapest that would have passed.
    Default: 0.92."""
    override: Share = 0.08
    """The share of routed decisions, at most, that a person, a validator or an escalation
    corrected. Default: 0.08."""
    cost: CostGoal = CostGoal.FALLING
    """What the cost of an automated task should do: ``falling``, or ``none`` for no alert.
    Default: ``falling``."""
    window_s: Window = 604_800.0
    """What the running figures look at: the calls of so long. Default: seven days."""
    least: Least = 30
    """Decisions with a label, routed decisions, or tasks in each half of the window, below which
    a figure is said to tell too little. Default: 30."""
    quiet_s: Quiet = 3600.0
    """After so long without a call, a task that nobody closed counts as ended. Default: an hour."""
    own_second_usd: Price = 0.00002
    """US dollars that a second of our own work costs; it is part of what a task costs.
    Default: 0.00002, about seven cents an hour for a core."""
    most_calls: Most = 20_000
    """Of the newest calls, that each process keeps in mind for its metrics; 0 keeps none, and shows
    no figures. Default: 20,000."""


def goals_of(entry: GoalsEntry) -> Goals:
    """Return what is wanted."""
    return Goals(
        accuracy=entry.accuracy,
        override=entry.override,
        cost=entry.cost,
        window=Seconds(entry.window_s),
        least=entry.least,
        quiet=Seconds(entry.quiet_s),
        own=NanoUsd(round(entry.own_second_usd * NANO_PER_USD)),
        most=entry.most_calls,
    )
