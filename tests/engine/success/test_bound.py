from random import Random  # noqa: TID251  (seeded: the same draws each time)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.success.bound import NEVER, bar_of, clopper_pearson


@pytest.mark.parametrize(
    ("failures", "n", "delta", "bound"),
    [(0, 29, 0.05, 0.0981), (1, 10, 0.025, 0.4450), (5, 100, 0.05, 0.1023), (0, 10, 0.025, 0.3085)],
)
def test_bounds_are_those_of_the_tables(failures: int, n: int, delta: float, bound: float) -> None:
    assert clopper_pearson(failures, n, delta) == pytest.approx(bound, abs=1e-4)


@given(st.integers(0, 2_000), st.integers(0, 2_000), st.floats(0.001, 0.5))
def test_a_bound_is_above_what_was_seen_and_never_above_one(a: int, b: int, delta: float) -> None:
    failures, n = min(a, b), max(a, b)
    bound = clopper_pearson(failures, n, delta)
    assert bound == 1.0 or failures / n <= bound <= 1.0


def test_nothing_seen_promises_nothing() -> None:
    assert clopper_pearson(0, 0, 0.05) == 1.0
    assert bar_of([], 0.1, 0.05) == NEVER
    assert bar_of([(0.9, False)] * 28, 0.1, 0.05) == NEVER
    assert bar_of([(0.9, False)] * 500, 0.0, 0.05) == bar_of([(0.9, False)] * 9, 1.0, 0.0) == NEVER


def test_where_nothing_fails_the_bar_is_the_least_score() -> None:
    assert bar_of([(place / 500, False) for place in range(500)], 0.1, 0.05) < 0.06


def test_calls_of_one_score_are_above_a_bar_together_or_not_at_all() -> None:
    seen = [(0.9, False)] * 100 + [(0.5, False)] * 50 + [(0.5, True)] * 50
    assert bar_of(seen, 0.1, 0.05) == 0.9


def test_a_promise_made_on_the_sample_that_chose_it_is_kept() -> None:
    draw, broken, kept = Random(5), 0, 0  # noqa: S311  (seeded)
    for _ in range(200):
        scores = [draw.random() for _ in range(400)]
        bar = bar_of([(each, draw.random() > 0.7 + 0.3 * each) for each in scores], 0.1, 0.05)
        broken += bar <= 1 and 0.3 * (1 - bar) / 2 > 0.1
        kept += bar <= 1
    assert broken <= 10
    assert kept > 100


def test_a_search_ends_at_the_first_bar_that_is_not_kept() -> None:
    high = [(0.9 + place / 10_000, place % 5 == 0) for place in range(310)]
    low = [(place / 1_000, False) for place in range(690)]
    assert sum(failed for _, failed in high) < 0.07 * 1_000
    assert bar_of([*high, *low], 0.1, 0.05) == NEVER
