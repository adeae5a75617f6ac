"""What is found of one group of calls, and what follows from it."""

from collections.abc import Iterable

import msgspec

from switchgear.domain.target import Target, Tier
from switchgear.engine.audit.evidence import MOST_LABELS, Basis, Goal, Tried, labels_wanted
from switchgear.engine.audit.group import Group, Kindred
from switchgear.engine.audit.histogram import Histogram
from switchgear.engine.name import resolve
from switchgear.engine.policy import Policy

MOST_HARD = 0.9
"""Of the calls, that the guessed tier is meant for by their complexity."""


class Spread(msgspec.Struct, frozen=True):
    """Two percentiles; None where nothing was seen."""

    p50: float | None
    p95: float | None


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What the calls of a group ask for."""

    streams: float
    """Share of the calls whose answer is wanted as it comes."""
    tools: float
    """Share that offers tools."""
    capabilities: tuple[str, ...]
    """What at least one call cannot do without."""
    first_content: Spread
    """Seconds, as they had it."""
    took: Spread
    """Seconds for the whole answer."""
    input: Spread
    """Tokens."""
    output: Spread
    complexity: Spread
    tiers: dict[str, float]
    """Share of the calls by the tier that their complexity asks for."""


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest target that would do, as far as is known."""

    target: str
    tier: Tier
    basis: Basis
    tried: Tried
    surely: float
    """The share of answers that does at least, with the goal's confidence; 0 for a guess."""
    learnt: float | None
    """The mean chance that was learnt."""
    saving: float
    """US dollars, for all calls of the group; less than nothing costs more."""
    share: float
    """The same, of what they cost."""
    wanted: int
    """Labels that would make it sure, if all are good; 0 where it is."""
    targets: tuple[str, ...] = ()
    """It and those that are stronger, for when it fails."""

    @property
    def known(self) -> bool:
        """Whether outcomes speak for it."""
        return self.basis is not Basis.GUESS


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    kind: Kindred
    calls: int
    share: float
    """Of all calls that were read."""
    answered: int
    cost: float
    """US dollars, of those that were answered."""
    served: tuple[tuple[str, int], ...]
    """By target, the most frequent first."""
    labels: int
    """That people, tests or files gave."""
    needs: Needs
    advice: Advice | None
    """None where nothing cheaper is known, or can be guessed."""
    named: bool = False
    """A target is asked for by its name, so no rule can route it: an alias could."""

    @property
    def follows(self) -> bool:
        """Whether a rule can be made of the advice."""
        free = not self.named and not self.kind.rule
        return self.advice is not None and self.advice.saving > 0 and free


def finding_of(kind: Kindred, group: Group, all_calls: int, by: tuple[Policy, Goal]) -> Finding:
    """Return what is found of one group, under a policy and a goal."""
    policy, goal = by
    asked = resolve(kind.route, policy)
    return Finding(
        kind=kind,
        calls=group.calls,
        share=group.calls / all_calls,
        answered=group.answered,
        cost=group.cost,
        served=tuple(group.served.most_common()),
        labels=group.evidence.labels,
        needs=_needs(group),
        advice=_advice(group, policy, goal),
        named=asked is None or asked.alias is None,
    )


def _needs(group: Group) -> Needs:
    calls = group.calls
    return Needs(
        streams=group.streams / calls,
        tools=group.tools / calls,
        capabilities=tuple(sorted(group.needs)),
        first_content=_spread(group.first),
        took=_spread(group.took),
        input=_spread(group.input),
        output=_spread(group.output),
        complexity=_spread(group.complexity),
        tiers={tier.name.lower(): group.tiers[tier] / calls for tier in sorted(group.tiers)},
    )


def _spread(histogram: Histogram) -> Spread:
    return Spread(histogram.at(0.5), histogram.at(0.95))


def _advice(group: Group, policy: Policy, goal: Goal) -> Advice | None:
    if not group.answered:
        return None
    able = group.able_to(policy)
    known = _known(group, able, goal)
    if known is not None and known.saving > 0:
        return known
    least = _guessed(group)
    enough = [each for each in able if each.tier >= least and not _refuted(group, each, goal)]
    guess = _advised(group, enough[0], Basis.GUESS, (able, goal)) if enough else None
    return guess if guess is not None and (known is None or guess.saving > 0) else known


def _known(group: Group, able: tuple[Target, ...], goal: Goal) -> Advice | None:
    for target in able:
        basis = group.evidence.basis(target, goal)
        if basis is not None:
            return _advised(group, target, basis, (able, goal))
    return None


def _refuted(group: Group, target: Target, goal: Goal) -> bool:
    """Whether labels speak against a target, however few they are."""
    good = group.evidence.tried(target).good
    return good is not None and good < goal.least


def _guessed(group: Group) -> Tier:
    """Return the lowest tier that is meant for nearly all of the calls."""
    left = MOST_HARD * group.calls
    for tier in sorted(group.tiers):
        left -= group.tiers[tier]
        if left <= 0:
            return tier
    return max(Tier)


def _advised(
    group: Group, target: Target, basis: Basis, among: tuple[Iterable[Target], Goal]
) -> Advice:
    able, goal = among
    tried = group.evidence.tried(target)
    learnt = group.evidence.learnt(target.id)
    saving = group.cost - group.prices[target.id]
    stronger = [each.id for each in able if each.tier > target.tier]
    return Advice(
        target=target.id,
        tier=target.tier,
        basis=basis,
        tried=tried,
        surely=tried.surely(goal) if basis is Basis.LABELS else 0.0,
        learnt=None if learnt is None else learnt[0],
        saving=saving,
        share=saving / group.cost if group.cost > 0 else 0.0,
        wanted=0 if basis is Basis.LABELS else min(labels_wanted(tried, goal), MOST_LABELS),
        targets=(target.id, *stronger),
    )
