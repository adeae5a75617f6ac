"""A date that is slow to believe a clock that has leapt."""

from typing_extensions import override

from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock

LEAP = 2000
"""Milliseconds by which a wall clock may go wrong between two looks and be believed at once."""
GRACE = Seconds(30.0)
"""After a leap ahead, for how long the date goes on as before: time for all who live to renew."""


class SteadyClock(Clock):
    """Tells when reservations end: a clock put ahead must not end those of calls under way.

    What is later of the two dates is doubted: ending late holds money for a while, ending early
    gives it to two.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin with the date that there is."""
        self._clock = clock
        self._date, self._at = clock.date(), clock.now()
        self._leapt: Seconds | None = None

    @override
    def now(self) -> Seconds:
        return self._clock.now()

    @override
    def date(self) -> UnixMs:
        """Return the date, or for a while after a leap ahead what it would be without."""
        date, now = self._clock.date(), self._clock.now()
        expected = UnixMs(self._date + int((now - self._at) * 1000))
        if date - expected > LEAP:
            self._leapt = now if self._leapt is None else self._leapt
            if now - self._leapt < GRACE:
                return expected
        self._leapt = None
        self._date, self._at = date, now
        return date
