"""How far a figure can be trusted: intervals of 95 % for shares, means, and ratios of means."""

from collections.abc import Iterable, Sequence
from math import erfc, exp, sqrt

import msgspec

Z = 1.959963984540054
"""Of the normal distribution, for 95 %."""
MANY = 2
"""Values that a spread needs."""


class Interval(msgspec.Struct, frozen=True, gc=False):
    """A value, and between what it lies with a confidence of 95 %."""

    value: float
    low: float
    high: float


class Moments(msgspec.Struct, frozen=True, gc=False):
    """What is kept of many values: enough for their mean and its spread."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def mean(self) -> float:
        """Their mean; 0 where there is none."""
        return self.total / self.count if self.count else 0.0

    @property
    def error(self) -> float | None:
        """The standard error of the mean; None where one value, or none, cannot tell."""
        if self.count < MANY:
            return None
        left = max(self.squares - self.count * self.mean**2, 0.0)
        return sqrt(left / (self.count - 1) / self.count)


def together(parts: Iterable[Moments]) -> Moments:
    """Return the moments of all values of these."""
    found = list(parts)
    return Moments(
        sum(each.count for each in found),
        sum(each.total for each in found),
        sum(each.squares for each in found),
    )


def less(whole: Moments, part: Moments) -> Moments:
    """Return the moments of the values that are not in the part."""
    return Moments(whole.count - part.count, whole.total - part.total, whole.squares - part.squares)


def wilson(hits: float, size: float) -> Interval | None:
    """Return a share and its interval; None where there is nothing to share.

    ``size`` may be an effective one: (Σw)² / Σw² of weights w. It is then no whole number, and
    ``hits`` is the weighted share of it.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    1927; L. Kish, "Survey sampling", 1965, for the effective size.
    """
    if size <= 0:
        return None
    share, spread = hits / size, Z * Z / size
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(max(share * (1 - share), 0.0) * spread + spread * spread / 4) / (1 + spread)
    return Interval(share, max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0))


def mean_of_shares(parts: Sequence[Interval]) -> Interval | None:
    """Return the mean of shares that were measured apart, each counting the same.

    Source: G. Y. Zou, A. Donner, "Construction of confidence limits about effect measures", 2008
    (MOVER): distances to the limits add as squares.
    """
    if not parts:
        return None
    count = len(parts)
    value = sum(each.value for each in parts) / count
    below = sqrt(sum((each.value - each.low) ** 2 for each in parts)) / count
    above = sqrt(sum((each.high - each.value) ** 2 for each in parts)) / count
    return Interval(value, max(value - below, 0.0), min(value + above, 1.0))


def mean_of(moments: Moments) -> Interval | None:
    """Return a mean of what is never negative; by the delta method on its logarithm."""
    if moments.count == 0:
        return None
    mean, error = moments.mean, moments.error
    if error is None:
        return Interval(mean, 0.0, float("inf"))
    if mean <= 0:
        return Interval(mean, mean, mean)
    factor = exp(min(Z * error / mean, 700.0))
    return Interval(mean, mean / factor, mean * factor)


def ratio_of(newer: Moments, older: Moments) -> Interval | None:
    """Return the ratio of two means; None where one of them cannot be told."""
    if newer.error is None or older.error is None or newer.mean <= 0 or older.mean <= 0:
        return None
    error = sqrt((newer.error / newer.mean) ** 2 + (older.error / older.mean) ** 2)
    ratio, factor = newer.mean / older.mean, exp(min(Z * error, 700.0))
    return Interval(ratio, ratio / factor, ratio * factor)


def by_chance(z: float) -> float:
    """Return how probable it is that a standard normal value is as far from 0, on either side."""
    return erfc(abs(z) / sqrt(2))
