"""What figures come to: frozen values, for tables, metrics and JSON alike."""

from enum import Enum

import msgspec

from switchgear.domain.units import UnixMs
from switchgear.engine.figure.accuracy import Accuracy
from switchgear.engine.figure.change import Change, Shift
from switchgear.engine.figure.interval import Interval


class State(Enum):
    """How a figure stands against its goal."""

    OK = "ok"
    """It keeps the goal."""
    ALERT = "alert"
    """It misses the goal, and that is no chance: all of its interval misses it."""
    UNKNOWN = "unknown"
    """Too little is known to say either."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A share of something."""

    hits: int = 0
    of: int = 0
    share: Interval | None = None
    """None where there is nothing to share."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One period of a window: what an automated task cost, against how many there were."""

    at: UnixMs
    tasks: int
    usd: Interval | None


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What an automated task costs."""

    usd: Interval | None = None
    """On average; None where there was none."""
    tasks: int = 0
    """Those automated."""
    upshots: tuple[tuple[str, int], ...] = ()
    """How many tasks went which way."""
    elsewhere_usd: float = 0.0
    """What tasks cost that ended otherwise: it is in no task's cost here."""
    newer_to_older: Interval | None = None
    """The cost in the newer half of the window, against the older; below 1 it falls."""
    volumes: tuple[int, int] = (0, 0)
    """Automated tasks of the older half, and of the newer."""
    periods: tuple[Period, ...] = ()
    """Those with tasks, oldest first."""
    slope: float | None = None
    """By how many per cent the cost changes where there are one per cent more tasks; None where
    too few periods, or all alike, tell nothing."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that changed within the window."""

    figure: str
    at: UnixMs
    """When the first period after it begins."""
    change: Change


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one route, or whatever it is grouped by."""

    name: str
    calls: int = 0
    decisions: int = 0
    """On which the router chose."""
    cost: Cost = Cost()
    accuracy: Accuracy = Accuracy()
    override: Rate = Rate()
    corrections: tuple[tuple[str, int], ...] = ()
    """By whom."""
    disliked: Rate = Rate()
    """Thumbs down, among the calls of which users said anything."""
    to_human: Rate = Rate()
    """Tasks that a person had to do, among those that ended."""
    cost_state: State = State.UNKNOWN
    accuracy_state: State = State.UNKNOWN
    override_state: State = State.UNKNOWN
    moved: tuple[Moved, ...] = ()


class TargetLine(msgspec.Struct, frozen=True, kw_only=True):
    """How one target does."""

    target: str
    completed: Rate = Rate()
    """Tasks whose last call it answered, and that ended automated, among those that ended."""
    tools: Rate = Rate()
    """Calls on which it chose the right tool, among those of which anybody said."""
    fell_back: Rate = Rate()
    """Calls planned for it that another answered, or nobody."""
    moved: tuple[Moved, ...] = ()


class RuleLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many decisions one rule took."""

    rule: str
    """Empty where none matched."""
    decisions: int
    share: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one window."""

    since: UnixMs
    until: UnixMs
    all: Group
    groups: tuple[Group, ...] = ()
    """The busiest first."""
    targets: tuple[TargetLine, ...] = ()
    rules: tuple[RuleLine, ...] = ()
    shift: Shift | None = None
    """How the rules' shares changed from the older half to the newer, where they did."""
    left_out: int = 0
    """Calls of tasks for which there was no room."""
