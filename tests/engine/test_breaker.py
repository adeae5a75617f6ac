"""A breaker: when it refuses, for how long, and what it takes for well."""

from switchgear.domain.situation import Availability, Fault
from switchgear.domain.units import Seconds
from switchgear.engine import breaker as real
from switchgear.engine.breaker import MOVES, WELL, Breaker, Moment, Permit
from switchgear.engine.fault import Lesson
from switchgear.engine.temper import CALM, DENIED_REST, LEASE, PROVEN, Temper

TEMPER = Temper(failures=3, rest=Seconds(10.0), longest=Seconds(40.0))
ADMITTING, REFUSING, PROBING = Availability


def at(now: float, *, draw: float = 0.0, room: bool = True) -> Moment:
    return Moment(now=Seconds(now), temper=TEMPER, draw=draw, room=room)


def fail(breaker: Breaker, times: int, now: float = 0.0, lesson: Lesson = Lesson.FAILED) -> Breaker:
    for _ in range(times):
        breaker, permit = real.admit(breaker, at(now))
        assert permit is not None
        breaker = real.learn(breaker, permit, lesson, at(now))
    return breaker


def probing(now: float = 10.0) -> tuple[Breaker, Permit]:
    breaker, probe = real.admit(fail(WELL, 3), at(now))
    assert probe is not None
    assert breaker.state is PROBING
    return breaker, probe


def test_it_refuses_after_three_failures_in_a_row_and_not_before() -> None:
    assert fail(WELL, 2).state is ADMITTING
    sick = fail(WELL, 3)
    assert (sick.state, sick.fault, sick.until) == (REFUSING, Fault.FAILED, 10.0)


def test_failures_of_several_classes_count_together_and_the_last_gives_its_name() -> None:
    breaker = fail(fail(WELL, 1, lesson=Lesson.LOST), 1, lesson=Lesson.GARBLED)
    assert fail(breaker, 1, lesson=Lesson.SILENT).fault is Fault.SILENT


def test_one_good_answer_starts_the_row_anew() -> None:
    breaker = real.learn(fail(WELL, 2), Permit(0), Lesson.WELL, at(0))
    assert fail(breaker, 2).state is ADMITTING


def test_half_of_twenty_answers_are_too_many_even_if_never_in_a_row() -> None:
    breaker, count = WELL, 0
    while breaker.state is ADMITTING:
        lesson = Lesson.FAILED if count % 2 else Lesson.WELL
        breaker = real.learn(breaker, Permit(0), lesson, at(count))
        count += 1
    assert count == 20


def test_failures_that_are_spread_over_a_long_time_are_no_share() -> None:
    breaker = WELL
    for count in range(200):
        lesson = Lesson.FAILED if count % 2 else Lesson.WELL
        breaker = real.learn(breaker, Permit(0), lesson, at(count * 2))
    assert breaker.state is ADMITTING


def test_where_too_many_are_out_it_admits_until_there_is_room() -> None:
    breaker = WELL
    for _ in range(9):
        breaker = real.learn(breaker, Permit(0), Lesson.FAILED, at(0, room=False))
    assert breaker.state is ADMITTING
    assert fail(breaker, 1).state is REFUSING


def test_a_cancelled_probe_frees_its_place() -> None:
    breaker, probe = probing()
    assert real.admit(breaker, at(11))[1] is None
    left = real.learn(breaker, probe, Lesson.NOTHING, at(11))
    assert real.admit(left, at(11))[1] is not None


def test_a_probe_that_goes_well_admits_all_and_one_that_fails_none() -> None:
    breaker, probe = probing()
    assert real.learn(breaker, probe, Lesson.WELL, at(11)).state is ADMITTING
    sick = real.learn(breaker, probe, Lesson.FAILED, at(11))
    assert (sick.state, sick.until) == (REFUSING, 30.0)  # 20 s after the probe went out


def test_a_rest_is_doubled_up_to_the_longest_and_the_draw_only_shortens_it() -> None:
    breaker, rests = fail(WELL, 3), []
    for _ in range(4):
        rests.append(breaker.until - breaker.since)
        breaker = fail(breaker, 1, now=breaker.until)
    assert rests == [10, 20, 40, 40]
    two = fail(WELL, 2)
    drawn = real.learn(two, Permit(0), Lesson.FAILED, at(0, draw=0.999))
    assert 8.0 <= drawn.until < 8.1


