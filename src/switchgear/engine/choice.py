"""Judge targets by what was learnt of them: a sure chance stands in for tier and quality.

The owner says what is enough, by a floor, a promise or what an answer is worth. Without such a word
a chance leads to no weaker target: it only moves those back that are more likely to fail than not.

Source: ADR-0040.
"""

import msgspec

from switchgear.domain.ask import Ask
from switchgear.domain.decision import Limit, Strategy
from switchgear.domain.odds import Chance, Odds
from switchgear.domain.units import NanoUsd
from switchgear.engine.fit import EXCEEDS, Contender, Strike, exceeded
from switchgear.engine.order import Candidate
from switchgear.engine.policy import Promise
from switchgear.engine.shortfall import ENOUGH, UNLIKELY, WEAK, shortfall_of
from switchgear.engine.terms import Terms

EVEN = 0.5
"""The least chance where the owner says nothing: below it a target fails more often than not."""
NEVER = 2.0
"""A bar that no chance reaches."""
POOR_ALONE = (Limit.QUALITY,)


class Learnt(msgspec.Struct, frozen=True, gc=False):
    """What was learnt of one call's targets, ready to be looked up."""

    chances: dict[str, Chance]
    bars: dict[str, float] | None
    """By target, the least chance that keeps the promise of the call's terms; None without one."""
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
        {each.target: each for each in odds.chances},
        _bars(odds, terms.promise) if terms.promise else None,
        floor if floor is not None else 0.0 if valued else EVEN,
        valued or floor is not None,
        ask.held,
    )


def placed(
    each: Contender, terms: Terms, cost: NanoUsd, latency: float, learnt: Learnt | None
) -> Candidate | Strike:
    """Return a contender as a candidate, or why it breaks a limit that is never given up."""
    if learnt is not None:
        return _judged(each, terms, cost, latency, learnt)
    over = exceeded(terms, cost, latency, POOR_ALONE if each.weak else ())
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


def _judged(
    each: Contender, terms: Terms, cost: NanoUsd, latency: float, learnt: Learnt
) -> Candidate | Strike:
    """Place a contender by what was learnt of it: once for each target, so it is kept short."""
    chance = learnt.chances.get(each.target.id)
    if chance is None or not chance.sure or each.target.id == learnt.held:
        good, lack = each.target.quality, WEAK if each.weak else 0
    else:
        good = chance.p
        lack = UNLIKELY if good < learnt.floor else 0
        if each.weak and (each.below or not _may_go_down(chance, learnt)):
            lack |= WEAK
    short = terms.shortfalls[lack]
    if terms.cost_ceiling is not None or terms.latency_ceiling is not None:
        over = exceeded(terms, cost, latency, short.over)
        short = shortfall_of(over, terms.relax, floored=terms.success_floor is not None)
    if short.hard is not None:
        missing = f"{good:.2f} < {learnt.floor:g}" if short.hard is Limit.SUCCESS else ""
        return EXCEEDS[short.hard], missing
    return Candidate(
        each.number,
        each.target,
        cost,
        latency,
        short.over,
        short.rank,
        each.load,
        each.known,
        chance,
        -good if short.leads else 0.0,
        _worth(good, terms, cost, latency) if terms.strategy is Strategy.VALUE else 0.0,
        each.open and short.free and not (lack & WEAK and learnt.bars is not None),
    )


def _may_go_down(chance: Chance, learnt: Learnt) -> bool:
    """Whether a sure chance is enough for a call that asks for a higher tier."""
    if learnt.bars is None:
        return learnt.down
    return chance.p >= learnt.bars.get(chance.target, NEVER)


def _worth(good: float, terms: Terms, cost: NanoUsd, latency: float) -> float:
    """Return what an answer is expected to be worth in the end; 0 where nobody asks for it."""
    if terms.strategy is not Strategy.VALUE:
        return 0.0
    return good * (terms.value or 0) - cost - latency * terms.second
