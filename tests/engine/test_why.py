"""Why the first of a plan comes first, in a sentence that a header can carry."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import NEVER, ask, hard, policy
from support.odds import odds
from switchgear.domain.ask import Ask
from switchgear.domain.decision import Strategy
from switchgear.domain.odds import NO_ODDS, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.units import NanoUsd
from switchgear.engine.decide import decide
from switchgear.engine.policy import Alias, Policy
from switchgear.engine.why import LUCKY, WON_BY

FLOOR = policy(success_floor=0.9)
SURE = odds({"small": 0.93, "mid": 0.95})


@pytest.mark.parametrize(
    ("rules", "known", "said"),
    [
        (policy(), NO_ODDS, "cheapest for tier small, before mid"),
        (policy(), SURE, "cheapest for tier small, with a chance of 0.93, before mid"),
        (FLOOR, SURE, "cheapest with a chance of 0.93, floor 0.9, before mid"),
        (FLOOR, odds(unsure={"small": 0.2}), "cheapest for tier small, before mid"),
        (
            FLOOR,
            odds({"small": 0.2, "mid": 0.3, "large": 0.4}),
            "likeliest with a chance of 0.40, where nobody reaches the floor of 0.9, before mid",
        ),
        (
            policy(strategy=Strategy.VALUE, value=NanoUsd(10**5)),
            SURE,
            "best value for tier small, with a chance of 0.93, before mid",
        ),
    ],
)
def test_a_decision_says_by_which_chance_it_was_made(rules: Policy, known: Odds, said: str) -> None:
    assert decide(ask(), Situation(), rules, NEVER, known).why == said


def test_the_chance_is_that_of_the_first_also_where_the_best_stands_last() -> None:
    alias = {"auto": Alias(name="auto", targets=("small", "mid", "large"), last=("small",))}
    decision = decide(ask(), Situation(), policy(aliases=alias, success_floor=0.9), NEVER, SURE)
    assert decision.why == "cheapest with a chance of 0.95, floor 0.9, before large"


def test_every_strategy_has_its_word() -> None:
    assert set(WON_BY) == set(Strategy)


@given(
    st.sampled_from([ask, hard]),
    st.sampled_from([FLOOR, policy()]),
    st.dictionaries(st.sampled_from(["small", "mid", "large"]), st.floats(0, 1)),
    st.floats(0, 1, exclude_max=True),
)
def test_it_is_short_and_plain_ascii(
    made: Callable[..., Ask], rules: Policy, sure: dict[str, float], draw: float
) -> None:
    known = odds(sure, purse=10**12, rate=0.5)
    said = decide(made(draw=draw), Situation(), rules, NEVER, known).why
    assert said.isascii()
    assert said.isprintable()
    assert len(said) < 150
    assert all(word.isascii() for word in LUCKY.values())