def test_after_a_while_of_being_well_the_rest_is_short_again() -> None:
    breaker = fail(fail(WELL, 3), 1, now=10.0)
    assert breaker.trips == 2
    breaker, probe = real.admit(breaker, at(breaker.until))
    assert probe is not None
    breaker = real.learn(breaker, probe, Lesson.WELL, at(31))
    soon, late = fail(breaker, 3, now=32.0), fail(breaker, 3, now=31.0 + CALM)
    assert (soon.until - 32.0, late.until - 31.0 - CALM) == (40.0, 10.0)


def test_a_probe_that_hangs_keeps_others_out_only_for_its_lease() -> None:
    breaker, hung = probing()
    assert real.admit(breaker, at(9.9 + LEASE))[1] is None
    assert real.wait_for(breaker, at(11)) == LEASE - 1
    breaker, second = real.admit(breaker, at(10 + LEASE))
    assert second is not None
    kept = real.learn(breaker, hung, Lesson.NOTHING, at(26))
    assert kept.probed == second.at  # the place is not the first one's any more
    well = real.learn(breaker, second, Lesson.WELL, at(26))
    assert real.learn(well, hung, Lesson.SILENT, at(40)) == well


def test_a_probe_whose_content_goes_on_proves_its_target_well_before_its_end() -> None:
    breaker, probe = probing()
    breaker = real.hear(breaker, probe, at(12))
    assert breaker.state is PROBING
    assert real.admit(breaker, at(12 + PROVEN - 0.1))[1] is None
    assert real.wait_for(breaker, at(13)) == PROVEN - 1
    breaker, permit = real.admit(breaker, at(12 + PROVEN))
    assert permit is not None
    assert breaker.state is ADMITTING


def test_a_target_without_room_rests_for_exactly_as_long_as_it_says() -> None:
    for said, rest in ((7.5, 7.5), (0.0, 0.0), (999_999.0, 300.0), (-1.0, 0.0)):
        busy = real.learn(WELL, Permit(0), Lesson.BUSY, at(50), wait=Seconds(said))
        assert (busy.state, busy.fault, busy.until) == (REFUSING, Fault.BUSY, 50 + rest)
    unsaid = real.learn(WELL, Permit(0), Lesson.BUSY, at(50))
    assert unsaid.until - 50 == 2.0


def test_content_from_a_target_without_room_shows_that_it_has_room_again() -> None:
    busy = real.learn(WELL, Permit(0), Lesson.BUSY, at(0))
    breaker, probe = real.admit(busy, at(2))
    assert probe is not None
    assert real.admit(breaker, at(2))[1] is None
    assert real.hear(breaker, probe, at(2.5)).state is ADMITTING


def test_busy_is_no_failure() -> None:
    breaker = fail(WELL, 2)
    busy = real.learn(breaker, Permit(0), Lesson.BUSY, at(0))
    breaker, probe = real.admit(busy, at(2))
    assert probe is not None
    well = real.hear(breaker, probe, at(2))
    assert (well.failures, well.trips) == (0, 0)


def test_a_target_that_denies_us_is_refused_for_five_minutes_or_until_it_is_forgiven() -> None:
    denied = real.learn(WELL, Permit(0), Lesson.DENIED, at(0, room=False))
    assert (denied.state, denied.fault) == (REFUSING, Fault.DENIED)
    assert real.wait_for(denied, at(0)) == DENIED_REST
    assert real.forgive(fail(WELL, 3), at(1)).state is REFUSING
    forgiven = real.forgive(denied, at(1))
    assert forgiven.state is PROBING
    breaker, probe = real.admit(forgiven, at(1))
    assert probe is not None
    assert real.learn(breaker, probe, Lesson.FAILED, at(1)).until < 60  # not the five minutes


def test_slow_answers_trip_it_though_they_end_well_and_fast_ones_end_the_row() -> None:
    breaker = WELL
    for slow in (True, True, False, True, True):
        breaker = real.clock(breaker, Permit(0), at(0), slow=slow)
        breaker = real.learn(breaker, Permit(0), Lesson.WELL, at(0))
    assert breaker.state is ADMITTING
    assert real.clock(breaker, Permit(0), at(0), slow=True).fault is Fault.SLOW


def test_a_probe_that_is_slow_has_failed() -> None:
    breaker, probe = probing()
    slow = real.clock(breaker, probe, at(12), slow=True)
    assert (slow.state, slow.fault) == (REFUSING, Fault.SLOW)
    assert real.learn(slow, probe, Lesson.WELL, at(12)) == slow


def test_the_table_has_every_state_and_reaches_each() -> None:
    assert {state for state, _ in MOVES} == set(Availability) == set(MOVES.values())
