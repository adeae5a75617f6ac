"""The part of the config file that says who is chosen: tiers, aliases, rules."""

from typing import Annotated, Literal

import msgspec

from switchgear.config.escalation import Escalate
from switchgear.config.part import Amount, Entry, NextStep, Share, Wait
from switchgear.config.spending import BudgetsEntry
from switchgear.domain.decision import Rescue, Strategy
from switchgear.domain.situation import Percentile

Odd = Annotated[float, msgspec.Meta(gt=0, lt=1)]
TierName = Literal["tool", "small", "mid", "frontier"]
SensitivityName = Literal["public", "internal", "confidential", "restricted"]


class TierEntry(Entry, frozen=True, kw_only=True):
    """What one tier is for, and what its targets must keep."""

    max_complexity: Share = 1.0
    """The hardest call that needs no higher tier, 0 to 1. Default: 1."""
    quality_floor: Share = 0.0
    """The least quality that may serve it, 0 to 1. Default: 0."""
    latency_ceiling_s: Wait | None = None
    """Seconds for the whole answer, expected. Default: any."""
    cost_ceiling_usd: Amount | None = None
    """US dollars for one call, expected. Default: any."""


class PromiseEntry(Entry, frozen=True, kw_only=True):
    """How many of the calls that are routed down may fail at most."""

    failures: Odd
    """The share of them that may fail, between 0 and 1, such as 0.1."""
    confidence: Odd = 0.95
    """How sure that must be, between 0 and 1. Default: 0.95."""


class Tiers(Entry, frozen=True, kw_only=True):
    """The tiers, each with its thresholds."""

    small: TierEntry = TierEntry(max_complexity=0.35)
    """For calls that hardly need thought. Default: up to complexity 0.35."""
    mid: TierEntry = TierEntry(max_complexity=0.7)
    """For most work. Default: up to complexity 0.7."""
    frontier: TierEntry = TierEntry()
    """For what nothing else can do. Default: everything above."""


class AliasEntry(Entry, frozen=True, kw_only=True):
    """A name that callers may ask for."""

    targets: tuple[str, ...] = ()
    """Target ids that may serve it. Default: those of ``tiers``."""
    tiers: tuple[TierName, ...] = ()
    """Tiers whose models and agents may serve it. Default, without ``targets``: every model."""
    tier: TierName | None = None
    """The least tier. Default: the call's complexity decides."""
    strategy: Strategy | None = None
    """How targets are ordered. Default: the file's."""
    stands_for: str = ""
    """In observe mode: the target id that serves it, as if there were no routing."""
    last: tuple[str, ...] = ()
    """Target ids tried when all others have failed. Default: none."""
    rescue: Rescue | None = None
    """What is done when a target breaks off a stream. Default: the file's."""
    hedge: bool = False
    """Ask a second target when the first takes longer than its own p95. Default: false."""
    escalate: Escalate | None = None
    """When an answer that is not good enough goes up a tier. Default: the file's."""
    after_flaws: NextStep | None = None
    """Who takes the place of a target that rests for its flaws. Default: the file's."""
    success_floor: Share | None = None
    """The least chance of a target that may serve it, 0 to 1, where that is known. Default: the
    file's."""
    promise: PromiseEntry | None = None
    """How many of its calls that are routed down may fail. Default: the file's."""
    value_usd: Amount | None = None
    """US dollars that an answer is worth, for the strategy ``value``. Default: the file's."""
    latency_usd_s: Amount | None = None
    """US dollars that a second of waiting costs there. Default: the file's."""
    budgets: BudgetsEntry = BudgetsEntry()
    """What all calls that ask for it may spend together. Default: any."""


class ThenEntry(Entry, frozen=True, kw_only=True):
    """What a rule does; what is not said stays as it is."""

    targets: tuple[str, ...] | None = None
    """Only these may serve."""
    first: tuple[str, ...] = ()
    """Tried before all others, in this order."""
    last: tuple[str, ...] = ()
    """Tried after all others, in this order."""
    tier: TierName | None = None
    """The tier that the call needs, whatever its complexity."""
    strategy: Strategy | None = None
    """How targets are ordered."""
    percentile: Percentile | None = None
    """Which latency is planned with."""
    cost_ceiling_usd: Amount | None = None
    """US dollars for one call, expected."""
    latency_ceiling_s: Wait | None = None
    """Seconds for the whole answer, expected."""
    quality_floor: Share | None = None
    """The least quality that may serve, 0 to 1."""
    regions: tuple[str, ...] | None = None
    """The data may be handled only there."""
    sensitivity: SensitivityName | None = None
    """The data is at least this delicate."""
    rescue: Rescue | None = None
    """What is done when a target breaks off a stream."""
    hedge: bool | None = None
    """Whether a second target is asked when the first takes longer than its own p95."""
    escalate: Escalate | None = None
    """When an answer that is not good enough goes up a tier."""
    after_flaws: NextStep | None = None
    """Who takes the place of a target that rests for its flaws."""
    success_floor: Share | None = None
    """The least chance of a target that may serve, 0 to 1, where that is known."""
    promise: PromiseEntry | None = None
    """How many of the calls that are routed down may fail."""
    value_usd: Amount | None = None
    """US dollars that an answer is worth, for the strategy ``value``."""
    latency_usd_s: Amount | None = None
    """US dollars that a second of waiting costs there."""


class RuleEntry(Entry, frozen=True, kw_only=True):
    """One rule; the first whose condition holds is applied."""

    name: str
    """Shown in decisions."""
    when: str = ""
    """CEL over ``ask``, ``key``, ``task`` and ``metadata``. Default: always."""
    then: ThenEntry
    """What it does."""
