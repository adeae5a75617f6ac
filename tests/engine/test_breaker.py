"""A breaker: no history leaves its table."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds
from switchgear.engine.breaker import (
    MOVES,
    WELL,
    Breaker,
    Lesson,
    Permit,
    Temper,
    admit,
    learn,
    rested,
)

TEMPER = Temper(failures=3, rest=Seconds(10.0))


def fail(breaker: Breaker, times: int, at: float = 0.0) -> Breaker:
    for _ in range(times):
        breaker, permit = admit(breaker, now=Seconds(at), temper=TEMPER)
        assert permit is not None
        breaker = learn(breaker, permit, Lesson.FAILED, now=Seconds(at), temper=TEMPER)
    return breaker


def test_it_refuses_after_three_failures_in_a_row_and_not_before() -> None:
    assert fail(WELL, 2).state is Availability.ADMITTING
    assert fail(WELL, 3).state is Availability.REFUSING


def test_one_good_answer_starts_the_count_anew() -> None:
    breaker, permit = admit(fail(WELL, 2), now=Seconds(0.0), temper=TEMPER)
    assert permit is not None
    breaker = learn(breaker, permit, Lesson.WELL, now=Seconds(0.0), temper=TEMPER)
    assert fail(breaker, 2).state is Availability.ADMITTING


def test_what_is_not_the_targets_doing_teaches_nothing() -> None:
    breaker = fail(WELL, 2)
    permit = Permit(breaker.generation)
    assert learn(breaker, permit, Lesson.NOTHING, now=Seconds(0.0), temper=TEMPER) == breaker


def test_after_its_rest_it_lets_one_probe_through_at_a_time() -> None:
    breaker = fail(WELL, 3)
    assert admit(breaker, now=Seconds(9.9), temper=TEMPER)[1] is None
    breaker, probe = admit(breaker, now=Seconds(10.0), temper=TEMPER)
    assert probe is not None
    assert admit(breaker, now=Seconds(10.0), temper=TEMPER)[1] is None
    left = learn(breaker, probe, Lesson.NOTHING, now=Seconds(11.0), temper=TEMPER)
    assert admit(left, now=Seconds(11.0), temper=TEMPER)[1] is not None
    well = learn(breaker, probe, Lesson.WELL, now=Seconds(11.0), temper=TEMPER)
    assert well.state is Availability.ADMITTING
    sick = learn(breaker, probe, Lesson.FAILED, now=Seconds(11.0), temper=TEMPER)
    assert (sick.state, sick.since) == (Availability.REFUSING, 11.0)


def test_an_answer_from_an_earlier_generation_is_ignored() -> None:
    old = Permit(0)
    breaker = fail(WELL, 3)
    assert learn(breaker, old, Lesson.WELL, now=Seconds(1.0), temper=TEMPER) == breaker


steps = st.lists(
    st.tuples(st.sampled_from([None, *Lesson]), st.floats(0, 20, allow_nan=False)), max_size=60
)


@given(steps)
def test_no_history_leaves_the_table_or_lets_two_probes_out(
    history: list[tuple[Lesson | None, float]],
) -> None:
    breaker, now, out = WELL, 0.0, list[Permit]()
    for lesson, span in history:
        now += span
        if lesson is None or not out:
            breaker, permit = admit(breaker, now=Seconds(now), temper=TEMPER)
            out += [permit] if permit else []
        else:
            permit = out.pop(0)
            breaker = learn(breaker, permit, lesson, now=Seconds(now), temper=TEMPER)
        current = [each for each in out if each.generation == breaker.generation]
        if breaker.state is Availability.PROBING:
            assert len(current) == breaker.probed
        assert rested(breaker, now=Seconds(now), temper=TEMPER).since <= now


def test_the_table_has_every_state_and_reaches_each() -> None:
    assert {state for state, _ in MOVES} == set(Availability) == set(MOVES.values())
