"""When to stop sending to a sick target, and when to try it again.

The states are named by what traffic does, because "open" means two opposite things in the
literature. A call is let through by a permit and gives it back with how its answer ended. Every
move is in MOVES; a pair that is not there is a bug of ours.

Source: M. Nygard, "Release It!", 2nd ed., chapter 5; ADR-0010.
"""

from enum import Enum

import msgspec

from switchgear.domain.situation import Availability, Fault
from switchgear.domain.units import Seconds
from switchgear.engine.fault import Lesson
from switchgear.engine.tally import EMPTY, Tally, add, share_of
from switchgear.engine.temper import (
    CALM,
    DENIED_REST,
    LEASE,
    LONGEST_WAIT,
    PACE,
    PROVEN,
    Temper,
    busy_rest_of,
    rest_of,
)

LONG_AGO = Seconds(-1e9)


class Signal(Enum):
    """What moves a breaker."""

    WELL = "well"
    FAILED = "failed"
    TRIPPED = "tripped"
    """Failed too often."""
    TOLD = "told"
    """The target itself said that it takes no calls now: no room, or no rights."""
    NOTHING = "nothing"
    RESTED = "rested"
    FORGIVEN = "forgiven"
    """The owner changed something."""


MOVES: dict[tuple[Availability, Signal], Availability] = {
    (Availability.ADMITTING, Signal.WELL): Availability.ADMITTING,
    (Availability.ADMITTING, Signal.FAILED): Availability.ADMITTING,
    (Availability.ADMITTING, Signal.TRIPPED): Availability.REFUSING,
    (Availability.ADMITTING, Signal.TOLD): Availability.REFUSING,
    (Availability.ADMITTING, Signal.NOTHING): Availability.ADMITTING,
    (Availability.REFUSING, Signal.RESTED): Availability.PROBING,
    (Availability.REFUSING, Signal.FORGIVEN): Availability.PROBING,
    (Availability.PROBING, Signal.WELL): Availability.ADMITTING,
    (Availability.PROBING, Signal.FAILED): Availability.REFUSING,
    (Availability.PROBING, Signal.TOLD): Availability.REFUSING,
    (Availability.PROBING, Signal.NOTHING): Availability.PROBING,
}


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The health of one target."""

    state: Availability = Availability.ADMITTING
    fault: Fault | None = None
    """Why it does not admit; None while it does."""
    failures: int = 0
    """In a row, until now."""
    slow: int = 0
    """Slow answers in a row, until now."""
    tally: Tally = EMPTY
    since: Seconds = Seconds(0.0)
    """When it took its state."""
    until: Seconds = LONG_AGO
    """When its last rest ends, or ended."""
    generation: int = 0
    """Goes up with each change of state; what an older permit reports is ignored."""
    trips: int = 0
    """Rests since it was last well for long: the next one is the longer for them."""
    busied: Seconds = LONG_AGO
    """When it last said that it has no room."""
    probed: Seconds | None = None
    """When the probe went out that has the place; None when the place is free."""
    heard: Seconds | None = None
    """When that probe gave its first content."""


class Permit(msgspec.Struct, frozen=True, gc=False):
    """Leave to send one call."""

    generation: int
    at: Seconds = Seconds(0.0)


class Moment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a breaker is moved with: the time, the temper, chance, and how the others are."""

    now: Seconds
    temper: Temper
    draw: float = 0.0
    """From [0, 1)."""
    room: bool = True
    """So few targets are out that one more may be."""


WELL = Breaker()


def rested(breaker: Breaker, moment: Moment) -> Breaker:
    """Return the breaker after the passing of time alone."""
    now = moment.now
    if breaker.state is Availability.REFUSING and now >= breaker.until:
        return _moved(breaker, Signal.RESTED, now)
    if breaker.heard is not None and now - breaker.heard >= PROVEN:
        return _moved(breaker, Signal.WELL, now)
    return breaker


