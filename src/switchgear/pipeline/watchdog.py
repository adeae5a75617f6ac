"""One watchdog for all that must not take too long, instead of a timer for each read."""

import asyncio
from collections.abc import Callable

from switchgear.domain.units import Seconds
from switchgear.pipeline.lag import UNEVEN, Lag

TICK = Seconds(0.25)
"""How late a bite may come. A timer for each read was measured to cost 17 % of a stream."""


def nothing() -> None:
    """Do nothing."""


class Watch:
    """Something that must end by its deadline, or be put off before it."""

    __slots__ = ("bite", "deadline")

    def __init__(self, deadline: float, bite: Callable[[], None]) -> None:
        """Take when to bite, on the loop's clock, and how."""
        self.deadline = deadline
        self.bite = bite


class Watchdog:
    """Looks at every watch a few times a second; sleeps while there is none.

    It tells ``lag`` how late it came to look, and gives every watch the time in which our own loop
    stood still: what had arrived by then could not be read.
    """

    def __init__(self, lag: Lag | None = None) -> None:
        """Start with nothing to watch."""
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._lag = lag
        self._loop: asyncio.AbstractEventLoop

    def watch(self, span: Seconds, bite: Callable[[], None]) -> Watch:
        """Call ``bite`` once after ``span``, unless the watch is put off or released."""
        if self._timer is None:
            self._loop = asyncio.get_running_loop()
            self._look_again()
        watch = Watch(self._loop.time() + span, bite)
        self._watches.add(watch)
        return watch

    def put_off(self, watch: Watch, span: Seconds) -> None:
        """Let a watch bite only after ``span`` from now."""
        watch.deadline = self._loop.time() + span

    def release(self, watch: Watch) -> None:
        """Forget a watch; releasing twice is harmless."""
        self._watches.discard(watch)
        watch.bite = nothing  # who is watched holds the watch: a circle otherwise

    def _look_again(self) -> None:
        self._due = self._loop.time() + TICK
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        late = Seconds(now - self._due)
        if self._lag is not None:
            self._lag.note(late)
        if late >= UNEVEN:
            for watch in self._watches:
                watch.deadline += late
        for watch in [watch for watch in self._watches if watch.deadline <= now]:
            self._watches.discard(watch)
            watch.bite()
        if self._watches:
            self._look_again()
        else:
            self._timer = None
