"""The window that figures are taken over, and the periods that it falls into."""

import msgspec

from switchgear.domain.units import Seconds, UnixMs

HOUR_MS, DAY_MS, WEEK_MS = 3_600_000, 86_400_000, 604_800_000
SHORT_MS, LONG_MS = 2 * DAY_MS, 60 * DAY_MS
"""Windows up to the one fall into hours, up to the other into days, and longer ones into weeks."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """From when, until when."""

    since: UnixMs
    until: UnixMs

    @property
    def period(self) -> int:
        """Milliseconds of one period; they begin with whole hours, days or weeks of UTC."""
        span = self.until - self.since
        return HOUR_MS if span <= SHORT_MS else DAY_MS if span <= LONG_MS else WEEK_MS

    @property
    def periods(self) -> range:
        """The numbers of all periods, counted from 1970."""
        return range(self.number(self.since), self.number(UnixMs(max(self.until - 1, 0))) + 1)

    def number(self, at: UnixMs) -> int:
        """Return the number of the period in which a moment lies."""
        return at // self.period

    def begins(self, number: int) -> UnixMs:
        """Return when a period begins."""
        return UnixMs(number * self.period)

    def newer(self, at: UnixMs) -> bool:
        """Whether a moment lies in the newer half."""
        return 2 * at >= self.since + self.until

    def has(self, at: UnixMs) -> bool:
        """Whether a moment lies in it."""
        return self.since <= at < self.until


def frame_before(now: UnixMs, window: Seconds) -> Frame:
    """Return the window that ends now."""
    return Frame(UnixMs(max(now - round(window * 1000), 0)), now)
