"""What is known of one target."""

import pytest

from switchgear.domain.situation import Fault
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.breaker import Breaker, Moment, Permit, clock
from switchgear.engine.latency import HALF_LIFE, Timing
from switchgear.engine.temper import Temper
from switchgear.pipeline.pulse import KNOWN, MOST_NEWS, USUAL, Pulse

TEMPER = Temper()


def at(now: float) -> Moment:
    return Moment(now=Seconds(now), temper=TEMPER)


def taught(count: int, first_content: float = 1.0) -> Pulse:
    pulse = Pulse()
    for _ in range(count):
        pulse.note(Timing(Seconds(first_content), None))
    pulse.read(at(0), UnixMs(0))
    return pulse


@pytest.mark.parametrize(
    ("calls", "said"), [(0, 0), (3, 0), (4, 4), (7, 4), (8, 8), (15, 8), (1000, 512)]
)
def test_the_load_is_rounded_down_so_that_snapshots_stay_the_same(calls: int, said: int) -> None:
    pulse = Pulse()
    pulse.in_flight = calls
    assert pulse.read(at(0), UnixMs(0)).in_flight == said


def test_it_is_known_after_enough_answers_and_forgotten_when_they_are_old() -> None:
    assert not taught(KNOWN - 1).read(at(0), UnixMs(0)).known
    pulse = taught(KNOWN)
    assert pulse.read(at(0), UnixMs(0)).known
    assert not pulse.read(at(4 * HALF_LIFE), UnixMs(0)).known


def test_what_it_keeps_between_two_snapshots_is_bounded() -> None:
    pulse = Pulse()
    for _ in range(10 * MOST_NEWS):
        pulse.note(Timing(Seconds(1.0), None))
    assert len(pulse.news) == MOST_NEWS


def test_an_answer_is_slow_against_what_was_usual() -> None:
    pulse = taught(20)
    assert not pulse.slow(Seconds(4.0))
    assert pulse.slow(Seconds(6.0))
    assert not Pulse().slow(Seconds(100.0))


def test_a_target_that_stays_slow_is_taken_as_it_is_in_the_end() -> None:
    pulse = taught(20)
    pulse.breaker = Breaker(fault=Fault.SLOW, trips=USUAL - 1)
    assert pulse.slow(Seconds(6.0))
    pulse.breaker = Breaker(fault=Fault.SLOW, trips=USUAL)
    assert not pulse.slow(Seconds(6.0))
    assert not pulse.slow(Seconds(60.0))


def test_what_the_owner_calls_slow_stays_slow() -> None:
    pulse, strict = taught(20), Temper(slow_first_content=Seconds(2.0))
    pulse.read(Moment(now=Seconds(0.0), temper=strict), UnixMs(0))
    pulse.breaker = Breaker(fault=Fault.SLOW, trips=USUAL)
    assert pulse.slow(Seconds(3.0))
    assert not pulse.slow(Seconds(2.0))


def test_slow_answers_do_not_move_what_is_taken_for_usual() -> None:
    pulse, permit = taught(20), Permit(0)
    for _ in range(3):
        assert pulse.slow(Seconds(8.0))
        pulse.breaker = clock(pulse.breaker, permit, at(0), slow=True)
        pulse.note(Timing(Seconds(8.0), None))
        pulse.read(at(0), UnixMs(0))
    assert pulse.usual[0] is not None
    assert pulse.usual[0].p95 > 7
    pulse.breaker = clock(pulse.breaker, permit, at(0), slow=False)
    pulse.read(at(0), UnixMs(0))
    assert not pulse.slow(Seconds(8.0))
