from hypothesis import given
from hypothesis import strategies as st

from switchgear.demo.outage import Ambush, Failure, Outage


@given(st.integers(1, 50), st.integers(0, 50), st.integers(1, 100))
def test_an_outage_strikes_its_calls_and_no_other(first: int, more: int, number: int) -> None:
    outage = Outage(first=first, last=first + more)
    assert outage.strikes(number) is (number in range(first, first + more + 1))


def test_the_ambush_hits_the_first_provider_that_comes_by_and_stays_with_it() -> None:
    ambush = Ambush(after=2)
    assert ambush.hit("a", 1) is None
    assert ambush.hit("b", 2) is Failure.ERROR
    assert ambush.hit("a", 2) is None
    assert ambush.hit("b", 4) is Failure.ERROR
    assert ambush.victim == "b"
