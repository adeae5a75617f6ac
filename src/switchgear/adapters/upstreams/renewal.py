"""What is good for a while: fetched anew by a library that blocks, in a thread, one at a time."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from switchgear.domain.errors import UpstreamError, UpstreamUnreachable
from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock

PATIENCE = Seconds(15.0)
"""For it when there is none that is good."""
PAUSE = Seconds(5.0)
"""After a failure, before the next attempt: calls that come meanwhile are told the same."""

Thing = TypeVar("Thing")


class Renewal(Generic[Thing]):
    """Holds the last that was fetched; however many wait for the next, it is fetched once."""

    def __init__(self, fetch: Callable[[], Thing], clock: Clock, late: str) -> None:
        """Fetch nothing yet; ``late`` says what did not come in time.

        Shapes: ``fetch`` runs in a thread, and raises UpstreamError.
        """
        self.held: Thing | None = None
        self.fetched = Seconds(0.0)
        """When, on the monotonic clock."""
        self._fetch = fetch
        self._clock = clock
        self._late = late
        self._pending: asyncio.Future[Thing] | None = None
        self._failure: tuple[Callable[[], UpstreamError], Seconds] | None = None
        """What makes the error, and when it happened."""

    def begin(self) -> None:
        """Fetch the next, unless that is under way, or has just failed."""
        failed = self._failure and self._failure[1]
        rests = failed is not None and self._clock.now() - failed < PAUSE
        if self._pending is None and not rests:
            loop = asyncio.get_running_loop()
            self._pending = loop.run_in_executor(None, self._fetch)
            self._pending.add_done_callback(self._done)

    async def next(self) -> Thing:
        """Return the one that is being fetched.

        Raises:
            UpstreamError: there is none to be had, or not in time.
        """
        if self._pending is None:
            raise self._told()
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._pending)
        except TimeoutError:
            raise UpstreamUnreachable(self._late) from None
        except UpstreamError:  # which others may wait for too: each gets its own
            raise self._told() from None

    def _done(self, pending: asyncio.Future[Thing]) -> None:
        self._pending = None
        error = None if pending.cancelled() else pending.exception()
        if isinstance(error, UpstreamError):
            kind, message = type(error), str(error)
            self._failure = (lambda: kind(message)), self._clock.now()
        elif not pending.cancelled() and error is None:
            self.held, self.fetched = pending.result(), self._clock.now()
            self._failure = None

    def _told(self) -> UpstreamError:
        return self._failure[0]() if self._failure else UpstreamUnreachable()
