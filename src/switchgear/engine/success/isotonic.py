"""Make scores into probabilities: the best curve that never falls, by pooling neighbours."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

Pool = tuple[float, float, float]
"""Sums of the scores, of the labels and of the weights."""


class Curve(msgspec.Struct, frozen=True, array_like=True):
    """A function that never falls: straight between its knots, level outside them."""

    scores: tuple[float, ...] = ()
    """Of the knots, strictly rising; without any the curve gives back what it is given."""
    values: tuple[float, ...] = ()

    def at(self, score: float) -> float:
        """Return the value at a score."""
        scores, values = self.scores, self.values
        if not scores:
            return score
        place = bisect_right(scores, score)
        if place == 0:
            return values[0]
        if place == len(scores):
            return values[-1]
        left, right = scores[place - 1], scores[place]
        share = (score - left) / (right - left)
        return values[place - 1] + share * (values[place] - values[place - 1])


def isotonic(
    scores: Sequence[float],
    labels: Sequence[float],
    weights: Sequence[float],
    least: float = 0.0,
) -> Curve:
    """Return the curve with the least squared error of all that never fall.

    Neighbours are pooled until each pool weighs ``least``, so that a few labels at an end do not
    make a step of their own; each pool is one knot, at its mean score.

    Shapes: one label, 0 to 1, and one weight above 0 for each score; in any order.
    """
    pools: list[Pool] = []
    for pool in _grouped(sorted(zip(scores, labels, weights, strict=True)), least):
        now = pool
        while pools and pools[-1][1] * now[2] >= now[1] * pools[-1][2]:
            now = _joined(pools.pop(), now)
        pools.append(now)
    knots: dict[float, float] = {}
    for score, good, weight in pools:
        knots[score / weight] = min(1.0, max(0.0, good / weight))
    return Curve(tuple(knots), tuple(knots.values()))


def _grouped(rows: Sequence[tuple[float, float, float]], least: float) -> list[Pool]:
    """Return neighbours together: those of one score always, and others up to a weight."""
    found: list[Pool] = []
    last = None
    for score, label, weight in rows:
        pool = (score * weight, label * weight, weight)
        if found and (score == last or found[-1][2] < least):
            pool = _joined(found.pop(), pool)
        found.append(pool)
        last = score
    if len(found) > 1 and found[-1][2] < least:
        end = found.pop()
        found.append(_joined(found.pop(), end))
    return found


def _joined(one: Pool, other: Pool) -> Pool:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
