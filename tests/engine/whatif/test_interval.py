from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from switchgear.engine.whatif.interval import Interval, around, share_of


def test_a_mean_lies_between_two_standard_errors() -> None:
    found = around(10.0, 2.0)
    assert (round(found.low, 2), round(found.high, 2)) == (6.08, 13.92)
    assert isclose(found.error, 2.0)


def test_wilson_s_interval_is_as_published() -> None:
    # 10 of 50: 0.1124 to 0.3304 (Agresti and Coull 1998, by the score method)
    found = share_of(10, 50)
    assert (round(found.low, 4), round(found.high, 4)) == (0.1124, 0.3304)


def test_of_nothing_any_share_may_be() -> None:
    assert share_of(0, 0) == Interval(0.0, 0.0, 1.0)
    assert share_of(0, 20).high > 0.1


@given(st.integers(1, 500), st.data())
def test_a_share_lies_in_its_interval(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    found = share_of(hits, n)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
