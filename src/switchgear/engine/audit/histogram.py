"""Percentiles of any number of figures, in little room."""

from math import exp, floor, log

PER_DOUBLING = 12
"""Bins; each is 6 % wide, so a percentile is right within 3 %."""
LEAST = 1e-6
STEP = log(2) / PER_DOUBLING


class Histogram:
    """A workbench that counts figures on a logarithmic scale; nothing and less is one bin."""

    __slots__ = ("_bins", "count")

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self._bins: dict[int | None, int] = {}

    def add(self, value: float) -> None:
        """Count one more."""
        place = floor(log(value) / STEP) if value > LEAST else None
        self._bins[place] = self._bins.get(place, 0) + 1
        self.count += 1

    def at(self, share: float) -> float | None:
        """Return the figure that this share of all is at most; None where there are none."""
        left = share * self.count
        for place in sorted(self._bins, key=lambda each: -1e9 if each is None else each):
            left -= self._bins[place]
            if left <= 0:
                return 0.0 if place is None else exp((place + 0.5) * STEP)
        return None
