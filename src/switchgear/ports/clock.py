"""Time, as an argument."""

from typing import Protocol

from switchgear.domain.units import Seconds, UnixMs


class Clock(Protocol):
    """A monotonic clock, and the date for people."""

    def now(self) -> Seconds:
        """Return the time since some fixed moment; it never goes back."""
        ...

    def date(self) -> UnixMs:
        """Return the wall time, which may jump: for ids and records, never for spans."""
        ...
