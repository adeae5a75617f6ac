"""What holds for one call: the policy, the rule that matched and the call's own wishes as one."""

from typing import TypeVar

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Limit, Strategy
from switchgear.domain.situation import Percentile
from switchgear.domain.target import Capability, Sensitivity, Target, Tier
from switchgear.domain.units import NanoUsd, Seconds
from switchgear.engine.name import Asked, resolve
from switchgear.engine.policy import Alias, Policy, Promise, Then, TierRule
from switchgear.engine.shortfall import Shortfall, shortfalls

T = TypeVar("T")

NOTHING = Then()
NO_FLOOR = -1
NO_CEILING = int(max(Tier))
NOBODY = Asked(pool=frozenset())
NO_ALIAS = Alias(name="", targets=())


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The limits and the order for one call."""

    asked: Asked
    tier: Tier
    """The tier that the call needs."""
    strategy: Strategy
    percentile: Percentile
    relax: tuple[Limit, ...]
    quality_floor: float
    cost_ceiling: NanoUsd | None
    latency_ceiling: Seconds | None
    only: frozenset[str] | None
    """What the rule leaves; None means all."""
    first: tuple[str, ...]
    last: tuple[str, ...]
    after_flaws: tuple[str, ...]
    """Who takes the place of one that rests; nobody named means the stronger."""
    regions: frozenset[str] | None
    """None means anywhere; an empty set means nowhere."""
    sensitivity: Sensitivity
    vectors: str = ""
    """The provider's name of the one model whose vectors are wanted; empty where none are."""
    learned: bool = False
    """What was learnt chooses here."""
    least: Tier = Tier.TOOL
    """The tier that was named for it, below which no chance leads; TOOL where none was."""
    success_floor: float | None = None
    """The least chance; None leaves it to the tier."""
    promise: Promise | None = None
    value: NanoUsd | None = None
    """What an answer that does is worth; None for not said."""
    second: NanoUsd = NanoUsd(0)
    """What a second of waiting costs."""
    shortfalls: tuple[Shortfall, ...] = ()
    """What follows where a target is not good enough."""


class Profile(msgspec.Struct, frozen=True, gc=False):
    """What the terms of a call depend on: calls of one profile share them."""

    model: str
    rule: int
    """Number of the rule that matched, or NO_RULE."""
    tier: int
    """That the complexity asks for. Plain numbers, because a profile is hashed for each call."""
    floor: int
    """That the caller asks for; NO_FLOOR when none."""
    needs: frozenset[Capability]
    allow: frozenset[str]
    regions: frozenset[str]
    sensitivity: int
    tiers: frozenset[Tier] = frozenset()
    ceiling: int = NO_CEILING
    """The highest that its task may have."""
    first: tuple[str, ...] = ()
    """Whom its task wants first, where they may serve it whatever was asked for."""


def profile_of(ask: Ask, rule: int, tier: Tier) -> Profile:
    """Return the profile of a call."""
    return Profile(
        ask.model,
        rule,
        int(tier),
        NO_FLOOR if ask.floor is None else int(ask.floor),
        ask.needs,
        ask.allow,
        ask.regions,
        int(ask.sensitivity),
        ask.tiers,
        NO_CEILING if ask.ceiling is None else int(ask.ceiling),
        ask.first if ask.beyond else (),
    )


def terms_of(policy: Policy, profile: Profile) -> Terms:
    """Return what holds for calls of this profile.

    A rule overrides the tier's thresholds and the alias's order; it can only narrow where data may
    go. The caller's own floor is kept whatever the rule says.
    """
    then = policy.rules[profile.rule].then if profile.rule >= 0 else NOTHING
    asked = resolve(profile.model, policy) or NOBODY
    tier = _tier(profile, asked, policy, then)
    limits = _limits(policy, tier)
    alias = asked.alias
    strategy = then.strategy or (alias.strategy if alias else None) or policy.strategy
    said = alias or NO_ALIAS
    floor = _said(then.success_floor, _said(said.success_floor, policy.success_floor))
    return Terms(
        asked=asked,
        tier=tier,
        strategy=strategy,
        percentile=then.percentile or policy.percentile,
        relax=policy.relax,
        quality_floor=_said(then.quality_floor, limits.quality_floor),
        cost_ceiling=_said(then.cost_ceiling, limits.cost_ceiling),
        latency_ceiling=_said(then.latency_ceiling, limits.latency_ceiling),
        only=then.targets,
        first=profile.first + then.first if profile.first else then.first,
        last=then.last + (alias.last if alias else ()),
        after_flaws=_said(
            then.after_flaws, _said(alias.after_flaws if alias else None, policy.after_flaws)
        ),
        regions=_narrowed(profile.regions or None, then.regions),
        sensitivity=Sensitivity(max(profile.sensitivity, then.sensitivity or 0)),
        vectors=_vectors(policy, asked) if Capability.EMBEDDINGS in profile.needs else "",
        learned=policy.learned and not asked.named,
        least=_least(then, said),
        success_floor=floor,
        shortfalls=shortfalls(policy.relax, floored=floor is not None),
        promise=_said(then.promise, _said(said.promise, policy.promise)),
        value=_said(then.value, _said(said.value, policy.value)),
        second=_said(then.second, _said(said.second, policy.second)) or NanoUsd(0),
    )


def _least(then: Then, alias: Alias) -> Tier:
    """Return the tier that a rule or alias names; TOOL where no nearer one is.

    Where the same one, or one that goes before it, says what chance is enough, that holds.
    """
    if then.success_floor is not None or then.promise is not None:
        return Tier.TOOL
    if then.tier is not None:
        return then.tier
    if alias.success_floor is not None or alias.promise is not None:
        return Tier.TOOL
    return alias.tier or Tier.TOOL


def _vectors(policy: Policy, asked: Asked) -> str:
    """Return the model that a name stands for where vectors are wanted.

    It is the same for every caller and at any hour: those of two models cannot be compared, so
    whoever keeps them must be able to rely on the name.
    """
    names = asked.alias.targets if asked.alias else (asked.named,)
    embedding: dict[str, Target] = {
        each.id: each for each in policy.targets if Capability.EMBEDDINGS in each.capabilities
    }
    return next((embedding[name].model for name in names if name in embedding), "")


def _tier(profile: Profile, asked: Asked, policy: Policy, then: Then) -> Tier:
    if then.tier is not None:
        tier = then.tier
    elif asked.named:
        tier = policy.tiers[0].tier if policy.tiers else Tier.SMALL
    else:
        tier = max(Tier(profile.tier), asked.tier or Tier.TOOL)
    tier = max(tier, Tier(max(profile.floor, Tier.TOOL)))
    return min(tier, Tier(profile.ceiling))


def tier_for(complexity: float, policy: Policy) -> Tier:
    """Return the lowest tier that is meant for calls of this complexity."""
    for tier_rule in policy.tiers:
        if complexity <= tier_rule.max_complexity:
            return tier_rule.tier
    return policy.tiers[-1].tier if policy.tiers else Tier.SMALL


def _limits(policy: Policy, tier: Tier) -> TierRule:
    for tier_rule in policy.tiers:
        if tier_rule.tier == tier:
            return tier_rule
    return TierRule(tier=tier)


def _said(wish: T | None, otherwise: T) -> T:
    return otherwise if wish is None else wish


def _narrowed(ours: frozenset[str] | None, theirs: frozenset[str] | None) -> frozenset[str] | None:
    if ours is None or theirs is None:
        return ours if theirs is None else theirs
    return ours & theirs
