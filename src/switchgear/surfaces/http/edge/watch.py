"""One clock for all deadlines of all connections, so that a request arms no timer."""

import asyncio
import math
from typing import Protocol

from switchgear.domain.units import Seconds

NEVER = 1 << 62
"""A tick that does not come."""

LONGEST_TICK = Seconds(1.0)
TICKS_PER_DEADLINE = 8
"""A deadline is kept at worst an eighth too late."""


class Watched(Protocol):
    """What has deadlines."""

    due: int
    """Tick by which something must have been read."""
    stall: int
    """Tick by which something must have been taken."""

    def late(self) -> None:
        """One of the two has passed."""
        ...


class Watch:
    """Counts ticks while anything is watched, and tells what is late.

    A sweep costs a tenth of a microsecond for each connection, once a tick; a timer of its own
    would cost each request ten times that.
    """

    __slots__ = ("_beating", "_tick", "_watched", "now")

    def __init__(self, shortest: Seconds) -> None:
        """Tick often enough for the shortest deadline there is."""
        self.now = 0
        self._tick = min(LONGEST_TICK, shortest / TICKS_PER_DEADLINE)
        self._watched: set[Watched] = set()
        self._beating: asyncio.TimerHandle | None = None

    def ticks(self, span: Seconds) -> int:
        """Return the number of ticks after which ``span`` has certainly passed."""
        return math.ceil(span / self._tick) + 1

    def add(self, watched: Watched) -> None:
        """Begin to watch."""
        self._watched.add(watched)
        if self._beating is None:
            self._arm()

    def discard(self, watched: Watched) -> None:
        """Watch it no more; with nothing left to watch, time stands still."""
        self._watched.discard(watched)
        if not self._watched and self._beating is not None:
            self._beating.cancel()
            self._beating = None

    def _arm(self) -> None:
        self._beating = asyncio.get_running_loop().call_later(self._tick, self._beat)

    def _beat(self) -> None:
        self.now = now = self.now + 1
        self._arm()
        for watched in [it for it in self._watched if it.due <= now or it.stall <= now]:
            watched.late()
