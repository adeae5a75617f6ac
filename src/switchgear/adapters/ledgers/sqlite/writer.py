"""The one thread that writes, and commits what has gathered in one go."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

import msgspec

from switchgear.adapters.ledgers.item import UNKEEPABLE, Item, taken_already
from switchgear.adapters.ledgers.spill import Spill
from switchgear.adapters.ledgers.sqlite.batch import REJECTIONS, Batches
from switchgear.adapters.ledgers.sqlite.schema import BUSY, open_for_writing, said
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds

MOST_PENDING = 20_000
"""Entries that wait to be written; beyond that, more are refused."""

MOST_TOGETHER = 512
"""Entries in one transaction: what a crash of the machine can lose, and a lock can hold up."""

GATHER = Seconds(0.002)
"""How long a busy writer waits for company: a commit costs as much as some ten rows. A writer that
found nobody waiting after its last commit does not wait at all."""

ENOUGH = 16
"""Entries that need no more company. To wait is to give the interpreter up, and a busy event loop
is slow to give it back; meanwhile company comes anyhow."""

ROWS_A_CHECKPOINT = 2000


SHUT = LedgerDown("The call could not be written down: the ledger takes nothing now.")


class Job(msgspec.Struct, eq=False):
    """Something to write, and who waits for it."""

    item: Item
    done: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop


Faults = list[Exception | None] | None
"""Of each job of a batch; None when nothing was wrong with any."""


class Writer:
    """Takes jobs from any event loop; each is written even if its waiter has gone."""

    def __init__(
        self, path: Path, spill: Spill, *, durable: bool, written: Callable[[], None]
    ) -> None:
        """Open the file; ``written`` is called now and then, when a checkpoint is worth while.

        What the file does not take goes to ``spill``, and from there into the file when it can.

        Raises:
            LedgerDown: the file cannot be used.
        """
        self._path = path
        self._spill = spill
        self._durable = durable
        self._written = written
        self._connection: sqlite3.Connection | None = None
        self._batches = self._open()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._closing = Event()
        self._since = 0
        while spill.due:
            self._bring_back()
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def write(self, item: Item) -> asyncio.Future[None]:
        """Return what is done when the item is committed, or fails as it is not kept.

        Raises:
            LedgerDown: it is not taken.
        """
        if self._closing.is_set():
            raise LedgerDown("The ledger is closed.")
        if self._jobs.qsize() >= MOST_PENDING:
            raise LedgerDown("More calls wait to be written than the ledger can hold.")
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._jobs.put(Job(item, done, loop))
        return done

    def stop(self) -> None:
        """Take no more jobs; called where jobs are written, so that none comes after the last."""
        self._closing.set()
        self._jobs.put(None)

    def join(self) -> None:
        """Wait until all jobs are written; it blocks."""
        self._thread.join()

    def _run(self) -> None:
        busy = False
        while True:
            jobs, last = self._gather(busy=busy)
            if jobs:
                _tell(jobs, self._settle(jobs))
                busy = len(jobs) > 1 or not self._jobs.empty()
            if self._spill.due:
                self._bring_back()
            if last:
                break
        while self._spill.waiting and not self._spill.shut:
            self._bring_back()
        self._spill.close()
        if self._connection is not None:
            self._connection.close()

    def _gather(self, *, busy: bool) -> tuple[list[Job], bool]:
        """Return the jobs for the next commit, and whether they are the last."""
        try:
            first = self._jobs.get(timeout=self._spill.pause)
        except Empty:
            return [], False
        if busy and self._jobs.qsize() < ENOUGH:
            self._closing.wait(GATHER)
        jobs: list[Job] = []
        while first is not None:
            jobs.append(first)
            if len(jobs) == MOST_TOGETHER or self._jobs.empty():
                return jobs, False
            first = self._jobs.get()
        return jobs, True

    def _settle(self, jobs: list[Job]) -> Faults:
        if self._spill.shut:
            return self._spill.keep([job.item for job in jobs], SHUT)
        try:
            if self._connection is None:
                self._batches = self._open()
            faults = self._write(jobs)
        except (sqlite3.Error, LedgerDown) as error:
            self._recover(error)
            return self._spill.keep([job.item for job in jobs], _down(error))
        self._since += len(jobs)
        if self._since >= ROWS_A_CHECKPOINT:
            self._since = 0
            self._written()
        return faults

    def _bring_back(self) -> None:
        """Write some of what waits in the journal; nobody waits long for that."""
        items = self._spill.next(MOST_TOGETHER)
        try:
            if self._connection is None:
                self._batches = self._open()
            self._set_patience()
            self._batches.write_missing(items)
        except (sqlite3.Error, LedgerDown) as error:
            self._recover(error)
            self._spill.refused()
        else:
            self._spill.taken(items)
        self._set_patience()

    def _set_patience(self) -> None:
        """While the file takes nothing, each look at it is short: calls wait behind it."""
        patience = 0 if self._spill.shut else int(BUSY * 1000)
        if self._connection is not None:
            self._connection.execute(f"PRAGMA busy_timeout = {patience}")

    def _write(self, jobs: list[Job]) -> Faults:
        items = [job.item for job in jobs]
        try:
            self._batches.write(items)
        except REJECTIONS:
            failures = self._batches.write_each(items)
            return [_fault(each, job) for job, each in zip(jobs, failures, strict=True)]
        return None

    def _open(self) -> Batches:
        self._connection = open_for_writing(self._path, durable=self._durable)
        return Batches(self._connection)

    def _recover(self, error: Exception) -> None:
        """After anything but a lock, begin again with a new connection."""
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            return
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _tell(jobs: list[Job], faults: Faults) -> None:
    """Wake all waiters: one message to each loop, however many wait there."""
    for loop in {job.loop for job in jobs}:
        with suppress(RuntimeError):  # the loop is closed, so nobody waits
            loop.call_soon_threadsafe(_resolve, loop, jobs, faults)


def _resolve(loop: asyncio.AbstractEventLoop, jobs: list[Job], faults: Faults) -> None:
    for job, fault in zip(jobs, faults or repeat(None, len(jobs)), strict=True):
        if job.loop is not loop or job.done.done():
            continue
        if fault is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(fault)


def _down(error: Exception) -> LedgerDown:
    if isinstance(error, LedgerDown):
        return LedgerDown(error.message)
    return LedgerDown(f"The call could not be written down: {said(error)}.")


def _fault(error: Exception | None, job: Job) -> Exception | None:
    if error is None:
        return None
    if isinstance(error, sqlite3.IntegrityError) and isinstance(job.item, Entry):
        return taken_already(job.item)
    return LedgerDown(UNKEEPABLE)
