import statistics
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.whatif.pair import Pairs

figures = st.floats(0.01, 1000)


def of(*pairs: tuple[float, float], doubt: float = 0.0) -> Pairs:
    found = Pairs()
    for before, after in pairs:
        found.add(before, after, doubt)
    return found


def test_means_and_change_are_as_reckoned_by_hand() -> None:
    found = of((1.0, 2.0), (3.0, 2.0), (5.0, 5.0))
    assert (found.before.value, found.after.value, found.change.value) == (3.0, 3.0, 0.0)
    # the changes are 1, -1, 0: their deviation is 1, of the mean 1 / sqrt(3)
    assert isclose(found.change.error, 1 / sqrt(3))


def test_a_change_by_the_same_share_everywhere_is_sure() -> None:
    found = of((1.0, 0.9), (10.0, 9.0), (100.0, 90.0)).relative
    assert found is not None
    assert found.value == pytest.approx(-0.1)
    assert found.error == pytest.approx(0.0, abs=1e-6)


def test_there_is_no_share_of_nothing() -> None:
    assert of().relative is None
    assert of((0.0, 1.0)).relative is None
    assert of().change.value == 0.0


def test_doubt_that_all_have_alike_does_not_average_out() -> None:
    many = of(*[(1.0, 2.0)] * 10_000, doubt=0.1)
    assert isclose(many.change.error, 0.1)
    assert many.before.error == 0.0


@given(st.lists(st.tuples(figures, figures), min_size=2, max_size=30))
def test_the_errors_are_those_of_the_textbook(pairs: list[tuple[float, float]]) -> None:
    found = of(*pairs)
    for mine, values in (
        (found.before, [before for before, _ in pairs]),
        (found.after, [after for _, after in pairs]),
        (found.change, [after - before for before, after in pairs]),
    ):
        expected = statistics.stdev(values) / sqrt(len(pairs))
        assert mine.value == pytest.approx(statistics.fmean(values), abs=1e-6)
        assert mine.error == pytest.approx(expected, rel=1e-3, abs=1e-3)


@given(st.lists(figures, min_size=1, max_size=30))
def test_equal_weights_are_worth_their_number_and_others_less(weights: list[float]) -> None:
    assert of(*[(2.0, 0.0)] * len(weights)).effective == pytest.approx(len(weights))
    assert of(*[(each, 0.0) for each in weights]).effective <= len(weights) + 1e-6
