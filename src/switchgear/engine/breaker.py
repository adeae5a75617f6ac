"""When to stop sending to a sick target, and when to try it again.

The states are named by what traffic does, because "open" means two opposite things in the
literature. A call is let through by a permit and gives it back with how its answer ended. Every
move is in MOVES; a pair that is not there is a bug of ours.

Source: M. Nygard, "Release It!", 2nd ed., chapter 5.
"""

from enum import Enum

import msgspec

from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds


class Lesson(Enum):
    """How an answer ended, as far as the health of its target goes."""

    WELL = "well"
    FAILED = "failed"
    NOTHING = "nothing"
    """Not by the target's doing: the caller left, or was itself wrong."""


class Signal(Enum):
    """What moves a breaker."""

    WELL = "well"
    FAILED = "failed"
    TRIPPED = "tripped"
    """Failed too often."""
    NOTHING = "nothing"
    RESTED = "rested"


MOVES: dict[tuple[Availability, Signal], Availability] = {
    (Availability.ADMITTING, Signal.WELL): Availability.ADMITTING,
    (Availability.ADMITTING, Signal.FAILED): Availability.ADMITTING,
    (Availability.ADMITTING, Signal.TRIPPED): Availability.REFUSING,
    (Availability.ADMITTING, Signal.NOTHING): Availability.ADMITTING,
    (Availability.REFUSING, Signal.RESTED): Availability.PROBING,
    (Availability.PROBING, Signal.WELL): Availability.ADMITTING,
    (Availability.PROBING, Signal.FAILED): Availability.REFUSING,
    (Availability.PROBING, Signal.NOTHING): Availability.PROBING,
}


class Temper(msgspec.Struct, frozen=True, kw_only=True):
    """How patient a breaker is."""

    failures: int = 5
    """In a row, before it refuses."""
    rest: Seconds = Seconds(30.0)
    """How long it refuses before it lets a probe through."""


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The health of one target."""

    state: Availability = Availability.ADMITTING
    failures: int = 0
    """In a row, until now."""
    since: Seconds = Seconds(0.0)
    """When it took its state."""
    generation: int = 0
    """Goes up with each change of state; what an older permit reports is ignored."""
    probed: bool = False
    """PROBING, and its one permit is out."""


class Permit(msgspec.Struct, frozen=True):
    """Leave to send one call."""

    generation: int


WELL = Breaker()


def rested(breaker: Breaker, *, now: Seconds, temper: Temper) -> Breaker:
    """Return the breaker after the passing of time alone."""
    if breaker.state is Availability.REFUSING and now - breaker.since >= temper.rest:
        return _moved(breaker, Signal.RESTED, now)
    return breaker


def admit(breaker: Breaker, *, now: Seconds, temper: Temper) -> tuple[Breaker, Permit | None]:
    """Return the breaker after one call asked for leave, and its permit if it got one."""
    if breaker.state is Availability.ADMITTING:
        return breaker, Permit(breaker.generation)
    breaker = rested(breaker, now=now, temper=temper)
    if breaker.state is Availability.REFUSING or breaker.probed:
        return breaker, None
    return msgspec.structs.replace(breaker, probed=True), Permit(breaker.generation)


def learn(
    breaker: Breaker, permit: Permit, lesson: Lesson, *, now: Seconds, temper: Temper
) -> Breaker:
    """Return the breaker after the answer that ``permit`` allowed has ended."""
    if permit.generation != breaker.generation:
        return breaker
    if lesson is Lesson.WELL and breaker.state is Availability.ADMITTING and not breaker.failures:
        return breaker
    failures = _failures(breaker, lesson)
    signal = Signal(lesson.value)
    if breaker.state is Availability.ADMITTING and failures >= temper.failures:
        signal = Signal.TRIPPED
    return _moved(msgspec.structs.replace(breaker, failures=failures), signal, now)


def _failures(breaker: Breaker, lesson: Lesson) -> int:
    match lesson:
        case Lesson.WELL:
            return 0
        case Lesson.FAILED:
            return breaker.failures + 1
        case Lesson.NOTHING:
            return breaker.failures


def _moved(breaker: Breaker, signal: Signal, now: Seconds) -> Breaker:
    state = MOVES[breaker.state, signal]
    if state is breaker.state:
        return msgspec.structs.replace(breaker, probed=False) if breaker.probed else breaker
    generation = breaker.generation + 1
    return msgspec.structs.replace(
        breaker, state=state, since=now, generation=generation, probed=False
    )
