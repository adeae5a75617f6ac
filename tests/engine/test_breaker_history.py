"""A breaker: what holds of it for any history, and does not of a twin that is broken."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds
from switchgear.engine import breaker as real
from switchgear.engine.breaker import MOVES, WELL, Breaker, Moment, Permit
from switchgear.engine.fault import Lesson
from switchgear.engine.temper import LEASE, PACE, Temper

TEMPER = Temper(failures=3, rest=Seconds(10.0), longest=Seconds(40.0))
ADMITTING, REFUSING, PROBING = Availability


def at(now: float, *, draw: float = 0.0, room: bool = True) -> Moment:
    return Moment(now=Seconds(now), temper=TEMPER, draw=draw, room=room)


class Machine:
    """The breaker as it is; a twin of it has one thing wrong."""

    def admit(self, breaker: Breaker, moment: Moment) -> tuple[Breaker, Permit | None]:
        return real.admit(breaker, moment)

    def learn(
        self, breaker: Breaker, permit: Permit, lesson: Lesson, moment: Moment, wait: float | None
    ) -> Breaker:
        said = None if wait is None else Seconds(wait)
        return real.learn(breaker, permit, lesson, moment, wait=said)

    def hear(self, breaker: Breaker, permit: Permit, moment: Moment) -> Breaker:
        return real.hear(breaker, permit, moment)

    def clock(self, breaker: Breaker, permit: Permit, moment: Moment, *, slow: bool) -> Breaker:
        return real.clock(breaker, permit, moment, slow=slow)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What happens next, and how long after the last."""

    what: str
    span: float
    number: int
    """Of the permit that is meant, among those that are out."""
    lesson: Lesson
    wait: float | None
    draw: float
    room: bool


