"""Work that gathers while other work is done, and is then done together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery

MOST_PENDING = 20_000
"""Jobs that wait; beyond that, more are refused."""

Thing = TypeVar("Thing")
Outcome = Any
"""What is wrong with a job, which is an exception, or else its answer."""


class Job(msgspec.Struct, Generic[Thing], eq=False):
    """Something to do, and who waits for it."""

    thing: Thing
    done: asyncio.Future[Any]

    @property
    def left(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.done.done()


class Gatherer(Generic[Thing]):
    """Takes jobs one by one, has them done by turns; each is done even if its waiter has left."""

    def __init__(
        self,
        do: Callable[[Sequence[Job[Thing]]], Awaitable[Sequence[Outcome]]],
        most: int,
        rest: Callable[[], Awaitable[Seconds | None]] | None = None,
    ) -> None:
        """Take what does jobs, at most so many at once; it returns an outcome for each.

        ``rest`` is called after each turn and says after how long it wants to be called again.
        """
        self._do = do
        self._most = most
        self._rest = rest
        self._jobs: deque[Job[Thing]] = deque()
        self._wake = asyncio.Event()
        self._closing = False

    def start(self, nursery: Nursery) -> asyncio.Task[None]:
        """Begin."""
        return nursery.spawn(self._run(nursery))

    def put(self, thing: Thing) -> asyncio.Future[Any]:
        """Return what is done when the job is.

        Raises:
            LedgerDown: it is not taken.
        """
        if self._closing:
            raise LedgerDown("The ledger is closed.")
        if len(self._jobs) >= MOST_PENDING:
            raise LedgerDown("More calls wait to be written than the ledger can hold.")
        job = Job(thing, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._wake.set()
        return job.done

    def stop(self) -> None:
        """Take no more, and end when all is done."""
        self._closing = True
        self._wake.set()

    async def _run(self, nursery: Nursery) -> None:
        pause: Seconds | None = None
        while not (self._closing and not self._jobs):
            await self._wait(pause)
            jobs = [self._jobs.popleft() for _ in range(min(self._most, len(self._jobs)))]
            if jobs:
                # A task of its own: what nobody foresaw ends this turn, and not all that come.
                await asyncio.wait([nursery.spawn(self._turn(jobs))])
            if self._rest is not None:
                pause = await self._rest()

    async def _turn(self, jobs: Sequence[Job[Thing]]) -> None:
        try:
            _tell(jobs, await self._do(jobs))
        finally:
            for job in jobs:
                if not job.left:
                    job.done.set_exception(LedgerDown("The ledger failed."))

    async def _wait(self, pause: Seconds | None) -> None:
        if self._jobs or self._closing:
            return
        self._wake.clear()
        if pause is None:
            await self._wake.wait()
            return
        timer = asyncio.get_running_loop().call_later(pause, self._wake.set)
        await self._wake.wait()
        timer.cancel()


def _tell(jobs: Sequence[Job[Any]], outcomes: Sequence[Outcome]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.left:
            continue
        if isinstance(outcome, Exception):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)
