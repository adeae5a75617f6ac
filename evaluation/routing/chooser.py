"""The product's own decision, made for each prompt of a task, at what a right answer is worth."""

from collections.abc import Sequence

from evaluation.routing.target import NANO
from typing_extensions import override

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Decision, Strategy
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.situation import Situation
from switchgear.domain.target import Target, Tier
from switchgear.domain.units import NanoUsd
from switchgear.engine.cost import expected_cost, expected_output
from switchgear.engine.decide import decide
from switchgear.engine.policy import NO_RULE, Alias, Conditions, Policy, TierRule

NOW = Situation()
VERSION = "evaluated"


class NoRules(Conditions):
    """There are no rules."""

    @override
    def first(self, ask: Ask, complexity: float) -> int:
        return NO_RULE


RULES = NoRules()


def policy_of(targets: Sequence[Target], routes: Sequence[str], usd: float) -> Policy:
    """Return a policy that takes what is worth most, where a right answer is worth so much."""
    every = tuple(each.id for each in targets)
    return Policy(
        version=VERSION,
        targets=tuple(targets),
        tiers=tuple(TierRule(tier=tier) for tier in Tier),
        aliases={name: Alias(name=name, targets=every, tier=Tier.TOOL) for name in routes},
        strategy=Strategy.VALUE,
        value=NanoUsd(round(usd * NANO)),
    )


def decided(ask: Ask, chances: tuple[Chance, ...], policy: Policy) -> Decision:
    """Return the product's decision on one call."""
    return decide(ask, NOW, policy, RULES, Odds(version=VERSION, chances=chances))


class Weighing:
    """What ``decided`` weighs under ``policy_of``, and no more: it is ten times as fast.

    A test holds the two to one another.
    """

    def __init__(self, targets: Sequence[Target], asks: Sequence[Ask]) -> None:
        """Take the targets, and the calls."""
        self._quality = {each.id: each.quality for each in targets}
        self._costs = [
            [(each.id, expected_cost(each, ask, expected_output(ask)) / NANO) for each in targets]
            for ask in asks
        ]

    def chosen(self, said: Sequence[tuple[Chance, ...]], usd: float) -> tuple[str, ...]:
        """Return who each call goes to."""
        return tuple(
            self._worth_most(costs, chances, usd)
            for costs, chances in zip(self._costs, said, strict=True)
        )

    def _worth_most(
        self, costs: Sequence[tuple[str, float]], chances: tuple[Chance, ...], usd: float
    ) -> str:
        good = {each.target: each.p for each in chances if each.sure}
        if len(good) < len(costs):
            good = self._quality | good
        return max([(good[name] * usd - cost, -cost, name) for name, cost in costs])[2]
