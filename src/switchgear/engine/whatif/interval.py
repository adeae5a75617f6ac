"""A figure with the bounds that it lies between, 95 times in a hundred."""

from math import sqrt

import msgspec

Z = 1.959964
"""Standard deviations on either side of a normal mean that hold 95 % of it."""


class Interval(msgspec.Struct, frozen=True, gc=False):
    """An estimate, and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error, of one that is as wide on both sides."""
        return (self.high - self.value) / Z


def around(value: float, error: float) -> Interval:
    """Return the interval of a mean whose standard error is known."""
    return Interval(value, value - Z * error, value + Z * error)


def share_of(hits: float, n: float) -> Interval:
    """Return a share with Wilson's interval, which holds for few and for none too.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    1927.
    """
    if n <= 0:
        return Interval(0.0, 0.0, 1.0)
    share, z2 = hits / n, Z * Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))