acts = st.builds(
    Act,
    what=st.sampled_from(["ask", "ask", "end", "hear", "slow", "fast"]),
    span=st.sampled_from([0.0, 0.1, 1.0, 4.0, 11.0, 16.0, 50.0]),
    number=st.integers(0, 9),
    lesson=st.sampled_from([Lesson.WELL, *([Lesson.FAILED] * 4), *Lesson]),
    wait=st.none() | st.floats(-1, 400),
    draw=st.floats(0, 1, exclude_max=True),
    room=st.booleans(),
)
histories = st.lists(acts, max_size=60)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One act, and the breaker on both sides of it."""

    act: Act
    now: float
    before: Breaker
    after: Breaker
    asked: bool
    """It was a call that asked for leave, not an answer that taught."""
    permit: Permit | None
    """The one that was given, or that was meant."""
    out: tuple[Permit, ...]
    """The others that are out, whose answers have not ended."""


def lived(machine: Machine, history: list[Act]) -> list[Step]:
    """Every step of a life."""
    breaker, now, out, steps = WELL, 0.0, list[Permit](), list[Step]()
    for act in history:
        now += act.span
        moment, before = at(now, draw=act.draw, room=act.room), breaker
        asked = act.what == "ask" or not out
        if asked:
            others = tuple(out)
            breaker, permit = machine.admit(breaker, moment)
            out += [permit] if permit else []
        else:
            permit = out[act.number % len(out)]
            breaker = _answered(machine, breaker, permit, act, moment)
            if act.what == "end":
                out.remove(permit)
            others = tuple(each for each in out if each is not permit)
        steps.append(
            Step(
                act=act,
                now=now,
                before=before,
                after=breaker,
                asked=asked,
                permit=permit,
                out=others,
            )
        )
    return steps


def _answered(
    machine: Machine, breaker: Breaker, permit: Permit, act: Act, moment: Moment
) -> Breaker:
    if act.what == "end":
        return machine.learn(breaker, permit, act.lesson, moment, act.wait)
    if act.what == "hear":
        return machine.hear(breaker, permit, moment)
    return machine.clock(breaker, permit, moment, slow=act.what == "slow")


def never_leaves_the_table(machine: Machine, history: list[Act]) -> None:
    edges = {(before, after) for (before, _), after in MOVES.items()}
    for step in lived(machine, history):
        moved = step.before.state is not step.after.state
        assert not moved or (step.before.state, step.after.state) in edges
        assert step.after.generation - step.before.generation == moved
        assert (step.after.fault is None) == (step.after.state is ADMITTING)


def never_has_two_probes_out(machine: Machine, history: list[Act]) -> None:
    for step in lived(machine, history):
        if step.asked and step.permit and step.after.state is PROBING:
            for other in step.out:
                elsewhere = other.generation != step.after.generation
                assert elsewhere or step.now - other.at >= LEASE


def never_shortens_a_rest(machine: Machine, history: list[Act]) -> None:
    until = 0.0
    for step in lived(machine, history):
        if step.after.state is REFUSING:
            assert step.after.until >= until
            until = step.after.until
        elif step.before.state is REFUSING:
            assert step.now >= until


def ignores_older_generations(machine: Machine, history: list[Act]) -> None:
    for step in lived(machine, history):
        if step.permit and not step.asked and step.permit.generation < step.before.generation:
            assert step.after == step.before


def learns_nothing_from_nothing(machine: Machine, history: list[Act]) -> None:
    for step in lived(machine, history):
        if not step.asked and step.act.what == "end" and step.act.lesson is Lesson.NOTHING:
            freed = msgspec.structs.replace(step.before, probed=None, heard=None)
            assert step.after in (step.before, freed)


def never_hammers_a_busy_target(machine: Machine, history: list[Act]) -> None:
    """Every answer is a 429, and each call asks at its own time."""
    breaker, now, tries = WELL, 0.0, list[float]()
    for act in history:
        now += act.span
        breaker, permit = machine.admit(breaker, at(now, draw=act.draw))
        if permit is not None:
            tries.append(now)
            now += act.draw  # that long it takes to answer
            wait = act.wait if act.wait is None else min(act.wait, 2.0)
            breaker = machine.learn(breaker, permit, Lesson.BUSY, at(now, draw=act.draw), wait)
    for first, third in zip(tries, tries[2:], strict=False):
        assert third - first >= PACE


Property = Callable[[Machine, list[Act]], None]


class Leaping(Machine):
    """It forgets to rest."""

    @override
    def learn(
        self, breaker: Breaker, permit: Permit, lesson: Lesson, moment: Moment, wait: float | None
    ) -> Breaker:
        after = super().learn(breaker, permit, lesson, moment, wait)
        if breaker.state is ADMITTING and after.state is REFUSING:
            return msgspec.structs.replace(after, state=PROBING)
        return after


class Crowded(Machine):
    """It lets everybody probe."""

    @override
    def admit(self, breaker: Breaker, moment: Moment) -> tuple[Breaker, Permit | None]:
        return super().admit(msgspec.structs.replace(breaker, probed=None), moment)


class Hasty(Machine):
    """It takes a quarter off each rest."""

    @override
    def admit(self, breaker: Breaker, moment: Moment) -> tuple[Breaker, Permit | None]:
        rest = (breaker.until - breaker.since) * 0.75
        early = msgspec.structs.replace(breaker, until=Seconds(breaker.since + rest))
        return super().admit(early, moment)


class Resentful(Machine):
    """It listens to answers from before it changed its state."""

    @override
    def learn(
        self, breaker: Breaker, permit: Permit, lesson: Lesson, moment: Moment, wait: float | None
    ) -> Breaker:
        if breaker.state is not REFUSING:
            permit = Permit(breaker.generation, permit.at)
        return super().learn(breaker, permit, lesson, moment, wait)


class Unjust(Machine):
    """It blames the target when the caller leaves."""

    @override
    def learn(
        self, breaker: Breaker, permit: Permit, lesson: Lesson, moment: Moment, wait: float | None
    ) -> Breaker:
        lesson = Lesson.LOST if lesson is Lesson.NOTHING else lesson
        return super().learn(breaker, permit, lesson, moment, wait)


class Forgetful(Machine):
    """It takes each 429 for the first."""

    @override
    def learn(
        self, breaker: Breaker, permit: Permit, lesson: Lesson, moment: Moment, wait: float | None
    ) -> Breaker:
        breaker = msgspec.structs.replace(breaker, busied=real.LONG_AGO)
        return super().learn(breaker, permit, lesson, moment, wait)


TWINS: list[tuple[Property, Machine]] = [
    (never_leaves_the_table, Leaping()),
    (never_has_two_probes_out, Crowded()),
    (never_shortens_a_rest, Hasty()),
    (ignores_older_generations, Resentful()),
    (learns_nothing_from_nothing, Unjust()),
    (never_hammers_a_busy_target, Forgetful()),
]


@pytest.mark.parametrize(("holds", "_twin"), TWINS)
@given(history=histories)
def test_whatever_happens_it(holds: Property, _twin: Machine, history: list[Act]) -> None:
    holds(Machine(), history)


@pytest.mark.parametrize(("holds", "twin"), TWINS)
def test_a_twin_that_is_broken_is_found_out(holds: Property, twin: Machine) -> None:
    @settings(
        max_examples=2000,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(history=histories)
    def found_out(history: list[Act]) -> None:
        holds(twin, history)

    with pytest.raises(AssertionError):
        found_out()
