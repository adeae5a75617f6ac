"""Strike out what may not serve a call, each with its reason."""

from functools import lru_cache

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Limit, Reason
from switchgear.domain.situation import Availability
from switchgear.domain.target import Target, Tier
from switchgear.domain.units import NanoUsd, Seconds, Tokens
from switchgear.engine.latency import Pace
from switchgear.engine.policy import Policy
from switchgear.engine.terms import Profile, Terms, terms_of

Strike = tuple[Reason, str]
"""Why a target is out, and what exactly was missing."""

EXCEEDS = {
    Limit.COST: Reason.TOO_DEAR,
    Limit.LATENCY: Reason.TOO_SLOW,
    Limit.QUALITY: Reason.TOO_WEAK,
}
PROFILES = 1024
"""Kept at once; a busy gateway has a few dozen."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all calls of one profile, whatever the hour."""

    terms: Terms
    strikes: tuple[Strike | None, ...]
    """In the policy's order of targets; None for those that may serve."""
    able: tuple[tuple[int, Target], ...]
    """Those that may serve, with their numbers in the policy."""


@lru_cache(maxsize=PROFILES)
def standing_of(policy: Policy, profile: Profile) -> Standing:
    """Return the terms of a profile, and which targets they strike out."""
    terms = terms_of(policy, profile)
    strikes = tuple(_strike(target, profile, terms) for target in policy.targets)
    able = tuple(
        (number, policy.targets[number]) for number, each in enumerate(strikes) if each is None
    )
    return Standing(terms=terms, strikes=strikes, able=able)


def strike_now(target: Target, ask: Ask, pace: Pace, room: Tokens) -> Strike | None:
    """Return why ``target`` cannot serve this very call, now; None when it can.

    Units: ``room`` is the output that must still fit the window.
    """
    if pace.availability is Availability.REFUSING:
        return Reason.REFUSING, ""
    if target.tier is Tier.TOOL:
        problems = [problem for name, problem in ask.unfit if name == target.id]
        return (Reason.BAD_INPUT, problems[0]) if problems else None
    if ask.input_tokens + room > target.window:
        return Reason.TOO_SMALL, f"{ask.input_tokens + room} > {target.window} tokens"
    return None


def exceeded(target: Target, terms: Terms, cost: NanoUsd, latency: Seconds) -> tuple[Limit, ...]:
    """Return the soft limits that ``target`` does not keep."""
    over: tuple[Limit, ...] = ()
    if target.tier < terms.tier or target.quality < terms.quality_floor:
        over = (Limit.QUALITY,)
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
    return _forbidden(target, terms) or _unable(target, profile)


def _unwanted(target: Target, profile: Profile, terms: Terms) -> Strike | None:
    if target.id not in terms.asked.pool:
        return Reason.NOT_ASKED, ""
    if terms.only is not None and target.id not in terms.only:
        return Reason.RULED_OUT, ""
    if profile.floor is not None and target.tier < profile.floor:
        return Reason.BELOW_FLOOR, f"{target.tier.name.lower()} < {profile.floor.name.lower()}"
    return None


def _forbidden(target: Target, terms: Terms) -> Strike | None:
    if terms.regions is not None and target.region not in terms.regions:
        return Reason.WRONG_REGION, target.region or "not said"
    if target.sensitivity < terms.sensitivity:
        return Reason.TOO_OPEN, terms.sensitivity.name.lower()
    return None


def _unable(target: Target, profile: Profile) -> Strike | None:
    if target.tier is Tier.TOOL or profile.needs <= target.capabilities:
        return None
    missing = sorted(need.value for need in profile.needs - target.capabilities)
    return Reason.INCAPABLE, ", ".join(missing)
