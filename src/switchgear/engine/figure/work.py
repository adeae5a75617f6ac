"""Tasks as the cost of an automated task sees them: what each came to, and how it ended."""

from collections.abc import Iterator, Mapping
from enum import Enum

import msgspec

from switchgear.domain.goal import Goals
from switchgear.domain.task import Status
from switchgear.domain.units import UnixMs
from switchgear.engine.figure.case import Case, Correction

MOST_TASKS = 100_000
"""Tasks of one window that are kept apart; what comes with others is left out, and counted."""


Statuses = Mapping[str, Status]
"""By task; those that run need not be there."""


class Upshot(Enum):
    """How a task went."""

    AUTOMATED = "automated"
    """It ended, with an answer, and nobody had to step in."""
    OVERRIDDEN = "overridden"
    """It ended, and a person named another target for one of its calls."""
    TAKEN = "taken"
    """A person took it over, or set what it did aside."""
    STOPPED = "stopped"
    """It was stopped for good: by its cap, its loop, or by hand."""
    FAILED = "failed"
    """It ended with a call that got no whole answer."""
    OPEN = "open"
    """It goes on, or it is paused."""
    CUT_OFF = "cut_off"
    """It began before the window, so what it cost is not all there."""


class Effort(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One task that was followed, or one call that belongs to none."""

    began: UnixMs
    last: UnixMs
    place: int = 0
    """The least step that was seen; 0 where steps are not known."""
    group: str = ""
    """That of its first call."""
    route: str = ""
    target: str = ""
    """Who answered its last call."""
    cost: int = 0
    """Nano-dollars of all attempts of all its calls."""
    own: float = 0.0
    """Seconds of our own work."""
    answered: bool = True
    """Its last call was."""
    overridden: bool = False
    human: bool = False

    def money(self, goals: Goals) -> float:
        """Return what it cost, our own work included, in nano-dollars."""
        return self.cost + self.own * goals.own


class Work:
    """Follows tasks; calls may come in any order."""

    def __init__(self) -> None:
        """Begin with none."""
        self._tasks: dict[str, Effort] = {}
        self.left_out = 0
        """Calls whose task found no room."""

    def add(self, case: Case, group: str) -> Effort | None:
        """Take note of a call; return what is a task by itself."""
        if not case.task:
            return _alone(case, group) if case.asked else None
        effort = self._tasks.get(case.task)
        if effort is None and len(self._tasks) >= MOST_TASKS:
            self.left_out += 1
            return None
        alone = _alone(case, group)
        self._tasks[case.task] = alone if effort is None else _joined(effort, alone)
        return None

    def tasks(self) -> Iterator[tuple[str, Effort]]:
        """Return all that were followed."""
        yield from self._tasks.items()


def upshot_of(effort: Effort, status: Status, goals: Goals, now: UnixMs) -> Upshot:
    """Return how a task went."""
    if effort.place > 1:
        return Upshot.CUT_OFF
    if effort.human:
        return Upshot.TAKEN
    if status is Status.STOPPED:
        return Upshot.STOPPED
    quiet = now - effort.last >= goals.quiet * 1000
    if status is Status.PAUSED or not (quiet or status is Status.DONE):
        return Upshot.OPEN
    return _ended(effort)


def upshot_alone(effort: Effort) -> Upshot:
    """Return how a call went that belongs to no task."""
    return Upshot.TAKEN if effort.human else _ended(effort)


def _ended(effort: Effort) -> Upshot:
    if effort.overridden:
        return Upshot.OVERRIDDEN
    return Upshot.AUTOMATED if effort.answered else Upshot.FAILED


def _alone(case: Case, group: str) -> Effort:
    return Effort(
        began=case.at,
        last=case.at,
        place=case.step,
        group=group,
        route=case.route,
        target=case.target,
        cost=case.cost,
        own=case.own,
        answered=case.answered,
        overridden=case.correction is Correction.PERSON,
        human=case.human,
    )


def _joined(one: Effort, other: Effort) -> Effort:
    """Return a task with one more of its calls, whichever came first."""
    first = min(one, other, key=lambda each: (each.began, each.place, each.group))
    newest = max(one, other, key=lambda each: (each.last, each.place, each.target))
    return Effort(
        began=first.began,
        last=newest.last,
        place=min([each.place for each in (one, other) if each.place], default=0),
        group=first.group,
        route=first.route,
        target=newest.target,
        cost=one.cost + other.cost,
        own=one.own + other.own,
        answered=newest.answered,
        overridden=one.overridden or other.overridden,
        human=one.human or other.human,
    )
