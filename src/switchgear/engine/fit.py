"""Strike out what may not serve a call, each with its reason."""

from functools import lru_cache
from math import inf

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Limit, Reason
from switchgear.domain.situation import Availability, Situation
from switchgear.domain.target import APART, Capability, Kind, Target, Tier
from switchgear.domain.units import NanoUsd
from switchgear.engine.flaw import route_of
from switchgear.engine.latency import Pace, paces_of
from switchgear.engine.policy import Policy
from switchgear.engine.terms import Profile, Terms, terms_of

Strike = tuple[Reason, str]
"""Why a target is out, and what exactly was missing."""

EXCEEDS = {
    Limit.COST: Reason.TOO_DEAR,
    Limit.LATENCY: Reason.TOO_SLOW,
    Limit.QUALITY: Reason.TOO_WEAK,
    Limit.SUCCESS: Reason.UNLIKELY,
}
ANSWERING = frozenset({Kind.MODEL, Kind.AGENT})
"""Kinds that can be tried in order to learn of them; a person's time is no experiment."""
POOR: Strike = (Reason.POOR, "")
HALTED: Strike = (Reason.HALTED, "")
PROFILES = 1024
"""Kept at once; a busy gateway has a few dozen."""


class Contender(msgspec.Struct, frozen=True):
    """A target that may serve, with what its figures for one call are worked out from."""

    number: int
    """In the policy's order of targets."""
    target: Target
    window: float
    """Most tokens, input and output; a tool has no end of it."""
    first: float
    """Seconds to the first content, now."""
    token: float
    """Seconds for each token after that."""
    weak: bool
    """It breaks the quality limit: under the tier that is needed, or under its floor."""
    below: bool = False
    """It is under a tier that was named for the call, and not only taken to be needed."""
    load: int = 0
    """Calls under way there, roughly."""
    known: bool = False
    """Enough was measured of it."""
    open: bool = False
    """It may be tried in order to learn of it, if nothing of this call stands against that."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all calls of one profile while one snapshot is in force."""

    terms: Terms
    strikes: tuple[Strike | None, ...]
    """In the policy's order of targets; None for the contenders."""
    contenders: tuple[Contender, ...]
    poor: frozenset[str] = frozenset()
    """Ids of those that rest on this route; they are not struck out here."""
    replaced: Target | None = None
    """The one that would be first, if it did not rest."""


@lru_cache(maxsize=PROFILES)
def field_of(policy: Policy, profile: Profile, situation: Situation) -> Field:
    """Return the terms of a profile, who may serve it now, and why nobody else may."""
    standing = standing_of(policy, profile)
    field = _field(policy, standing.terms, standing.strikes, situation)
    poor = _poor(policy, profile, situation)
    return msgspec.structs.replace(field, poor=poor) if poor else field


@lru_cache(maxsize=PROFILES)
def field_without_poor(
    policy: Policy, profile: Profile, situation: Situation, winner: str
) -> Field:
    """Return the same with those that rest on this route struck out.

    Where the ``winner`` is one of them, those who are declared to take its place come first.
    """
    standing, poor = standing_of(policy, profile), _poor(policy, profile, situation)
    terms, strikes = standing.terms, list(standing.strikes)
    replaced = None
    if winner in poor:
        first = dict.fromkeys((*terms.after_flaws, *terms.first))
        terms = msgspec.structs.replace(terms, first=tuple(first))
        replaced = next(each for each in policy.targets if each.id == winner)
    for number, target in enumerate(policy.targets):
        if replaced is not None and target.id in terms.after_flaws:
            strikes[number] = _strike(target, profile, terms)
        if target.id in poor:
            strikes[number] = strikes[number] or POOR
    field = _field(policy, terms, tuple(strikes), situation)
    return msgspec.structs.replace(field, replaced=replaced)


def _field(
    policy: Policy, terms: Terms, standing: tuple[Strike | None, ...], situation: Situation
) -> Field:
    paces = paces_of(policy, situation, terms.percentile)
    halted = {name for name, each in situation.readings.items() if each.halted}
    strikes = tuple(
        strike or (HALTED if target.id in halted else _refused(pace))
        for strike, target, pace in zip(standing, policy.targets, paces, strict=True)
    )
    contenders = tuple(
        _contender(number, policy.targets[number], pace, terms)
        for number, pace in enumerate(paces)
        if strikes[number] is None
    )
    return Field(terms=terms, strikes=strikes, contenders=contenders)


def _poor(policy: Policy, profile: Profile, situation: Situation) -> frozenset[str]:
    readings = situation.readings
    if not any(each.poor for each in readings.values()):
        return frozenset()
    rule = policy.rules[profile.rule].name if profile.rule >= 0 else ""
    route = route_of(profile.model, rule)
    return frozenset(name for name, each in readings.items() if route in each.poor)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all calls of one profile, whatever the hour."""

    terms: Terms
    strikes: tuple[Strike | None, ...]
    """In the policy's order of targets; None for those that may serve."""


