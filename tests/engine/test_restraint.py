"""How many calls of lower lanes may be under way."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.units import Seconds
from switchgear.engine.restraint import LATE, LEAST, adjusted

ON_TIME = Seconds(0.0)


def test_a_late_loop_takes_calls_away_and_one_on_time_gives_them_back_slowly() -> None:
    assert adjusted(100, 100, LATE, 500) == 70
    assert adjusted(500, 100, LATE, 500) == 70, "what there is counts, not what there might be"
    assert adjusted(70, 70, ON_TIME, 500) == 72
    assert adjusted(499, 499, ON_TIME, 500) == 500


def test_what_is_not_used_up_is_not_raised() -> None:
    assert adjusted(70, 10, ON_TIME, 500) == 70


def test_a_few_always_go_on() -> None:
    assert adjusted(4, 1, LATE, 500) == LEAST
    assert adjusted(4, 4, LATE, 2) == 2


@given(
    st.integers(1, 2000),
    st.integers(0, 2000),
    st.floats(0, 1),
    st.integers(min_value=1, max_value=2000),
)
def test_there_may_always_be_one_and_never_more_than_there_are_places(
    most: int, low: int, late: float, places: int
) -> None:
    assert 1 <= adjusted(min(most, places), low, Seconds(late), places) <= places
