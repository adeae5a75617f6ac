"""Whether a stage pays."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import NEVER, ask, policy
from switchgear.domain.decision import Decision, Reason, Verdict
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.decide import decide
from switchgear.engine.worth import LEAST, NEW, SPANS, Worth, saving_of, typical, weighed

A_SECOND = 10_000_000.0
"""Nano-dollars: a cent."""


def after(count: int, span: float, saved: float, worth: Worth = NEW) -> Worth:
    for _ in range(count):
        worth = weighed(worth, Seconds(span), saved, A_SECOND)
    return worth


def test_a_stage_that_costs_more_than_it_saves_is_left_out_and_not_before_enough_is_known() -> None:
    assert not after(LEAST - 1, 0.001, 0.0).paused
    assert after(LEAST, 0.001, 0.0).paused
    assert not after(LEAST, 0.001, 10_001.0).paused
    assert after(LEAST, 0.001, 9_999.0).paused


def test_a_stage_that_was_left_out_comes_back_once_it_is_fast_again() -> None:
    slow = after(LEAST, 0.01, 50_000.0)
    assert slow.paused
    assert not after(SPANS, 0.0001, 50_000.0, slow).paused


def test_a_stage_just_at_its_price_stays_as_it_is_and_does_not_flicker() -> None:
    out = after(LEAST, 0.001, 9_000.0)
    assert after(100, 0.001, 11_000.0, out).paused
    assert not after(400, 0.001, 14_000.0, out).paused


def test_a_few_pauses_of_the_machine_do_not_make_a_stage_slow() -> None:
    worth = after(100, 0.00005, 2_000.0)
    assert not after(7, 0.05, 2_000.0, worth).paused
    assert typical(after(7, 0.05, 2_000.0, worth)) == pytest.approx(0.00005)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=100))
def test_the_typical_time_lies_among_the_measured(spans: list[float]) -> None:
    worth = NEW
    for each in spans:
        worth = weighed(worth, Seconds(each), 0.0, 1.0)
    kept = spans[-SPANS:]
    assert len(worth.spans) == len(kept)
    assert min(kept) <= typical(worth) * (1 + 1e-9)
    assert typical(worth) <= max(kept) * (1 + 1e-9)


def judged(winner: str) -> Decision:
    plain = decide(ask(), Situation(), policy(), NEVER)
    figures = (("small", 1_000, 1.0), ("mid", 5_000, 2.0), ("large", 20_000, 4.0))
    verdicts = tuple(
        Verdict(name, Reason.CHOSEN, "", NanoUsd(cost), Seconds(latency), 0.0)
        for name, cost, latency in figures
    )
    return msgspec.structs.replace(plain, plan=(winner,) if winner else (), verdicts=verdicts)


ODDS = Odds(
    version="m",
    chances=(Chance("small", 0.9, 0.01, sure=True), Chance("mid", 0.95, 0.01, sure=True)),
)


def test_a_cheaper_choice_is_worth_its_saving_less_the_answers_that_must_be_given_again() -> None:
    assert saving_of(judged("small"), judged("mid"), Odds(version="m")) == pytest.approx(4_000)
    worse = saving_of(judged("small"), judged("mid"), ODDS)
    assert worse == pytest.approx(4_000 - 0.05 * 20_000)


def test_a_dearer_choice_is_worth_the_better_chance_that_the_owner_wants() -> None:
    assert saving_of(judged("mid"), judged("small"), ODDS) == pytest.approx(0.05 * 20_000)
    assert saving_of(judged("mid"), judged("small"), Odds()) == 0.0


def test_equal_choices_and_none_at_all_save_nothing() -> None:
    assert saving_of(judged("mid"), judged("mid"), ODDS) == 0.0
    assert saving_of(judged(""), judged("mid"), ODDS) == 0.0
    assert saving_of(judged("gone"), judged("mid"), ODDS) == 0.0
