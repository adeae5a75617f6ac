"""Compile the part of the config file that says who is chosen."""

from collections.abc import Sequence

from switchgear.config.cascade import escalation_of
from switchgear.config.part import NextStep
from switchgear.config.price import nano
from switchgear.config.rule import AliasEntry, PromiseEntry, RuleEntry, TierEntry
from switchgear.config.schema import File
from switchgear.config.target import make_target, resolve
from switchgear.domain.learning import Use
from switchgear.domain.target import Sensitivity, Target, Tier
from switchgear.domain.units import NanoUsd, Seconds, UnixMs
from switchgear.engine.clause import metadata_names
from switchgear.engine.policy import Alias, Policy, Promise, Rule, Then, TierRule
from switchgear.engine.policydoc import versioned

EVERYTHING = {"auto": AliasEntry()}
"""The aliases of a file that declares none."""


def compile_policy(file: File, at: UnixMs) -> Policy:
    """Return what ``decide`` judges by."""
    targets = tuple(
        make_target(name, resolve(name, each, file, at), file)
        for name, each in file.targets.items()
    )
    rules = tuple(_rule(each) for each in file.rules)
    names: frozenset[str] = frozenset()
    for rule in rules:
        names |= metadata_names(rule.when) or frozenset()
    policy = Policy(
        version="",
        targets=targets,
        tiers=(
            _tier(Tier.SMALL, file.tiers.small),
            _tier(Tier.MID, file.tiers.mid),
            _tier(Tier.FRONTIER, file.tiers.frontier),
        ),
        aliases={
            name: _alias(name, each, targets) for name, each in (file.aliases or EVERYTHING).items()
        },
        rules=rules,
        strategy=file.strategy,
        percentile=file.percentile,
        relax=file.relax,
        rescue=file.rescue,
        escalate=escalation_of(file.escalate),
        after_flaws=_next(file.flaws.next) or (),
        plan_length=file.plan_length,
        metadata=names,
        learned=file.learning.use is Use.ON,
        success_floor=file.success_floor,
        promise=_promise(file.promise),
        value=nano_of(file.value_usd),
        second=nano_of(file.latency_usd_s),
    )
    return versioned(policy)


def members(entry: AliasEntry, targets: Sequence[tuple[str, str, Tier | None]]) -> tuple[str, ...]:
    """Return the ids of the targets that an alias means.

    Shapes: each of ``targets`` is id, kind, tier.
    """
    if entry.targets:
        return entry.targets
    if entry.tiers:
        wanted = {Tier[each.upper()] for each in entry.tiers}
        return tuple(name for name, _, tier in targets if tier in wanted)
    return tuple(name for name, kind, _ in targets if kind == "model")


def _alias(name: str, entry: AliasEntry, targets: Sequence[Target]) -> Alias:
    return Alias(
        name=name,
        targets=members(entry, [(each.id, each.kind.value, each.tier) for each in targets]),
        tier=_tier_named(entry.tier),
        strategy=entry.strategy,
        stands_for=entry.stands_for,
        last=entry.last,
        rescue=entry.rescue,
        after_flaws=_next(entry.after_flaws),
        success_floor=entry.success_floor,
        promise=_promise(entry.promise),
        value=nano_of(entry.value_usd),
        second=nano_of(entry.latency_usd_s),
        hedge=entry.hedge,
        escalate=escalation_of(entry.escalate),
    )


def _promise(entry: PromiseEntry | None) -> Promise | None:
    if entry is None:
        return None
    return Promise(failures=entry.failures, confidence=entry.confidence)


def _next(step: NextStep | None) -> tuple[str, ...] | None:
    return () if step == "stronger" else step


def _tier_named(name: str | None) -> Tier | None:
    return Tier[name.upper()] if name else None


def _tier(tier: Tier, entry: TierEntry) -> TierRule:
    return TierRule(
        tier=tier,
        max_complexity=entry.max_complexity,
        quality_floor=entry.quality_floor,
        latency_ceiling=seconds(entry.latency_ceiling_s),
        cost_ceiling=nano_of(entry.cost_ceiling_usd),
    )


def _rule(entry: RuleEntry) -> Rule:
    then = entry.then
    return Rule(
        name=entry.name,
        when=entry.when,
        then=Then(
            targets=None if then.targets is None else frozenset(then.targets),
            first=then.first,
            last=then.last,
            tier=_tier_named(then.tier),
            strategy=then.strategy,
            percentile=then.percentile,
            cost_ceiling=nano_of(then.cost_ceiling_usd),
            latency_ceiling=seconds(then.latency_ceiling_s),
            quality_floor=then.quality_floor,
            regions=None if then.regions is None else frozenset(then.regions),
            sensitivity=Sensitivity[then.sensitivity.upper()] if then.sensitivity else None,
            rescue=then.rescue,
            after_flaws=_next(then.after_flaws),
            success_floor=then.success_floor,
            promise=_promise(then.promise),
            value=nano_of(then.value_usd),
            second=nano_of(then.latency_usd_s),
            hedge=then.hedge,
            escalate=escalation_of(then.escalate),
        ),
    )


def seconds(value: float | None) -> Seconds | None:
    """Return a span of the file; None stays."""
    return None if value is None else Seconds(value)


def nano_of(usd: float | None) -> NanoUsd | None:
    """Return money of the file; None stays."""
    return None if usd is None else nano(usd)
