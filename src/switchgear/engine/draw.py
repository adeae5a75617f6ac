"""What is left to a call's draw, and how probable each end of it was.

Two things are, beside weights: which of several equals comes first, where the snapshot's load
counts too, and whether a target is tried only because little is known of it.

Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", 2001.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import pairwise

from switchgear.domain.decision import Strategy
from switchgear.domain.target import Kind
from switchgear.domain.units import NanoUsd
from switchgear.engine.order import Candidate, Ranking

TOLERANCE = 0.02
"""By how much of the greater the scores and costs of equals differ: latencies have two digits."""
EXPLORED = 0.05
"""Of the calls, that go to targets of which too little is known to compare them."""
FEW = 4
"""Calls under way at a target that is being explored: beyond that it gets no more."""
MANY = 2
"""Only between so many is there anything to choose."""
JUST_UNDER_ONE = 1 - 2**-53
COMPARED = frozenset({Strategy.LATENCY, Strategy.BALANCED})
"""Strategies that need measured latencies."""


class Luck(Enum):
    """What the draw had to do with who comes first."""

    NONE = "none"
    LOAD = "load"
    """There were equals, and it is the less loaded of two that were drawn."""
    EXPLORED = "explored"
    """Too little is known of how long it takes."""
    TRIED = "tried"
    """Too little is known of how well it does."""
    STAYS = "stays"
    """None: it goes on with its conversation."""


Drawn = tuple[Ranking, Luck, float]
"""The ranking, what the draw did to it, and how probable its first was over all draws."""


def drawn(ranking: Ranking, strategy: Strategy, draw: float) -> Drawn:
    """Return the ranking with another first where that is left to the draw, and why.

    Where latencies decide, a target of which little is known gets a small share of the calls,
    whether it seems the best or not. Else the less loaded of two of those comes first that equal
    the best; the two may be one, so that a snapshot's age sends not all calls the same way.
    """
    if len(ranking) < MANY:
        return ranking, Luck.NONE, 1.0
    if strategy is Strategy.WEIGHTED:
        return ranking, Luck.NONE, _weight(ranking)
    if strategy in COMPARED:
        return _compared(ranking, draw)
    won, luck = _spread(ranking, draw)
    return won, luck, 1.0 if luck is Luck.NONE else share_of(ranking, won[0][0])


def share_of(ranking: Ranking, candidate: Candidate) -> float:
    """Return how probable it is that one comes first of those that equal the best.

    Of n that are preferred in turn, the one with r before it wins the pairs of itself and of those
    behind it.
    """
    equals = _equals(ranking)
    if len(equals) < MANY:
        return 1.0 if ranking[0][0] is candidate else 0.0
    turns = [ranking[place][0] for place in sorted(equals, key=lambda at: _turn(ranking, at))]
    behind = next((len(turns) - at for at, each in enumerate(turns) if each is candidate), 0)
    return (2 * behind - 1) / len(turns) ** 2 if behind else 0.0


def cuts(ranking: Ranking, strategy: Strategy) -> list[float]:
    """Return the draws at which another may come first, in no order."""
    if len(ranking) < MANY:
        return []
    if strategy is Strategy.WEIGHTED:
        return _by_weight([each for each, _ in ranking])
    if strategy not in COMPARED:
        return _grid(ranking)
    cold = _to_explore(ranking)
    early = 1 - EXPLORED
    late = [early + EXPLORED * at / len(cold) for at in range(len(cold))]
    return [*(early * each for each in _grid(_known_first(ranking))), early, *late]


def share_by_parts(first_at: Callable[[float], str], found: Iterable[float], winner: str) -> float:
    """Return how probable the winner was, where only trying every part of the draws tells."""
    edges = sorted({0.0, 1.0, *found})
    return sum(b - a for a, b in pairwise(edges) if first_at((a + b) / 2) == winner)


def put_first(ranking: Ranking, place: int) -> Ranking:
    """Return the ranking with the one at this place before all others."""
    return [ranking[place], *ranking[:place], *ranking[place + 1 :]] if place else ranking


def _compared(ranking: Ranking, draw: float) -> Drawn:
    cold, known = _to_explore(ranking), _known_first(ranking)
    if cold and draw >= 1 - EXPLORED:
        share = (draw - 1 + EXPLORED) / EXPLORED
        place = cold[min(int(share * len(cold)), len(cold) - 1)]
        won, luck = put_first(ranking, place), Luck.EXPLORED
    else:
        won, luck = _spread(known, min(draw / (1 - EXPLORED), JUST_UNDER_ONE))
    best = won[0][0]
    share = (1 - EXPLORED) * share_of(known, best)
    if not cold:
        last = _spread(known, JUST_UNDER_ONE)[0][0][0]  # what all late draws come to
        return won, luck, share + EXPLORED * (last is best)
    tried = sum(ranking[place][0] is best for place in cold)
    return won, luck, share + EXPLORED * tried / len(cold)


def _spread(ranking: Ranking, draw: float) -> tuple[Ranking, Luck]:
    """Put the less loaded of two first that are drawn from those that equal the best."""
    equals = _equals(ranking)
    if len(equals) < MANY:
        return ranking, Luck.NONE
    one = draw * len(equals)
    two = (one - int(one)) * len(equals)
    pair = {equals[int(one)], equals[min(int(two), len(equals) - 1)]}
    return put_first(ranking, min(pair, key=lambda at: _turn(ranking, at))), Luck.LOAD


def _turn(ranking: Ranking, place: int) -> tuple[int, float, int]:
    each = ranking[place][0]
    return each.load, each.latency, place


def _to_explore(ranking: Ranking) -> list[int]:
    """Return the places of those that are explored for want of measured latencies."""
    top = _top(ranking)
    if all(map(_cold, top)):
        return []
    return [place for place, each in enumerate(top) if _cold(each) and each.load < FEW]


def _known_first(ranking: Ranking) -> Ranking:
    """Put the best target that was measured first; the best where none was."""
    if not _cold(ranking[0][0]):
        return ranking
    places = (place for place, each in enumerate(_top(ranking)) if not _cold(each))
    return put_first(ranking, next(places, 0))


def _top(ranking: Ranking) -> list[Candidate]:
    return [each for each, _ in ranking if each.rank == ranking[0][0].rank]


def _cold(candidate: Candidate) -> bool:
    """Whether too little is known; a tool takes no time to speak of."""
    return not candidate.known and candidate.target.kind is not Kind.TOOL


def _equals(ranking: Ranking) -> list[int]:
    """Return the places of those that the strategy cannot tell from the first."""
    best, score = ranking[0]
    places = [0]
    for place in range(1, len(ranking)):
        each, its = ranking[place]
        if each.rank != best.rank or not _near(its, score):
            break
        if (
            each.target.quality == best.target.quality
            and _near(each.cost, best.cost)
            and _near(each.lead, best.lead)
        ):
            places.append(place)
    return places


def _near(one: float, two: float) -> bool:
    return abs(one - two) <= TOLERANCE * max(abs(one), abs(two))


def _grid(ranking: Ranking) -> list[float]:
    count = len(_equals(ranking))
    return [at / count**2 for at in range(1, count**2)] if count >= MANY else []


def _by_weight(candidates: Sequence[Candidate]) -> list[float]:
    total = sum(each.target.weight for each in candidates)
    found, point = [], 0.0
    for each in sorted(candidates, key=lambda one: one.target.id):
        point += each.target.weight
        found.append(point / total if total else 1.0)
    return [each for each in found if each < 1]


def _weight(ranking: Ranking) -> float:
    """Return how probable it is that the first one was drawn, or stands in for those drawn.

    Who is drawn and keeps fewer of the limits leaves the place to the heaviest that keeps more.
    """
    total = sum(each.target.weight for each, _ in ranking)
    if not total:
        return 1.0
    first = ranking[0][0]
    top = [one for one, _ in ranking if (one.rank, one.lead) == (first.rank, first.lead)]
    others = total - sum(each.target.weight for each in top)
    return (first.target.weight + (others if min(top, key=_after) is first else 0.0)) / total


def _after(candidate: Candidate) -> tuple[float, NanoUsd, str]:
    """Return where one comes that was not drawn."""
    return 1.0 / (1.0 + candidate.target.weight), candidate.cost, candidate.target.id
