"""Sums of pairs of figures: what was and what would be, and how sure their difference is."""

from math import sqrt

from switchgear.engine.whatif.interval import Interval, around

FEWEST = 2
"""Pairs below which nothing can be said of their scatter."""
NOTHING = Interval(0.0, 0.0, 0.0)


class Pairs:
    """A workbench that takes one pair after another and keeps six sums."""

    __slots__ = ("_after", "_after2", "_before", "_before2", "_both", "count", "doubt")

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.doubt = 0.0
        """Sum of what each pair's second figure may be off by all together: it does not average
        out, however many there are."""
        self._before = self._after = 0.0
        self._before2 = self._after2 = self._both = 0.0

    def add(self, before: float, after: float, doubt: float = 0.0) -> None:
        """Take one more pair."""
        self.count += 1
        self.doubt += doubt
        self._before += before
        self._after += after
        self._before2 += before * before
        self._after2 += after * after
        self._both += before * after

    def merge(self, other: "Pairs") -> None:
        """Take all pairs that another has taken."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def before(self) -> Interval:
        """The mean of the first figures."""
        if not self.count:
            return NOTHING
        return around(self._before / self.count, self._error(1.0, 0.0))

    @property
    def after(self) -> Interval:
        """The mean of the second."""
        if not self.count:
            return NOTHING
        return around(self._after / self.count, self._with_doubt(self._error(0.0, 1.0)))

    @property
    def change(self) -> Interval:
        """The mean of what the second is more than the first."""
        if not self.count:
            return NOTHING
        mean = (self._after - self._before) / self.count
        return around(mean, self._with_doubt(self._error(-1.0, 1.0)))

    @property
    def relative(self) -> Interval | None:
        """That change as a share of the mean of the first; None where that is nothing.

        A ratio of means; its error is that of the residuals ``after - ratio * before``.
        """
        if not self.count or self._before <= 0:
            return None
        ratio = self._after / self._before
        error = self._with_doubt(self._error(-ratio, 1.0)) / (self._before / self.count)
        return around(ratio - 1.0, error)

    @property
    def effective(self) -> float:
        """As many equal first figures would scatter as little: Kish's effective sample size."""
        return self._before * self._before / self._before2 if self._before2 else 0.0

    def _error(self, one: float, two: float) -> float:
        """Return the standard error of the mean of ``one * before + two * after``."""
        n = self.count
        if n < FEWEST:
            return 0.0
        mean = (one * self._before + two * self._after) / n
        square = (
            one * one * self._before2 + two * two * self._after2 + 2 * one * two * self._both
        ) / n
        return sqrt(max(0.0, square - mean * mean) / (n - 1))

    def _with_doubt(self, error: float) -> float:
        doubt = self.doubt / self.count
        return sqrt(error * error + doubt * doubt)
