"""Make scores into probabilities: the best curve that never falls, by pooling neighbours."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec


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


def isotonic(scores: Sequence[float], labels: Sequence[float], weights: Sequence[float]) -> Curve:
    """Return the curve with the least squared error of all that never fall.

    Shapes: one label, 0 to 1, and one weight above 0 for each score; in any order.
    """
    pools: list[list[float]] = []  # of each: sum of scores, of labels, of weights
    for score, label, weight in sorted(zip(scores, labels, weights, strict=True)):
        pool = [score * weight, label * weight, weight]
        while pools and pools[-1][1] * pool[2] >= pool[1] * pools[-1][2]:
            pool = [one + other for one, other in zip(pools.pop(), pool, strict=True)]
        pools.append(pool)
    curve: dict[float, float] = {pool[0] / pool[2]: pool[1] / pool[2] for pool in pools}
    return Curve(tuple(curve), tuple(curve.values()))
