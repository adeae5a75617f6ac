"""Hold lower lanes back when our own loop is late, before interactive calls suffer by it."""

import asyncio

from switchgear.domain.units import Seconds
from switchgear.engine.restraint import adjusted
from switchgear.pipeline.lane import Lane

TICK = Seconds(0.01)
TICKS = 5
"""After which the number of calls is set anew: long enough to see what the last change did."""


class Restraint:
    """Sets how many calls of lower lanes may be under way; ticks only while there are any."""

    def __init__(self, lane: Lane) -> None:
        """Begin without any restraint."""
        self._lane = lane
        self._timer: asyncio.TimerHandle | None = None
        self._due = self._late = 0.0
        self._ticks = 0
        self._loop: asyncio.AbstractEventLoop

    def begin(self) -> None:
        """Take note that there is a call of a lower lane."""
        if self._timer is None:
            self._loop = asyncio.get_running_loop()
            self._late, self._ticks = 0.0, 0
            self._tick_again()

    def _tick_again(self) -> None:
        self._due = self._loop.time() + TICK
        self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self._late += self._loop.time() - self._due
        self._ticks += 1
        queue = self._lane.queue
        if self._ticks >= TICKS:
            late = Seconds(self._late / TICKS)
            queue.spare(adjusted(queue.most_low, queue.low, late, queue.places))
            self._late, self._ticks = 0.0, 0
            if queue.waiting:
                self._lane.pump()
        if queue.low or queue.waiting:
            self._tick_again()
        else:
            self._timer = None
