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


class Course(Enum):
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


class Piece(msgspec.Struct, frozen=True, gc=False, kw_only=True):
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
        self._tasks: dict[str, Piece] = {}
        self.left_out = 0
        """Calls whose task found no room."""

    def add(self, case: Case, group: str) -> Piece | None:
        """Take note of a call; return what is a task by itself."""
        if not case.task:
            return _alone(case, group) if case.asked else None
        piece = self._tasks.get(case.task)
        if piece is None and len(self._tasks) >= MOST_TASKS:
            self.left_out += 1
            return None
        alone = _alone(case, group)
        self._tasks[case.task] = alone if piece is None else _joined(piece, alone)
        return None

    def tasks(self) -> Iterator[tuple[str, Piece]]:
        """Return all that were followed."""
        yield from self._tasks.items()


def course_of(piece: Piece, status: Status, goals: Goals, now: UnixMs) -> Course:
    """Return how a task went."""
    if piece.place > 1:
        return Course.CUT_OFF
    if piece.human:
        return Course.TAKEN
    if status is Status.STOPPED:
        return Course.STOPPED
    quiet = now - piece.last >= goals.quiet * 1000
    if status is Status.PAUSED or not (quiet or status is Status.DONE):
        return Course.OPEN
    return _ended(piece)


def course_alone(piece: Piece) -> Course:
    """Return how a call went that belongs to no task."""
    return Course.TAKEN if piece.human else _ended(piece)


def _ended(piece: Piece) -> Course:
    if piece.overridden:
        return Course.OVERRIDDEN
    return Course.AUTOMATED if piece.answered else Course.FAILED


def _alone(case: Case, group: str) -> Piece:
    return Piece(
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


def _joined(one: Piece, other: Piece) -> Piece:
    """Return a task with one more of its calls, whichever came first."""
    first = min(one, other, key=lambda each: (each.began, each.place, each.group))
    newest = max(one, other, key=lambda each: (each.last, each.place, each.target))
    return Piece(
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
