"""Two attempts at one call: the second begins late, and the first that commits wins."""

import asyncio
from collections.abc import Awaitable, Callable

from switchgear.domain.errors import HedgeLost, SwitchgearError
from switchgear.domain.units import Seconds
from switchgear.pipeline.attempt import Try


class Race:
    """One race. It owns both attempts until it ends; then the winner is the caller's."""

    __slots__ = ("_errors", "_first", "_second", "winner")

    def __init__(self, first: Try) -> None:
        """Take the first attempt over; nothing is sent yet."""
        self._first = first
        self._second: Try | None = None
        self._errors: dict[Try, SwitchgearError] = {}
        self.winner: Try | None = None

    async def run(self, delay: Seconds, second: Callable[[], Awaitable[Try | None]]) -> Try:
        """Return the attempt that commits first; ``second`` is begun after ``delay``.

        Raises:
            SwitchgearError: neither committed; it is the first attempt's.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {group.create_task(self._commit(self._first))}
                await asyncio.wait(tasks, timeout=delay)
                if self.winner is None and self._first not in self._errors:
                    self._second = await second()
                    if self._second is not None and self.winner is None:
                        tasks.add(group.create_task(self._commit(self._second)))
                while tasks and self.winner is None:
                    _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                self._close_losers()  # their tasks end by it, and the group waits for them
        except BaseException:
            self.winner = None
            self._close_losers()
            raise
        if self.winner is None:
            raise self._errors[self._first]
        return self.winner

    async def _commit(self, attempt: Try) -> None:
        try:
            await attempt.commit()
        except SwitchgearError as error:
            self._errors[attempt] = error
        else:
            self.winner = self.winner or attempt

    def _close_losers(self) -> None:
        """Close what did not win, at once: a loser's connection must not outlive the race."""
        for each in (self._first, self._second):
            if each is not None and each is not self.winner:
                each.close(HedgeLost() if self.winner is not None else None)
