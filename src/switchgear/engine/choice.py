"""Judge targets by what was learnt of them: a sure chance stands in for tier and quality.

The owner says what is enough, by a floor, a promise or what an answer is worth. Without such a word
a chance leads to no weaker target: it only moves those back that are more likely to fail than not.

Source: ADR-0040.
"""

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Limit, Strategy
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.target import Kind
from switchgear.domain.units import NanoUsd
from switchgear.engine.fit import EXCEEDS, Contender, Strike, exceeded
from switchgear.engine.order import Candidate
from switchgear.engine.policy import Promise
from switchgear.engine.terms import Terms

EVEN = 0.5
"""The least chance where the owner says nothing: below it a target fails more often than not."""
WEAK = (Limit.QUALITY,)
UNLIKELY = (Limit.SUCCESS,)
ENOUGH = frozenset({Limit.QUALITY, Limit.SUCCESS})
"""Limits on how good a target is, whichever way that is known."""
ANSWERING = frozenset({Kind.MODEL, Kind.AGENT})
"""Kinds that can be tried in order to learn of them; a person's time is no experiment."""
NEVER = 2.0
"""A bar that no chance reaches."""


class Learnt(msgspec.Struct, frozen=True, gc=False):
    """What was learnt of one call's targets, ready to be looked up."""

    chances: dict[str, Chance]
    bars: dict[str, float]
    """By target, the least chance that keeps the promise of the call's terms."""
    floor: float
    """The least chance that is enough."""
    down: bool
    """A sure chance leads below the tier that complexity asks for."""
    held: str
    """Target id that is judged as if nothing were known: its task stays with it."""


def learnt_of(odds: Odds, terms: Terms, ask: Ask) -> Learnt | None:
    """Return what was learnt of a call; None where nothing was, or where it does not choose."""
    if not terms.learned or not (odds.chances or odds.rate):
        return None
    floor, valued = terms.success_floor, terms.strategy is Strategy.VALUE
    return Learnt(
        chances={each.target: each for each in odds.chances},
        bars=_bars(odds, terms.promise) if terms.promise else {},
        floor=floor if floor is not None else 0.0 if valued else EVEN,
        down=valued or floor is not None or terms.promise is not None,
        held=ask.held,
    )


def placed(
    each: Contender, terms: Terms, cost: NanoUsd, latency: float, learnt: Learnt | None
) -> Candidate | Strike:
    """Return a contender as a candidate, or why it breaks a limit that is never given up."""
    if learnt is not None:
        return _judged(each, terms, (cost, latency), learnt)
    over = exceeded(terms, cost, latency, WEAK if each.weak else ())
    if over and not set(over).issubset(terms.relax):
        return EXCEEDS[over[0]], ""
    return Candidate(
        each.number,
        each.target,
        cost,
        latency,
        over,
        1 + max(map(terms.relax.index, over)) if over else 0,
        each.load,
        each.known,
        worth=_worth(each.target.quality, terms, cost, latency),
    )


def good_enough(candidate: Candidate) -> bool:
    """Whether it is as good as the call needs, whichever way that is known."""
    return ENOUGH.isdisjoint(candidate.over)


def _bars(odds: Odds, promise: Promise) -> dict[str, float]:
    return {
        each.target: each.least
        for each in odds.bars
        if each.failures == promise.failures and each.confidence == promise.confidence
    }


def _short(
    each: Contender, chance: Chance | None, terms: Terms, learnt: Learnt
) -> tuple[Limit, ...]:
    """Return the limits on how good a target is that a contender does not keep."""
    if chance is None or not chance.sure or each.target.id == learnt.held:
        return WEAK if each.weak else ()
    unlikely = chance.p < learnt.floor
    if each.weak and (each.below or not _may_go_down(chance, terms, learnt)):
        return (*WEAK, *UNLIKELY) if unlikely else WEAK
    return UNLIKELY if unlikely else ()


def _may_go_down(chance: Chance, terms: Terms, learnt: Learnt) -> bool:
    """Whether a sure chance is enough for a call that asks for a higher tier."""
    if terms.promise is None:
        return learnt.down
    return chance.p >= learnt.bars.get(chance.target, NEVER)


def _judged(
    each: Contender, terms: Terms, figures: tuple[NanoUsd, float], learnt: Learnt
) -> Candidate | Strike:
    """Place a contender by what was learnt of it."""
    chance = learnt.chances.get(each.target.id)
    over = exceeded(terms, *figures, _short(each, chance, terms, learnt))
    hard = _hard(over, terms) if over else None
    if hard is not None:
        missing = f"{chance.p:.2f} < {learnt.floor:g}" if chance and hard is Limit.SUCCESS else ""
        return EXCEEDS[hard], missing
    good = each.target.quality if chance is None or not chance.sure else chance.p
    ranked = over and terms.success_floor is not None and not ENOUGH.isdisjoint(over)
    return Candidate(
        each.number,
        each.target,
        *figures,
        over,
        _rank(over, terms) if over else 0,
        each.load,
        each.known,
        chance,
        -good if ranked else 0.0,
        _worth(good, terms, *figures),
        _free(each, terms, over),
    )


def _hard(over: tuple[Limit, ...], terms: Terms) -> Limit | None:
    """Return the first limit that is broken and never given up.

    Where nobody asked for a floor, a small chance is no reason to refuse a call.
    """
    for limit in over:
        if limit not in terms.relax and (
            limit is not Limit.SUCCESS or terms.success_floor is not None
        ):
            return limit
    return None


def _rank(over: tuple[Limit, ...], terms: Terms) -> int:
    """Return how late in ``relax`` the last limit stands that is broken.

    Where a floor was set, quality and success are one question and stand in one place. Where none
    was, whoever is unlikely to do stands behind all others, and those among them as without it.
    """
    relax = terms.relax
    if terms.success_floor is not None:
        every = over if ENOUGH.isdisjoint(over) else (*over, *ENOUGH)
        return 1 + max(relax.index(limit) for limit in every if limit in relax)
    others = [relax.index(limit) + 1 for limit in over if limit is not Limit.SUCCESS]
    return max(others, default=0) + (Limit.SUCCESS in over) * (len(relax) + 1)


def _worth(good: float, terms: Terms, cost: NanoUsd, latency: float) -> float:
    """Return what an answer is expected to be worth in the end; 0 where nobody asks for it."""
    if terms.strategy is not Strategy.VALUE:
        return 0.0
    return good * (terms.value or 0) - cost - latency * terms.second


def _free(each: Contender, terms: Terms, over: tuple[Limit, ...]) -> bool:
    """Whether a contender may be tried in order to learn of it.

    Not below a tier that was named, nor below any where a promise was made and is not kept; and
    no limit of cost or latency is given up for it.
    """
    if each.below or each.target.kind not in ANSWERING or not ENOUGH.issuperset(over):
        return False
    return terms.promise is None or Limit.QUALITY not in over
