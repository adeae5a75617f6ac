import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import ask
from switchgear.domain.attempt import Attempt
from switchgear.domain.decision import Decision, Reason, Strategy, Verdict
from switchgear.domain.fact import Decided, Tried
from switchgear.domain.situation import Situation
from switchgear.domain.target import Tier
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.heading import MOST_LETTERS, dollars, of_failure, safe, verdicts


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


def test_verdicts_are_a_letter_for_each_target() -> None:
    trail = Trail()
    assert verdicts(trail) == []
    judged = (
        Verdict(target="a", reason=Reason.TOO_DEAR),
        Verdict(target="b", reason=Reason.CHOSEN),
    )
    decision = Decision(
        plan=("b",),
        verdicts=judged,
        policy="p",
        strategy=Strategy.COST,
        tier=Tier.MID,
        complexity=0.5,
    )
    trail.add(Decided(ask=ask(), situation=Situation(), decision=decision))
    assert verdicts(trail) == [(b"x-switchgear-verdicts", b"a=d, b=C")]
    assert of_failure("sg_1", "", "no_target", trail, Seconds(0.1)).tier == "mid"


def test_a_failure_tells_what_was_tried_and_what_it_cost() -> None:
    trail = Trail()
    for took in (0.25, 0.5):
        attempt = Attempt(
            target="a", model="m", began=Seconds(0.0), took=Seconds(took), cost=NanoUsd(5)
        )
        trail.add(Tried(attempt))
    marks = of_failure("sg_1", "t", "upstream_lost", trail, Seconds(1.0))
    assert (marks.attempts, marks.cost, marks.own, marks.reason) == (2, 10, 0.25, "upstream_lost")
