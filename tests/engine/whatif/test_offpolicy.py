"""Calls with known means under two policies: what is estimated from one is held to the other."""

from statistics import fmean

import pytest

from support.pastime import drawer
from switchgear.engine.whatif.offpolicy import Drawn, Draws, OffPolicy

COSTS = {"small": 1.0, "large": 5.0}
"""Means, for easy calls; hard ones cost twice as much."""
OLD = {"small": 0.2, "large": 0.8}
NEW = {"small": 0.9, "large": 0.1}
TRUE = 1.5 * (0.9 * 1.0 + 0.1 * 5.0)
"""Half of the calls are hard."""
CALLS = 300
ROUNDS = 300


def estimate(seed: int, guess: float = 1.0) -> OffPolicy:
    """What is expected is off by the factor ``guess``, and knows nothing of hard and easy."""
    draw, draws = drawer(f"seed {seed}"), Draws()
    for _ in range(CALLS):
        hard = 1 + (draw() < 0.5)
        target = "small" if draw() < OLD["small"] else "large"
        seen = COSTS[target] * hard * (0.5 + draw())
        would = "small" if draw() < NEW["small"] else "large"
        weight = NEW[target] / OLD[target]
        draws.add(Drawn(weight, seen, COSTS[target] * guess, COSTS[would] * guess))
    found = draws.result()
    assert found is not None
    return found


ALL = [estimate(seed) for seed in range(ROUNDS)]


@pytest.mark.parametrize("way", ["ips", "snips", "robust"])
def test_each_way_finds_the_truth_on_the_whole(way: str) -> None:
    found = [getattr(each, way) for each in ALL]
    mean = fmean([each.value for each in found])
    scatter = fmean([each.error for each in found]) / ROUNDS**0.5
    assert abs(mean - TRUE) < 4 * scatter + (0.02 if way == "snips" else 0.0)


@pytest.mark.parametrize("way", ["ips", "snips", "robust"])
def test_nineteen_of_twenty_intervals_hold_the_truth(way: str) -> None:
    found = [getattr(each, way) for each in ALL]
    covered = fmean([each.low <= TRUE <= each.high for each in found])
    assert 0.91 <= covered <= 0.99


def test_what_is_expected_may_be_wrong_and_the_correction_is_right() -> None:
    found = [estimate(seed, guess=3.0).robust.value for seed in range(100)]
    assert fmean(found) == pytest.approx(TRUE, rel=0.05)


def test_a_fair_expectation_makes_it_surer() -> None:
    assert fmean([each.robust.error for each in ALL]) < fmean([each.ips.error for each in ALL])


def test_the_worth_of_the_sample_is_as_reckoned_by_hand() -> None:
    draws = Draws()
    for weight in (1.0, 1.0, 2.0):
        draws.add(Drawn(weight, 1.0, 1.0, 1.0))
    found = draws.result()
    assert found is not None
    assert found.effective == pytest.approx(16 / 6)  # the sum squared, by the sum of squares
    assert found.ips.value == pytest.approx(4 / 3)
    assert found.snips.value == pytest.approx(1.0)
    assert found.robust.value == pytest.approx(1.0)


def test_what_was_never_drawn_does_not_overlap() -> None:
    draws = Draws()
    for number in range(1000):
        draws.add(Drawn(0.0 if number % 2 else 1.0, 1.0, 1.0, 1.0))
    found = draws.result()
    assert found is not None
    assert not found.overlaps
    assert not found.enough
    assert ALL[0].overlaps


def test_few_calls_are_not_relied_on() -> None:
    draws = Draws()
    for _ in range(99):
        draws.add(Drawn(1.0, 1.0, 1.0, 1.0))
    few = draws.result()
    draws.add(Drawn(1.0, 1.0, 1.0, 1.0))
    many = draws.result()
    assert few is not None
    assert many is not None
    assert (few.enough, many.enough) == (False, True)


def test_where_all_weigh_nothing_nothing_is_divided_by_it() -> None:
    draws = Draws()
    assert draws.result() is None
    draws.add(Drawn(0.0, 1.0, 1.0, 1.0))
    found = draws.result()
    assert found is not None
    assert (found.effective, found.snips.value) == (0.0, 0.0)
