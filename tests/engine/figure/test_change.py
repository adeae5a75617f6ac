"""Changes are found where they are, and not where there are none."""

from random import Random  # noqa: TID251  (seeded: the same draws each time)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.figure.change import LEVEL, mean_change, mix_change, rate_change
from switchgear.engine.figure.interval import Moments, together


def days(draw: Random, rates: list[float], calls: int = 100) -> list[tuple[int, int]]:
    return [(sum(draw.random() < rate for _ in range(calls)), calls) for rate in rates]


def test_a_share_that_triples_is_found_on_the_day_on_which_it_did() -> None:
    found = rate_change([(5, 100)] * 6 + [(15, 100)] * 4)
    assert found is not None
    assert found.place == 6
    assert found.before == pytest.approx(0.05)
    assert found.after == pytest.approx(0.15)
    assert found.chance < 1e-4


def test_nothing_is_said_of_few_or_of_what_stays() -> None:
    assert rate_change([(0, 5), (5, 5)]) is None
    assert rate_change([(5, 100)] * 10) is None
    assert rate_change([(3, 100)]) is None
    assert rate_change([]) is None


def test_of_a_hundred_series_in_which_nothing_happens_hardly_one_is_said_to_change() -> None:
    draw = Random(11)  # noqa: S311  (seeded)
    alarms = sum(rate_change(days(draw, [0.1] * 14, 40)) is not None for _ in range(300))
    assert alarms / 300 <= 2 * LEVEL


def test_a_share_that_doubles_half_way_is_nearly_always_found() -> None:
    draw = Random(12)  # noqa: S311  (seeded)
    found = sum(rate_change(days(draw, [0.1] * 7 + [0.2] * 7, 100)) is not None for _ in range(50))
    assert found >= 45


def values(*all_of: float) -> Moments:
    return together([Moments(1, it, it * it) for it in all_of])


def test_a_mean_that_rises_is_found_and_one_that_stays_is_not() -> None:
    low, high = values(*[1.0, 2.0] * 20), values(*[3.0, 4.0] * 20)
    found = mean_change([low, low, high, high])
    assert found is not None
    assert (found.place, found.before, found.after) == (2, 1.5, 3.5)
    assert mean_change([low, low, low]) is None
    assert mean_change([values(1.0), values(9.0)]) is None


def test_values_that_are_all_alike_change_when_they_change() -> None:
    same = values(*[2.0] * 30)
    assert mean_change([same, same]) is None
    assert mean_change([same, values(*[3.0] * 30)]) is not None


def test_the_rule_whose_share_moved_most_is_named() -> None:
    found = mix_change({"a": 80, "b": 20}, {"a": 40, "b": 40, "c": 20})
    assert found is not None
    assert found.name in {"a", "c"}
    assert mix_change({"a": 80, "b": 20}, {"a": 81, "b": 19}) is None
    assert mix_change({"a": 3}, {"b": 3}) is None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12))
def test_any_series_can_be_looked_at(series: list[tuple[int, int]]) -> None:
    found = rate_change([(hits, hits + misses) for hits, misses in series])
    assert found is None or 0 <= found.chance < LEVEL