@lru_cache(maxsize=PROFILES)
def standing_of(policy: Policy, profile: Profile) -> Standing:
    """Return the terms of a profile, and which targets they strike out."""
    terms = terms_of(policy, profile)
    strikes = tuple(_strike(target, profile, terms) for target in policy.targets)
    return Standing(terms=terms, strikes=strikes)


def _contender(number: int, target: Target, pace: Pace, terms: Terms) -> Contender:
    weak = target.tier < terms.tier or target.quality < terms.quality_floor
    window = inf if target.tier is Tier.TOOL else float(target.window)
    return Contender(
        number,
        target,
        window,
        pace.first_content,
        pace.token,
        weak,
        target.tier < terms.least,
        pace.load,
        pace.known,
        target.kind in ANSWERING and target.tier >= terms.least,
    )


def _refused(pace: Pace) -> Strike | None:
    if pace.availability is not Availability.REFUSING:
        return None
    return Reason.REFUSING, "" if pace.fault is None else pace.fault.value


def strike_now(contender: Contender, ask: Ask, needed: int) -> Strike | None:
    """Return why a contender cannot serve this very call; None when it can.

    Units: ``needed`` is the tokens that must fit the window.
    """
    if needed > contender.window:
        return Reason.TOO_SMALL, f"{needed} > {contender.target.window} tokens"
    if ask.unfit:
        for name, problem in ask.unfit:
            if name == contender.target.id:
                return Reason.BAD_INPUT, problem
    return None


def exceeded(
    terms: Terms, cost: NanoUsd, latency: float, over: tuple[Limit, ...] = ()
) -> tuple[Limit, ...]:
    """Return the soft limits that a contender does not keep, after those that are known."""
    if terms.cost_ceiling is not None and cost > terms.cost_ceiling:
        over = (*over, Limit.COST)
    if terms.latency_ceiling is not None and latency > terms.latency_ceiling:
        over = (*over, Limit.LATENCY)
    return over


def _strike(target: Target, profile: Profile, terms: Terms) -> Strike | None:
    if target.id not in terms.first and target.id not in terms.last:
        struck = _unwanted(target, profile, terms)
        if struck is not None:
            return struck
    if profile.allow and target.id not in profile.allow:
        return Reason.NOT_ALLOWED, ""
    if profile.tiers and target.tier not in profile.tiers:
        return Reason.NOT_ALLOWED, target.tier.name.lower()
    if target.tier > profile.ceiling:
        most = Tier(profile.ceiling).name.lower()
        return Reason.ABOVE_CEILING, f"{target.tier.name.lower()} > {most}"
    return _forbidden(target, terms) or _unable(target, profile, terms)


def _unwanted(target: Target, profile: Profile, terms: Terms) -> Strike | None:
    if target.id not in terms.asked.pool:
        return Reason.NOT_ASKED, ""
    if terms.only is not None and target.id not in terms.only:
        return Reason.RULED_OUT, ""
    if target.tier < profile.floor:
        return (
            Reason.BELOW_FLOOR,
            f"{target.tier.name.lower()} < {Tier(profile.floor).name.lower()}",
        )
    return None


def _forbidden(target: Target, terms: Terms) -> Strike | None:
    if terms.regions is not None and target.region not in terms.regions:
        return Reason.WRONG_REGION, target.region or "not said"
    if target.sensitivity < terms.sensitivity:
        return Reason.TOO_OPEN, terms.sensitivity.name.lower()
    return None


def _unable(target: Target, profile: Profile, terms: Terms) -> Strike | None:
    if not APART.isdisjoint(profile.needs) or not APART.isdisjoint(target.capabilities):
        return _apart(target, profile, terms)
    if target.tier is Tier.TOOL or profile.needs <= target.capabilities:
        return None
    missing = sorted(need.value for need in profile.needs - target.capabilities)
    return Reason.INCAPABLE, ", ".join(missing)


def _apart(target: Target, profile: Profile, terms: Terms) -> Strike | None:
    """Judge where one of the two is not about answers."""
    if Capability.PASSTHROUGH in profile.needs:
        return None if target.id == terms.asked.named else (Reason.NOT_ASKED, "")
    if Capability.EMBEDDINGS not in profile.needs:
        return Reason.INCAPABLE, "answers"
    if Capability.EMBEDDINGS not in target.capabilities or target.tier is Tier.TOOL:
        return Reason.INCAPABLE, Capability.EMBEDDINGS.value
    if target.model != terms.vectors:
        return Reason.OTHER_MODEL, f"{target.model}, not {terms.vectors}"
    return None
