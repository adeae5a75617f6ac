"""Try now and then who might do better, so that it is learnt; how often is exact, and recorded.

In the spirit of Thompson sampling: an alternative gets its share by how probable it is that it
would be the better choice, if each chance were normal about its mean. The shares are closed
formulas, so the propensity of each choice is known and not estimated.

Source: W. R. Thompson, "On the likelihood that one unknown probability exceeds another in view of
the evidence of two samples", 1933.
"""

from collections.abc import Callable
from math import erfc, sqrt

import msgspec

from switchgear.domain.ask import Ask, Step
from switchgear.domain.decision import Decision, Strategy
from switchgear.domain.odds import Odds
from switchgear.domain.units import NanoUsd
from switchgear.engine.choice import good_enough
from switchgear.engine.draw import COMPARED, JUST_UNDER_ONE, MANY
from switchgear.engine.order import Candidate, Ranking
from switchgear.engine.terms import Terms

UNKNOWN = 0.25
"""Spread of a chance of which nothing is known, about the target's quality."""
LEAST = 0.001
"""Of the calls, that a share has at least: rarer choices would weigh too much in what is learnt."""
PARTS = 100_000
"""Into which a share is rounded down, so that it is the same on every machine."""
FRESH = 2
"""Turns of a conversation that has only begun: a system prompt, and what the user says."""


ROOT_OF_TWO = sqrt(2.0)


class Lot(msgspec.Struct, frozen=True, gc=False):
    """One alternative, and how often it is tried."""

    place: int
    """In the ranking."""
    share: float
    """Of the calls."""


def lots_of(ask: Ask, ranking: Ranking, terms: Terms, odds: Odds) -> tuple[Lot, ...]:
    """Return who is tried in place of the best, and how often; together no more than the rate.

    Only who costs no more beyond the best than the purse holds, and only at the start of a
    conversation: nothing is tried in a tool loop, nor where a target holds what was said so far,
    nor where somebody put a target first.
    """
    if odds.rate <= 0 or odds.purse <= 0 or len(ranking) < MANY or not _open(ask, terms):
        return ()
    best = next((each for each, _ in ranking if each.target.id not in terms.last), ranking[0][0])
    beats, most = _contest(best, terms), best.cost + odds.purse
    found = [
        (place, chance)
        for place, (each, _) in enumerate(ranking)
        if each.free and each.cost <= most and each is not best and (chance := beats(each)) >= LEAST
    ]
    if not found:
        return ()
    total = sum([chance for _, chance in found])
    scale = min(odds.rate, 1.0, total) / total
    lots = [Lot(place, int(chance * scale * PARTS) / PARTS) for place, chance in found]
    return tuple([lot for lot in lots if lot.share >= LEAST])


def lot_drawn(lots: tuple[Lot, ...], draw: float) -> tuple[Lot | None, float]:
    """Return whom a draw tries, or nobody; and the draw that is left for all else."""
    rest = 1.0 - sum([lot.share for lot in lots])
    if draw < rest:
        return None, min(draw / rest, JUST_UNDER_ONE)
    point = draw - rest
    for lot in lots:
        point -= lot.share
        if point < 0:
            return lot, 0.0
    return lots[-1], 0.0


def lot_cuts(lots: tuple[Lot, ...], found: list[float]) -> list[float]:
    """Return the draws at which another may come first; ``found`` are those without any lots."""
    if not lots:
        return found
    point = rest = 1.0 - sum([lot.share for lot in lots])
    edges = [rest]
    for lot in lots:
        point += lot.share
        edges.append(point)
    return [*(rest * each for each in found), *(each for each in edges if each < 1)]


def extra_of(decision: Decision) -> NanoUsd:
    """Return how much dearer than the best a target is expected to be that was tried to learn.

    0 where nothing was tried, or what was tried is cheaper: the purse is never filled by that.
    """
    if not decision.explored or decision.strategy in COMPARED or len(decision.plan) < MANY:
        return NanoUsd(0)
    costs = {each.target: each.cost or 0 for each in decision.verdicts}
    return NanoUsd(max(0, costs[decision.plan[0]] - costs[decision.plan[1]]))


def _open(ask: Ask, terms: Terms) -> bool:
    if ask.step is not Step.USER_TURN or ask.held or ask.warm or ask.first or terms.first:
        return False
    if terms.asked.named or terms.strategy in COMPARED or terms.strategy is Strategy.WEIGHTED:
        return False
    return ask.task_step <= 1 or ask.shape.turns <= FRESH


def _contest(best: Candidate, terms: Terms) -> Callable[[Candidate], float]:
    """Return what says how probable it is that another would have been the better choice."""
    floor = terms.success_floor
    if terms.strategy is Strategy.VALUE:
        return _by_worth(best, terms.value or 0)
    if terms.strategy is Strategy.QUALITY or (floor is not None and not good_enough(best)):
        return lambda other: _above(_mean(other), _mean(best), _joint(other, best))
    if floor is None:
        return lambda other: (
            _above(_mean(other), _mean(best), _joint(other, best))
            if other.cost < best.cost
            else 0.0
        )
    return _by_floor(best, floor)


def _by_worth(best: Candidate, value: int) -> Callable[[Candidate], float]:
    worth = _worth(best, value)
    return lambda other: _above(_worth(other, value), worth, _joint(other, best) * value)


def _by_floor(best: Candidate, floor: float) -> Callable[[Candidate], float]:
    """Return the same where a floor is set.

    A cheaper one need only be good enough; for a dearer one the best must fall short as well.
    """
    doubt = _above(floor, _mean(best), _spread(best))
    doubt = doubt if doubt >= LEAST else 0.0

    def beats(other: Candidate) -> float:
        weight = 1.0 if other.cost < best.cost else doubt
        if not weight:
            return 0.0
        chance = other.chance
        if chance is None:
            return weight * _above(other.target.quality, floor, UNKNOWN)
        return weight * _above(chance.p, floor, chance.spread)

    return beats


def _worth(candidate: Candidate, value: int) -> float:
    """Return its worth by what is known, whether that is sure or not."""
    return candidate.worth + (_mean(candidate) - candidate.good) * value


def _mean(candidate: Candidate) -> float:
    return candidate.target.quality if candidate.chance is None else candidate.chance.p


def _spread(candidate: Candidate) -> float:
    return UNKNOWN if candidate.chance is None else candidate.chance.spread


def _joint(one: Candidate, other: Candidate) -> float:
    return sqrt(_spread(one) ** 2 + _spread(other) ** 2)


def _above(one: float, other: float, spread: float) -> float:
    """Return how probable it is that one figure is the greater, with this spread between them."""
    if spread <= 0:
        return float(one > other)
    return 0.5 * erfc((other - one) / (spread * ROOT_OF_TWO))
