"""What holds for one call."""

import pytest

from support.cast import ask, policy
from switchgear.domain.decision import Strategy
from switchgear.domain.situation import Percentile
from switchgear.domain.target import Sensitivity, Tier
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.policy import Alias, Rule, Then
from switchgear.engine.terms import profile_of, terms_of, tier_for


@pytest.mark.parametrize(
    ("complexity", "tier"),
    [(0.0, Tier.SMALL), (0.35, Tier.SMALL), (0.36, Tier.MID), (0.7, Tier.MID), (1, Tier.FRONTIER)],
)
def test_complexity_gives_the_lowest_tier_that_is_meant_for_it(
    complexity: float, tier: Tier
) -> None:
    assert tier_for(complexity, policy()) is tier


def test_a_rule_overrides_the_tiers_thresholds_and_nothing_else() -> None:
    then = Then(
        strategy=Strategy.LATENCY,
        percentile=Percentile.P99,
        cost_ceiling=NanoUsd(5),
        latency_ceiling=Seconds(2.0),
        quality_floor=0.8,
        sensitivity=Sensitivity.CONFIDENTIAL,
    )
    rules = policy(rules=[Rule(name="r", then=then)])
    plain = terms_of(rules, profile_of(ask(), -1, Tier.SMALL))
    ruled = terms_of(rules, profile_of(ask(), 0, Tier.SMALL))
    assert (plain.strategy, plain.percentile, plain.quality_floor) == (
        Strategy.COST,
        Percentile.P95,
        0.4,
    )
    assert (ruled.strategy, ruled.percentile, ruled.quality_floor) == (
        Strategy.LATENCY,
        Percentile.P99,
        0.8,
    )
    assert (ruled.cost_ceiling, ruled.latency_ceiling) == (5, 2.0)
    assert ruled.sensitivity is Sensitivity.CONFIDENTIAL
    assert ruled.tier is plain.tier is Tier.SMALL


def test_the_callers_floor_is_kept_whatever_the_rule_says() -> None:
    rules = policy(rules=[Rule(name="r", then=Then(tier=Tier.SMALL))])
    assert terms_of(rules, profile_of(ask(floor=Tier.MID), 0, Tier.SMALL)).tier is Tier.MID


def test_an_alias_may_set_the_least_tier_the_strategy_and_the_last_resort() -> None:
    alias = Alias(
        name="smart",
        targets=("large",),
        tier=Tier.FRONTIER,
        strategy=Strategy.QUALITY,
        last=("calc",),
    )
    rules = policy(aliases={"smart": alias})
    terms = terms_of(rules, profile_of(ask(model="smart"), -1, Tier.SMALL))
    assert (terms.tier, terms.strategy, terms.last) == (
        Tier.FRONTIER,
        Strategy.QUALITY,
        ("calc",),
    )
