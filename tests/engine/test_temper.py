"""How long a target is left alone, and from when an answer is slow."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.situation import Latency
from switchgear.domain.units import Seconds
from switchgear.engine.temper import (
    JITTER,
    LEAST_SLOW,
    LONGEST_WAIT,
    Temper,
    busy_rest_of,
    rest_of,
    slow_from,
)

PLAIN = Temper()
USUAL = Latency(Seconds(1.0), Seconds(2.0), Seconds(9.0))
draws = st.floats(0, 1, exclude_max=True)


@given(st.integers(0, 10_000), draws)
def test_a_rest_is_between_the_base_and_the_longest_less_the_jitter(
    trips: int, draw: float
) -> None:
    rest = rest_of(PLAIN, trips, draw)
    assert PLAIN.rest * (1 - JITTER) <= rest <= PLAIN.longest
    assert rest <= rest_of(PLAIN, trips + 1, draw)


@given(st.floats(-10, 1e9), st.integers(0, 99), draws)
def test_what_the_target_says_is_kept_exactly_within_bounds(
    said: float, trips: int, draw: float
) -> None:
    rest = busy_rest_of(PLAIN, Seconds(said), trips, draw)
    assert rest == said or rest in {0, LONGEST_WAIT}


def test_a_base_longer_than_the_longest_is_kept() -> None:
    assert rest_of(Temper(rest=Seconds(60.0)), 3, 0.0) == Seconds(60.0)


def test_slow_is_five_times_the_median_and_never_a_blink() -> None:
    assert slow_from(USUAL, PLAIN) == Seconds(5.0)
    blink = Latency(Seconds(0.001), Seconds(0.001), Seconds(0.001))
    assert slow_from(blink, PLAIN) == LEAST_SLOW
    assert slow_from(None, PLAIN) is None


def test_where_calls_differ_much_slow_is_twice_the_tail() -> None:
    mixed = Latency(Seconds(1.0), Seconds(8.0), Seconds(9.0))
    assert slow_from(mixed, PLAIN) == Seconds(16.0)


def test_the_owner_may_name_the_time_or_switch_the_factor_off() -> None:
    named = Temper(slow_first_content=Seconds(2.0))
    assert slow_from(None, named) == slow_from(USUAL, named) == Seconds(2.0)
    assert slow_from(USUAL, Temper(slow_factor=0.0)) is None
