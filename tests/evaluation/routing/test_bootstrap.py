import pytest
from evaluation.routing.bootstrap import interval
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.floats(-10, 10), min_size=5, max_size=40))
def test_the_interval_lies_within_what_was_drawn_from_and_is_the_same_each_time(
    values: list[float],
) -> None:
    def mean(places: object) -> float:
        assert isinstance(places, list)
        return sum(values[it] for it in places) / len(places)

    low, high = interval(len(values), mean, 40)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
    assert (low, high) == interval(len(values), mean, 40)


def test_the_interval_of_a_mean_is_about_two_standard_errors_to_each_side() -> None:
    values = [0.0, 1.0] * 200
    low, high = interval(400, lambda places: sum(values[it] for it in places) / len(places), 400)
    assert 0.44 < low < 0.465
    assert 0.535 < high < 0.56


def test_a_figure_without_a_value_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no value"):
        interval(5, lambda _: None, 10)
