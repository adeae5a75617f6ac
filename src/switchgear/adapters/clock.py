"""The clock on the wall, and the one that tests turn by hand."""

import time
from typing import TYPE_CHECKING, cast

from switchgear.domain.units import Seconds, UnixMs

if TYPE_CHECKING:
    from collections.abc import Callable


class SystemClock:
    """The machine's clocks."""

    now = staticmethod(cast("Callable[[], Seconds]", time.monotonic))
    """Return seconds since the machine's arbitrary epoch: the C function itself, since every call
    asks a dozen times."""

    def date(self) -> UnixMs:
        """Return milliseconds since 1970."""
        return UnixMs(time.time_ns() // 1_000_000)


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, date: UnixMs = UnixMs(1_750_000_000_000)) -> None:
        """Start at zero, on ``date``."""
        self._now = Seconds(0.0)
        self._start = date

    def now(self) -> Seconds:
        """Return the time it was last set to."""
        return self._now

    def date(self) -> UnixMs:
        """Return the starting date, and what has passed since."""
        return UnixMs(self._start + int(self._now * 1000))

    def advance(self, span: Seconds) -> None:
        """Let ``span`` pass at once."""
        self._now = Seconds(self._now + span)
