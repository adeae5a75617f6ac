"""Which tier a call would have needed, as far as what was said of its answer can tell.

Tiers are taken to be nested: what a weaker one does well, a stronger one does. A good answer then
says that its tier was enough, a bad one that it was not, and what lies between is open.
"""

from collections.abc import Iterable, Mapping

import msgspec

from switchgear.domain.decision import Decision, Reason
from switchgear.domain.entry import Entry
from switchgear.domain.odds import Odds
from switchgear.domain.outcome import Outcome
from switchgear.domain.target import Tier
from switchgear.engine.draw import EXPLORED
from switchgear.engine.outcome import HALF, Label, label_of, labels_of

CLIP = 20.0
"""The most that one decision weighs. Beyond it a draw of one in a thousand would outweigh the rest:
what is gained in steadiness is a bias towards decisions that were nearly certain."""
COULD = frozenset(
    {Reason.CHOSEN, Reason.FALLBACK, Reason.NOT_NEEDED, Reason.TOO_WEAK, Reason.UNLIKELY}
)
"""Of targets that could have served, had the router wanted; one that was held too weak is among
them, for that may be the mistake."""

Tiers = Mapping[str, Tier]
"""By target id, as the policy that decided has them."""


class Need(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is known of the tier that one decision needed, beside the one that it chose."""

    chosen: Tier
    seemed: Tier
    """The tier that would have been chosen without exploring."""
    tiers: tuple[Tier, ...]
    """Those that could have served, lowest first."""
    weight: float = 1.0
    """One over the probability that it was chosen, clipped; see ``weight_of``."""
    explored: bool = False
    """It was an experiment: evidence for others, and not judged itself."""
    passed: bool | None = None
    """Whether the tier that was chosen did; None where that was not seen."""
    needed: Tier | None = None
    """The lowest that would have done; None where that is open."""
    chances: tuple[tuple[Tier, float], ...] = ()
    """Where it is open: how likely the model took it that a cheaper tier does, lowest first."""

    @property
    def open(self) -> bool:
        """Whether its answer was good, and a cheaper one's might have been."""
        return self.needed is None


def need_of(entry: Entry, outcomes: Iterable[Outcome], tiers: Tiers) -> Need | None:
    """Return what is known of the tier that a decision needed.

    None where nothing was said of it, or nothing that tells: where the words contradict each other,
    where no tier would have done, or where the one that was chosen gave no answer.
    """
    decision, said = entry.decision, tuple(outcomes)
    chosen = None if decision is None else tiers.get(decision.winner)
    if decision is None or chosen is None:
        return None
    whole = label_of(said, entry, tiers)
    if whole is None or whole.disputed:
        return None
    could = _could(entry, tiers)
    needed, passed = _told(whole, labels_of(said, entry, tiers), chosen, could, tiers)
    if needed is None and passed is not True:
        return None
    return Need(
        chosen=chosen,
        seemed=_seemed(entry, chosen, tiers),
        tiers=could,
        weight=weight_of(decision, entry.odds),
        explored=decision.explored,
        passed=passed,
        needed=needed,
        chances=() if needed is not None else _chances(entry.odds, chosen, could, tiers),
    )


def weight_of(decision: Decision, odds: Odds) -> float:
    """Return what a decision weighs: one over its probability, within reason.

    A choice stands for the calls that would have got it, had they not been explored. So it weighs
    one over the share that is never explored, at most: where it was drawn from equals, the others
    were drawn for other calls, and stand for themselves.
    """
    most = CLIP if decision.explored else 1 / max(1 - max(odds.rate, EXPLORED), 1 / CLIP)
    return min(1 / decision.propensity, most) if decision.propensity > 0 else most


def _told(
    whole: Label, labels: Iterable[Label], chosen: Tier, could: tuple[Tier, ...], tiers: Tiers
) -> tuple[Tier | None, bool | None]:
    """Return the tier that was needed, and whether the one that was chosen did."""
    judged = [(tiers[each.target], each.good >= HALF) for each in labels if each.target in tiers]
    enough = min((tier for tier, good in judged if good), default=None)
    failed = max((tier for tier, good in judged if not good), default=None)
    passed = _passed(chosen, enough, failed)
    if whole.needed is not None:
        return whole.needed, chosen >= whole.needed
    left = [tier for tier in could if failed is None or tier > failed]
    if not left:
        return None, passed  # no tier would have done
    if passed is False:
        return left[0], False  # the next above is the least that it can have been
    if enough is not None and enough < chosen:
        return enough, True
    if enough == chosen and left[0] >= chosen:
        return chosen, True
    return None, passed


def _passed(chosen: Tier, enough: Tier | None, failed: Tier | None) -> bool | None:
    if failed is not None and failed >= chosen:
        return False
    return True if enough is not None and enough <= chosen else None


def _could(entry: Entry, tiers: Tiers) -> tuple[Tier, ...]:
    decision = entry.decision
    if decision is None:
        return ()
    found = {
        tiers[each.target]
        for each in decision.verdicts
        if each.reason in COULD and each.target in tiers
    }
    chosen = tiers.get(decision.winner)
    if chosen is not Tier.TOOL:
        found.discard(Tier.TOOL)  # a function does what it is for, and nothing else
    return tuple(sorted(found))


def _seemed(entry: Entry, chosen: Tier, tiers: Tiers) -> Tier:
    """Return the tier that was second where an experiment came first: else that would have been."""
    decision = entry.decision
    if decision is None or not decision.explored or len(decision.plan) < 2:  # noqa: PLR2004  (two: there is a second)
        return chosen
    return tiers.get(decision.plan[1], chosen)


def _chances(
    odds: Odds, chosen: Tier, could: tuple[Tier, ...], tiers: Tiers
) -> tuple[tuple[Tier, float], ...]:
    """Return the best chance in each cheaper tier, as far as the model was sure of it."""
    best: dict[Tier, float] = {}
    for each in odds.chances:
        tier = tiers.get(each.target)
        if each.sure and tier is not None and tier < chosen and tier in could:
            best[tier] = max(each.p, best.get(tier, 0.0))
    return tuple(sorted(best.items()))
