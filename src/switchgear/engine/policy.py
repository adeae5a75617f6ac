"""The owner's rules, compiled: what ``decide`` judges by."""

from typing import Protocol

import msgspec
from typing_extensions import override

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Limit, Rescue, Strategy
from switchgear.domain.escalation import Escalation
from switchgear.domain.situation import Percentile
from switchgear.domain.target import Sensitivity, Target, Tier
from switchgear.domain.units import NanoUsd, Seconds

PLAN_LENGTH = 4
"""Targets in a plan, at most: one to answer and three to fall back on."""


NO_RULE = -1


class Conditions(Protocol):
    """The compiled conditions of all rules of a policy."""

    def first(self, ask: Ask, complexity: float) -> int:
        """Return the number of the first rule that holds, or NO_RULE; an error is a no."""
        ...


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the calls that are routed down may fail at most."""

    failures: float
    """Their share, 0 to 1."""
    confidence: float
    """With which that holds, such as 0.95."""


class TierRule(msgspec.Struct, frozen=True, kw_only=True):
    """What one tier is for, and the thresholds that its targets must keep."""

    tier: Tier
    max_complexity: float = 1.0
    """The hardest call that needs no higher tier, 0 to 1."""
    quality_floor: float = 0.0
    latency_ceiling: Seconds | None = None
    """For the whole answer; None means any."""
    cost_ceiling: NanoUsd | None = None
    """For one call; None means any."""


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A name that callers may ask for, and what it may mean."""

    name: str
    targets: tuple[str, ...]
    """Target ids that may serve it, in the owner's order."""
    tier: Tier | None = None
    """The least tier; None leaves it to the call's complexity."""
    strategy: Strategy | None = None
    """None takes the policy's."""
    stands_for: str = ""
    """In observe mode: the target id that serves it, as if there were no routing."""
    last: tuple[str, ...] = ()
    """Target ids tried when all others have failed, such as a tool's template answer."""
    rescue: Rescue | None = None
    """None takes the policy's."""
    hedge: bool = False
    """A second target is asked when the first takes longer than it nearly always does."""
    escalate: Escalation | None = None
    """What is not said here is the policy's."""
    after_flaws: tuple[str, ...] | None = None
    """Target ids that take the place of one that rests for its flaws; none of them means the
    stronger ones, None takes the policy's."""
    success_floor: float | None = None
    """None takes the policy's."""
    promise: Promise | None = None
    """None takes the policy's."""
    value: NanoUsd | None = None
    """None takes the policy's."""
    second: NanoUsd | None = None
    """None takes the policy's."""


class Then(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule does. Each field narrows or overrides; what is not said stays."""

    targets: frozenset[str] | None = None
    """Only these may serve."""
    first: tuple[str, ...] = ()
    """Tried before all others, in this order: a tool that may know the answer."""
    last: tuple[str, ...] = ()
    """Tried after all others, in this order."""
    tier: Tier | None = None
    """The tier that the call needs, whatever its complexity."""
    strategy: Strategy | None = None
    percentile: Percentile | None = None
    cost_ceiling: NanoUsd | None = None
    latency_ceiling: Seconds | None = None
    quality_floor: float | None = None
    regions: frozenset[str] | None = None
    """The data may be handled only there; it can only narrow what the key allows."""
    sensitivity: Sensitivity | None = None
    """The data is at least this delicate."""
    rescue: Rescue | None = None
    hedge: bool | None = None
    escalate: Escalation | None = None
    """What is not said here is the alias's."""
    after_flaws: tuple[str, ...] | None = None
    """Target ids that take the place of one that rests for its flaws; none of them means the
    stronger ones."""
    success_floor: float | None = None
    promise: Promise | None = None
    value: NanoUsd | None = None
    second: NanoUsd | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; the first whose condition holds is applied."""

    name: str
    when: str = ""
    """CEL over ``metadata``, ``key``, ``ask``, ``task``; empty always holds."""
    then: Then


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Everything ``decide`` needs that changes only when somebody edits the config."""

    version: str
    """Digest of all that is here."""
    targets: tuple[Target, ...]
    tiers: tuple[TierRule, ...]
    """Lowest first."""
    aliases: dict[str, Alias] = {}
    rules: tuple[Rule, ...] = ()
    strategy: Strategy = Strategy.COST
    percentile: Percentile = Percentile.P95
    relax: tuple[Limit, ...] = (Limit.LATENCY, Limit.COST, Limit.QUALITY, Limit.SUCCESS)
    """Soft limits to give up when no target keeps them all, first to last."""
    rescue: Rescue = Rescue.CONTINUE
    escalate: Escalation | None = None
    """When an answer that is not good enough goes up a tier."""
    plan_length: int = PLAN_LENGTH
    metadata: frozenset[str] = frozenset()
    """Names of the metadata that some condition reads; only these are kept on the ledger."""

    after_flaws: tuple[str, ...] = ()
    """Target ids that take the place of one that rests for its flaws; none means the stronger."""
    learned: bool = True
    """What was learnt chooses, where it is sure; else it is only written down."""
    success_floor: float | None = None
    """The least chance that may serve, 0 to 1; None leaves it to the tiers."""
    promise: Promise | None = None
    """What must be known of a target before it takes calls below their tier; None for nothing."""
    value: NanoUsd | None = None
    """What an answer that does is worth, for the strategy ``value``."""
    second: NanoUsd | None = None
    """What a second of waiting costs there; None for nothing."""

    @override
    def __hash__(self) -> int:
        return hash(self.version)


def promises_of(policy: Policy) -> tuple[Promise, ...]:
    """Return every promise that the policy makes, each once: the bars that its odds must have."""
    said = (
        policy.promise,
        *(each.promise for each in policy.aliases.values()),
        *(each.then.promise for each in policy.rules),
    )
    return tuple(dict.fromkeys(each for each in said if each is not None))
