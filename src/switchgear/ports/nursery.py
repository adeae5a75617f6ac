"""Where work goes that must end even if the call that began it is cancelled."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from switchgear.domain.units import Seconds

GRACE = Seconds(5.0)
"""For the work still under way when the app closes."""


async def called_off(task: asyncio.Task[None] | None) -> None:
    """Cancel work that would go on for ever, and wait until it is over; None is over already."""
    if task is not None:
        task.cancel()
        await asyncio.wait({task})


class Nursery:
    """Keeps the app's own tasks; it lives as long as the app does.

    Work that fails is reported to the loop's exception handler, whoever waits for it or not.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin ``work`` now, in a task that no caller can cancel by going away."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def aclose(self, grace: Seconds = GRACE) -> None:
        """Wait until all work is done, also what it spawns; cancel what outlasts ``grace``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))
        late = set(self._tasks)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            report = {"message": "work in the nursery failed", "exception": error, "task": task}
            task.get_loop().call_exception_handler(report)
