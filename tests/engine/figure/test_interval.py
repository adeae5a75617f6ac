"""Intervals: hand-computed, and as wide as they should be."""

from math import sqrt
from random import Random  # noqa: TID251  (seeded: the same draws each time)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.figure.interval import (
    Interval,
    Moments,
    Z,
    by_chance,
    mean_of,
    mean_of_shares,
    ratio_of,
    together,
    wilson,
)


def moments(*values: float) -> Moments:
    return together([Moments(1, it, it * it) for it in values])


def test_wilsons_interval_is_that_of_the_books() -> None:
    found = wilson(8, 10)
    assert found is not None
    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high == pytest.approx(0.9433, abs=1e-4)
    assert wilson(0, 0) is None


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_and_its_limits_lie_between_nothing_and_all(hits: int, misses: int) -> None:
    found = wilson(hits, hits + misses)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_mean_of_one_share_is_that_share_and_of_two_alike_is_surer() -> None:
    one = Interval(0.5, 0.3, 0.7)
    assert mean_of_shares([one]) == one
    two = mean_of_shares([one, one])
    assert two is not None
    assert two.value == 0.5
    assert two.low == pytest.approx(0.5 - 0.2 / sqrt(2))
    assert mean_of_shares([]) is None


def test_a_mean_and_its_error_are_those_of_the_books() -> None:
    found = moments(1.0, 2.0, 3.0, 4.0)
    assert (found.count, found.mean) == (4, 2.5)
    assert found.error == pytest.approx(sqrt(5 / 3 / 4))
    interval = mean_of(found)
    assert interval is not None
    assert interval.high / interval.value == pytest.approx(interval.value / interval.low)
    assert mean_of(Moments()) is None


def test_one_value_tells_no_spread_and_equal_ones_have_none() -> None:
    alone = mean_of(moments(3.0))
    assert alone == Interval(3.0, 0.0, float("inf"))
    assert mean_of(moments(3.0, 3.0, 3.0)) == Interval(3.0, 3.0, 3.0)
    assert mean_of(moments(0.0, 0.0)) == Interval(0.0, 0.0, 0.0)


def test_a_ratio_of_means_needs_two_that_are_known() -> None:
    found = ratio_of(moments(1.0, 3.0), moments(4.0, 4.0))
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5 * 2.718281828 ** -(Z * 0.5))
    assert ratio_of(moments(1.0), moments(1.0, 2.0)) is None
    assert ratio_of(moments(1.0, 2.0), moments(0.0, 0.0)) is None


def test_two_standard_errors_are_one_case_in_twenty() -> None:
    assert by_chance(Z) == pytest.approx(0.05)
    assert by_chance(-Z) == pytest.approx(0.05)


def test_weighted_shares_at_their_effective_size_hold_the_truth_as_often_as_promised() -> None:
    draw, held = Random(3), 0  # noqa: S311  (seeded)
    for _ in range(400):
        rows = [(draw.choice((1.0, 1.0, 4.0)), draw.random() < 0.9) for _ in range(150)]
        weight, squares = sum(w for w, _ in rows), sum(w * w for w, _ in rows)
        size = weight * weight / squares
        found = wilson(size * sum(w for w, hit in rows if hit) / weight, size)
        assert found is not None
        held += found.low <= 0.9 <= found.high
    assert 0.92 <= held / 400 <= 0.98
