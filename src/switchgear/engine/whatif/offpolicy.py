"""Estimates of another policy's mean from calls that this one drew, by their propensities.

A call that was drawn with a small chance stands for all that were not. What the other policy would
have drawn more often counts more, and what it never would have, not at all.

Source: D. G. Horvitz, D. J. Thompson, "A generalization of sampling without replacement from a
finite universe", 1952; A. Swaminathan, T. Joachims, "The self-normalized estimator for
counterfactual learning", 2015; M. Dudík, J. Langford, L. Li, "Doubly robust policy evaluation and
learning", 2011.
"""

import msgspec

from switchgear.engine.whatif.interval import Interval
from switchgear.engine.whatif.pair import Pairs

ENOUGH = 100.0
"""Effective calls from which on the estimates are relied on."""
ASKEW = 4.0
"""Standard errors that the mean weight may be off one: further, and what the other policy would
have drawn was never drawn by this one."""
ROUNDING = 1e-9


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """What one call that was drawn says of the other policy."""

    weight: float
    """How much more probable its target is under the other policy: that one's chance of it, by
    this one's."""
    seen: float
    """What was measured."""
    was: float
    """What was to be expected of its target."""
    would: float
    """What is to be expected of the other policy's."""

    @property
    def corrected(self) -> float:
        """What is expected, corrected by what was seen: doubly robust, over many."""
        return self.would + self.weight * (self.seen - self.was)


class OffPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What the drawn calls come to."""

    drawn: int
    """Calls that were left to a draw."""
    effective: float
    """As many calls of the other policy's own would say as much."""
    weight: Interval
    """The mean weight; one, where the draws overlap."""
    ips: Interval
    """Inverse propensity scoring."""
    snips: Interval
    """The same, normalised by the weights: bounded by what was seen."""
    robust: Interval
    """Doubly robust: what is expected, corrected by what was seen."""

    @property
    def enough(self) -> bool:
        """Whether it can be relied on."""
        return self.effective >= ENOUGH and self.overlaps

    @property
    def overlaps(self) -> bool:
        """Whether what the other policy would draw was drawn at all."""
        return abs(self.weight.value - 1.0) <= ASKEW * self.weight.error + ROUNDING


class Draws:
    """A workbench that takes one drawn call after another."""

    __slots__ = ("robust", "weighted")

    def __init__(self) -> None:
        """Start with none."""
        self.weighted = Pairs()
        """Of each its weight, and the weight times what was seen."""
        self.robust = Pairs()

    def add(self, each: Drawn) -> None:
        """Take one more."""
        self.weighted.add(each.weight, each.weight * each.seen)
        self.robust.add(each.seen, each.corrected)

    def merge(self, other: "Draws") -> None:
        """Take all calls that another has taken."""
        self.weighted.merge(other.weighted)
        self.robust.merge(other.robust)

    def result(self) -> OffPolicy | None:
        """Return what they come to; None where there were none."""
        pairs = self.weighted
        if not pairs.count:
            return None
        return OffPolicy(
            drawn=pairs.count,
            effective=pairs.effective,
            weight=pairs.before,
            ips=pairs.after,
            snips=_normalised(pairs),
            robust=self.robust.after,
        )


def _normalised(pairs: Pairs) -> Interval:
    """Return the ratio of both means; pairs say how much more than one it is."""
    ratio = pairs.relative
    if ratio is None:
        return pairs.after
    return Interval(ratio.value + 1.0, ratio.low + 1.0, ratio.high + 1.0)
