"""Ending a call when its client leaves."""

import asyncio

from switchgear.surfaces.http.asgi import GONE
from switchgear.surfaces.http.request import Request


class Leaving:
    """Cancels the task that answers a request as soon as the client has left.

    Our own server tells at once, and for nothing; any other is asked by a task that waits.
    """

    __slots__ = ("_over", "_request", "_task", "_waiting", "noticed")

    def __init__(self, request: Request, *, reading: bool = False) -> None:
        """Watch from now on; ``reading`` says that the request's body is still being read.

        Then only our own server can be asked: of any other, the body tells.
        """
        self._request = request
        self._task = asyncio.current_task()
        self._waiting: asyncio.Task[None] | None = None
        self.noticed = False
        """The client has left, and only the waiting task knew: the server need not hear of it."""
        register = request.extensions.get(GONE)
        if register is None and not reading:
            self._waiting = request.gateway.nursery.spawn(self._wait())
        elif register is not None and self._task is not None:
            register(self._task.cancel)

    def stop(self) -> None:
        """Watch no more, and let go of the task, which holds this in its turn.

        A cancelled call that is a circle stays until the next collection, with all it has read.
        """
        self._task = None
        if self._waiting is not None:
            self._waiting.cancel()

    async def _wait(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        if self._task is not None and not self._request.response.ended:
            self.noticed = True
            self._task.cancel()
