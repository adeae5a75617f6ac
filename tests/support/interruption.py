"""Cancel a task at exactly the suspension points that one asks for."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from typing_extensions import override

Strike = Callable[[int], bool]
"""Whether to cancel at this suspension point; the first is number 1."""


class _Struck(Generator[Any, Any, Any]):
    """Passes every step of some work through, counts them, and strikes some."""

    def __init__(self, work: Coroutine[Any, Any, None], when: Strike) -> None:
        self._steps = work.__await__()
        self._when = when
        self.points = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        return self

    @override
    def send(self, value: object) -> object:
        return self._point(self._steps.send(value))

    @override
    def throw(self, *error: Any) -> object:
        return self._point(self._steps.throw(*error))

    def _point(self, waited_for: object) -> object:
        self.points += 1
        task = asyncio.current_task()
        if task is not None and self._when(self.points):
            task.cancel()  # lands in what is about to be waited for
        return waited_for


async def strike(work: Coroutine[Any, Any, None], when: Strike) -> int:
    """Run ``work`` in a task of its own to whatever end; return how often it was suspended."""
    struck = _Struck(work, when)

    async def life() -> None:
        await struck

    await asyncio.wait({asyncio.get_running_loop().create_task(life())})
    return struck.points