def admit(breaker: Breaker, moment: Moment) -> tuple[Breaker, Permit | None]:
    """Return the breaker after one call asked for leave, and its permit if it got one.

    A probe has the place to itself until it ends, or until its lease is up without content.
    """
    now = moment.now
    if breaker.state is not Availability.ADMITTING:
        breaker = rested(breaker, moment)
    if breaker.state is Availability.ADMITTING:
        return breaker, Permit(breaker.generation, now)
    if breaker.state is Availability.REFUSING or (
        breaker.probed is not None and (breaker.heard is not None or now - breaker.probed < LEASE)
    ):
        return breaker, None
    breaker = msgspec.structs.replace(breaker, probed=now, heard=None)
    return breaker, Permit(breaker.generation, now)


def hear(breaker: Breaker, permit: Permit, moment: Moment) -> Breaker:
    """Return the breaker after the first content came, in its usual time.

    A target that had no room has some again. Whatever else was wrong may come after the content
    too, so there the probe must go on well for a while.
    """
    if permit.generation != breaker.generation or permit.at != breaker.probed:
        return breaker
    if breaker.fault is Fault.BUSY:
        return _moved(breaker, Signal.WELL, moment.now)
    return msgspec.structs.replace(breaker, heard=moment.now)


def clock(breaker: Breaker, permit: Permit, moment: Moment, *, slow: bool) -> Breaker:
    """Return the breaker after an answer was found slow, or as fast as usual.

    How the answer ended is learnt apart from this.
    """
    if permit.generation != breaker.generation or not (slow or breaker.slow):
        return breaker
    if not slow:
        return msgspec.structs.replace(breaker, slow=0)
    tally = add(breaker.tally, Fault.SLOW, now=moment.now, window=moment.temper.window)
    breaker = msgspec.structs.replace(breaker, slow=breaker.slow + 1, tally=tally)
    return _failed(breaker, Fault.SLOW, None, moment)


def learn(
    breaker: Breaker,
    permit: Permit,
    lesson: Lesson,
    moment: Moment,
    *,
    wait: Seconds | None = None,
) -> Breaker:
    """Return the breaker after the answer that ``permit`` allowed has ended.

    ``wait`` is for how long the target said it wants to be left alone.
    """
    if permit.generation != breaker.generation:
        return breaker
    now = moment.now
    if lesson is Lesson.WELL and breaker.state is Availability.ADMITTING:
        tally = add(breaker.tally, None, now=now, window=moment.temper.window)
        return msgspec.structs.replace(breaker, tally=tally, failures=0)
    if lesson is Lesson.NOTHING:
        mine = breaker.probed is None or breaker.probed == permit.at
        return _moved(breaker, Signal.NOTHING, now) if mine else breaker
    fault = lesson.fault
    if fault is None:
        return _moved(breaker, Signal.WELL, now)
    if fault is Fault.BUSY or fault is Fault.DENIED:
        return _out(breaker, Signal.TOLD, fault, wait, moment)
    tally = add(breaker.tally, fault, now=now, window=moment.temper.window)
    breaker = msgspec.structs.replace(breaker, tally=tally, failures=breaker.failures + 1)
    return _failed(breaker, fault, wait, moment)


def forgive(breaker: Breaker, moment: Moment) -> Breaker:
    """Return the breaker after the owner may have mended what a target refused us for."""
    if breaker.state is Availability.REFUSING and breaker.fault is Fault.DENIED:
        breaker = msgspec.structs.replace(breaker, until=moment.now)
        return _moved(breaker, Signal.FORGIVEN, moment.now)
    return breaker


