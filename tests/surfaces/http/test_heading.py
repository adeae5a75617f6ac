import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.attempt import Attempt
from switchgear.domain.fact import Tried
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.heading import MOST_LETTERS, dollars, of_failure, safe


@given(st.text())
def test_any_text_makes_a_header_that_is_one_line_of_latin_1(text: str) -> None:
    value = safe(text)
    assert not set(value) & (set(range(32)) - {9} | {127})
    assert len(value) == min(len(text), MOST_LETTERS)


@pytest.mark.parametrize(
    ("cost", "text"),
    [(0, b"0.000000000"), (1, b"0.000000001"), (12_300_000_000, b"12.300000000")],
)
def test_money_is_written_exactly(cost: int, text: bytes) -> None:
    assert dollars(NanoUsd(cost)) == text


def test_a_failure_tells_what_was_tried_and_what_it_cost() -> None:
    trail = Trail()
    for took in (0.25, 0.5):
        attempt = Attempt(
            target="a", model="m", began=Seconds(0.0), took=Seconds(took), cost=NanoUsd(5)
        )
        trail.add(Tried(attempt))
    marks = of_failure("sg_1", "t", "upstream_lost", trail, Seconds(1.0))
    assert (marks.attempts, marks.cost, marks.own, marks.reason) == (2, 10, 0.25, "upstream_lost")
