"""Order the targets that can serve, by the strategy; equals by id, so that replays agree."""

from collections.abc import Callable, Sequence

import msgspec

from switchgear.domain.decision import Limit, Strategy
from switchgear.domain.odds import Chance
from switchgear.domain.target import Target
from switchgear.domain.units import NanoUsd


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
    chance: Chance | None = None
    """What was learnt of it; None where that does not choose."""
    lead: float = 0.0
    """What goes before the strategy among those of one rank; lower is better."""
    worth: float = 0.0
    """What its answer is expected to be worth after cost and waiting, in nano-dollars; only under
    the strategy that asks for it."""
    free: bool = False
    """It may be tried in order to learn of it."""

    @property
    def good(self) -> float:
        """How good it is taken to be: its chance where that is sure, else its quality."""
        if self.chance is not None and self.chance.sure:
            return self.chance.p
        return self.target.quality


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
        (each.rank, each.lead, score, each.cost, each.target.id, place)
        for place, (each, score) in enumerate(zip(candidates, scores, strict=True))
    ]
    keys.sort()
    return [(candidates[key[-1]], key[2]) for key in keys]


def _by_cost(candidates: Sequence[Candidate], _: float) -> Scores:
    return [float(each.cost) for each in candidates]


def _by_latency(candidates: Sequence[Candidate], _: float) -> Scores:
    return [each.latency for each in candidates]


def _by_quality(candidates: Sequence[Candidate], _: float) -> Scores:
    return [-each.good for each in candidates]


def _by_value(candidates: Sequence[Candidate], _: float) -> Scores:
    return [-each.worth for each in candidates]


def _balanced(candidates: Sequence[Candidate], _: float) -> Scores:
    dearest = max(each.cost for each in candidates) or 1
    slowest = max(each.latency for each in candidates) or 1.0
    best = max(each.good for each in candidates)
    return [
        each.cost / dearest + each.latency / slowest + (best - each.good) for each in candidates
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
    Strategy.VALUE: _by_value,
}
