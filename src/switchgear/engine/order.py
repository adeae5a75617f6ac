"""Order the targets that can serve, by the strategy; equals by id, so that replays agree.

Two things are left to the call's draw, and to what the snapshot says of load: which of several
equals comes first, and whether a target is tried only because little is known of it.

Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", 2001.
"""

from collections.abc import Callable, Sequence
from enum import Enum

import msgspec

from switchgear.domain.decision import Limit, Strategy
from switchgear.domain.target import Kind, Target
from switchgear.domain.units import NanoUsd

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
    """Too little is known of it."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A target that can serve, with what it is expected to take."""

    number: int
    """In the policy's order of targets."""
    target: Target
    cost: NanoUsd
    latency: float
    """Seconds."""
    over: tuple[Limit, ...] = ()
    """Soft limits that it does not keep."""
    rank: int = 0
    """0 keeps every limit; more the later in the policy's ``relax`` the limit that it breaks."""
    load: int = 0
    """Calls under way there, roughly."""
    known: bool = False
    """Enough was measured of it."""


Ranking = list[tuple[Candidate, float]]
"""Candidates with their scores, best first."""


Scores = list[float]
"""One for each candidate, in their order; lower is better."""


def ordered(candidates: Sequence[Candidate], strategy: Strategy, draw: float) -> Ranking:
    """Return the candidates, best first, each with its score.

    Whoever keeps more of the limits comes first; the strategy orders those that are equal in that.
    """
    if not candidates:
        return []
    scores = SCORERS[strategy](candidates, draw)
    keys = [
        (each.rank, score, each.cost, each.target.id, place)
        for place, (each, score) in enumerate(zip(candidates, scores, strict=True))
    ]
    keys.sort()
    return [(candidates[key[-1]], key[1]) for key in keys]


def drawn(ranking: Ranking, strategy: Strategy, draw: float) -> tuple[Ranking, Luck]:
    """Return the ranking with another first where that is left to the draw, and why.

    Where latencies decide, a target of which little is known gets a small share of the calls,
    whether it seems the best or not. Else the less loaded of two of those comes first that equal
    the best; the two may be one, so that a snapshot's age sends not all calls the same way.
    """
    if len(ranking) < MANY or strategy is Strategy.WEIGHTED:
        return ranking, Luck.NONE
    if strategy in COMPARED:
        place = _to_explore(ranking, draw)
        if place is not None:
            return _first(ranking, place), Luck.EXPLORED
        draw = min(draw / (1 - EXPLORED), JUST_UNDER_ONE)
        ranking = _first(ranking, _best_known(ranking))
    equals = _equals(ranking)
    if len(equals) < MANY:
        return ranking, Luck.NONE
    one = draw * len(equals)
    two = (one - int(one)) * len(equals)
    pair = {equals[int(one)], equals[min(int(two), len(equals) - 1)]}
    best = min(pair, key=lambda at: (ranking[at][0].load, ranking[at][0].latency, at))
    return _first(ranking, best), Luck.LOAD


def _to_explore(ranking: Ranking, draw: float) -> int | None:
    """Return the place of the target that this draw explores; None where it explores none."""
    if draw < 1 - EXPLORED:
        return None
    top = _top(ranking)
    if all(map(_cold, top)):
        return None
    cold = [place for place, each in enumerate(top) if _cold(each) and each.load < FEW]
    share = (draw - 1 + EXPLORED) / EXPLORED
    return cold[min(int(share * len(cold)), len(cold) - 1)] if cold else None


def _best_known(ranking: Ranking) -> int:
    """Return the place of the best target that was measured; of the best where none was."""
    if not _cold(ranking[0][0]):
        return 0
    return next((place for place, each in enumerate(_top(ranking)) if not _cold(each)), 0)


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
        if each.target.quality == best.target.quality and _near(each.cost, best.cost):
            places.append(place)
    return places


def _near(one: float, two: float) -> bool:
    return abs(one - two) <= TOLERANCE * max(abs(one), abs(two))


def _first(ranking: Ranking, place: int) -> Ranking:
    return [ranking[place], *ranking[:place], *ranking[place + 1 :]] if place else ranking


def _by_cost(candidates: Sequence[Candidate], _: float) -> Scores:
    return [float(each.cost) for each in candidates]


def _by_latency(candidates: Sequence[Candidate], _: float) -> Scores:
    return [each.latency for each in candidates]


def _by_quality(candidates: Sequence[Candidate], _: float) -> Scores:
    return [-each.target.quality for each in candidates]


def _balanced(candidates: Sequence[Candidate], _: float) -> Scores:
    dearest = max(each.cost for each in candidates) or 1
    slowest = max(each.latency for each in candidates) or 1.0
    best = max(each.target.quality for each in candidates)
    return [
        each.cost / dearest + each.latency / slowest + (best - each.target.quality)
        for each in candidates
    ]


def _weighted(candidates: Sequence[Candidate], draw: float) -> Scores:
    """Give the drawn target 0; the others follow by weight, heaviest first."""
    total = sum(each.target.weight for each in candidates)
    point, scores, drawn = draw * total, [], False
    for each in sorted(candidates, key=lambda one: one.target.id):
        point -= each.target.weight
        hit = not drawn and point < 0
        drawn = drawn or hit
        scores.append((each.target.id, 0.0 if hit else 1.0 / (1.0 + each.target.weight)))
    by_id = dict(scores)
    return [by_id[each.target.id] for each in candidates]


SCORERS: dict[Strategy, Callable[[Sequence[Candidate], float], Scores]] = {
    Strategy.COST: _by_cost,
    Strategy.LATENCY: _by_latency,
    Strategy.QUALITY: _by_quality,
    Strategy.BALANCED: _balanced,
    Strategy.WEIGHTED: _weighted,
}