def heed(breaker: Breaker, fault: Fault, span: Seconds, moment: Moment) -> Breaker:
    """Return the breaker after another node found the target at fault, for ``span`` from now on.

    It is another's word: a target without room for them all is left alone for as long as it said,
    never longer; any other is only probed, for what that node saw may be its own doing.
    """
    if breaker.state is not Availability.ADMITTING or not moment.room or span <= 0:
        return breaker
    busy = fault is Fault.BUSY
    until = Seconds(moment.now + min(span, LONGEST_WAIT)) if busy else moment.now
    breaker = _moved(breaker, Signal.TOLD, moment.now)
    return rested(msgspec.structs.replace(breaker, fault=fault, until=until), moment)


def wait_for(breaker: Breaker, moment: Moment) -> Seconds:
    """Return how long until a call may be admitted; 0 when one may be now."""
    breaker = rested(breaker, moment)
    if breaker.state is Availability.ADMITTING:
        return Seconds(0.0)
    if breaker.state is Availability.REFUSING:
        return Seconds(breaker.until - moment.now)
    if breaker.heard is not None:
        return Seconds(breaker.heard + PROVEN - moment.now)
    probed = LONG_AGO if breaker.probed is None else breaker.probed
    return Seconds(max(0.0, probed + LEASE - moment.now))


def _failed(breaker: Breaker, fault: Fault, wait: Seconds | None, moment: Moment) -> Breaker:
    """Refuse if that was a probe, or once too often and there is room for one more to be out."""
    if breaker.state is Availability.PROBING:
        return _out(breaker, Signal.FAILED, fault, wait, moment)
    temper, slow = moment.temper, fault is Fault.SLOW
    often = (breaker.slow if slow else breaker.failures) >= temper.failures
    if not often:
        often = share_of(breaker.tally, slow=slow, least=temper.answers) >= temper.share
    if often and moment.room:
        return _out(breaker, Signal.TRIPPED, fault, wait, moment)
    return _moved(breaker, Signal.FAILED, moment.now)


def _out(
    breaker: Breaker, signal: Signal, fault: Fault, wait: Seconds | None, moment: Moment
) -> Breaker:
    """Refuse until the rest is over, which is never before an earlier one."""
    now, trips = moment.now, breaker.trips
    if breaker.state is Availability.ADMITTING and now - breaker.since >= CALM:
        trips = 0
    until = max(breaker.until, _end(breaker, fault, wait, trips, moment))
    busied = now if fault is Fault.BUSY else breaker.busied
    breaker = _moved(breaker, signal, now)
    return msgspec.structs.replace(
        breaker, fault=fault, until=until, trips=trips + 1, busied=busied
    )


def _end(
    breaker: Breaker, fault: Fault, wait: Seconds | None, trips: int, moment: Moment
) -> Seconds:
    """Return when the rest for ``fault`` is over."""
    now, temper, draw = moment.now, moment.temper, moment.draw
    if fault is Fault.DENIED:
        return Seconds(now + DENIED_REST)
    if fault is Fault.BUSY:
        rest = busy_rest_of(temper, wait, trips, draw)
        return Seconds(max(now + rest, breaker.busied + PACE))
    # What the probe itself took counts as rest, or a target that hangs would be asked too rarely.
    began = now if breaker.probed is None else breaker.probed
    until = max(now + rest_of(temper, 0, draw), began + rest_of(temper, trips, draw))
    return Seconds(max(until, now + busy_rest_of(temper, wait or Seconds(0.0), 0, draw)))


def _moved(breaker: Breaker, signal: Signal, now: Seconds) -> Breaker:
    state = MOVES[breaker.state, signal]
    if state is breaker.state:
        if breaker.probed is None:
            return breaker
        return msgspec.structs.replace(breaker, probed=None, heard=None)
    admitting = state is Availability.ADMITTING
    return msgspec.structs.replace(
        breaker,
        state=state,
        fault=None if admitting else breaker.fault,
        failures=0,
        slow=0,
        tally=EMPTY,
        since=now,
        generation=breaker.generation + 1,
        trips=0 if admitting and breaker.fault is Fault.BUSY else breaker.trips,
        probed=None,
        heard=None,
    )
