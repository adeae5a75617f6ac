"""The one thread that writes, and commits what has gathered in one go."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
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
from switchgear.adapters.ledgers.verb import Answer, Reserve, Verb
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock

MOST_PENDING = 20_000
"""Entries that wait to be written; beyond that, more are refused."""

MOST_TOGETHER = 512
"""Entries in one transaction: what a crash of the machine can lose, and a lock can hold up."""

GATHER = Seconds(0.002)
"""How long a busy writer waits for company: a commit costs as much as some ten rows. A writer that
found nobody waiting after its last commit does not wait at all, nor does one whose job is a verb: a
call waits for that, and it need not get to the disk."""

ENOUGH = 16
"""Entries that need no more company. To wait is to give the interpreter up, and a busy event loop
is slow to give it back; meanwhile company comes anyhow."""

ROWS_A_CHECKPOINT = 2000


SHUT = LedgerDown("The call could not be written down: the ledger takes nothing now.")


class Job(msgspec.Struct, eq=False):
    """Something to write or to do, and who waits for it."""

    item: Item | Verb
    done: asyncio.Future[Answer]
    loop: asyncio.AbstractEventLoop


Outcome = Exception | Answer
"""What was wrong with a job, or else what it answers."""
Outcomes = Sequence[Outcome] | None
"""Of each job of a batch; None when nothing was wrong with any, and none has an answer."""


class Writer:
    """Takes jobs from any event loop; a row is written even if its waiter has gone."""

    def __init__(
        self, path: Path, spill: Spill, clock: Clock, *, durable: bool, written: Callable[[], None]
    ) -> None:
        """Open the file; ``written`` is called now and then, when a checkpoint is worth while.

        What the file does not take goes to ``spill``, and from there into the file when it can:
        rows do, with what they pay. What else is asked of the accounts fails.

        Raises:
            LedgerDown: the file cannot be used.
        """
        self._path = path
        self._spill = spill
        self._clock = clock
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

    def write(self, item: Item | Verb) -> asyncio.Future[Answer]:
        """Return what is done when the item is committed, or fails as it is not.

        Raises:
            LedgerDown: it is not taken.
        """
        if self._closing.is_set():
            raise LedgerDown("The ledger is closed.")
        if self._jobs.qsize() >= MOST_PENDING:
            raise LedgerDown("More calls wait to be written than the ledger can hold.")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Answer] = loop.create_future()
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
        urgent = first is not None and isinstance(first.item, Verb)
        if busy and not urgent and self._jobs.qsize() < ENOUGH:
            self._closing.wait(GATHER)
        jobs: list[Job] = []
        while first is not None:
            if not (isinstance(first.item, Reserve) and first.done.done()):  # nobody wants it now
                jobs.append(first)
            if len(jobs) == MOST_TOGETHER or self._jobs.empty():
                return jobs, False
            first = self._jobs.get()
        return jobs, True

    def _settle(self, jobs: list[Job]) -> Outcomes:
        if self._spill.shut:
            return self._refuse(jobs, SHUT)
        try:
            if self._connection is None:
                self._batches = self._open()
            outcomes = self._write(jobs)
        except (sqlite3.Error, LedgerDown) as error:
            self._recover(error)
            return self._refuse(jobs, _down(error))
        self._since += len(jobs)
        if self._since >= ROWS_A_CHECKPOINT:
            self._since = 0
            self._written()
        return outcomes

    def _refuse(self, jobs: list[Job], why: LedgerDown) -> Outcomes:
        """Let the spill keep the rows; nobody can do the rest."""
        items, verbs = _parted(jobs)
        return _joined(jobs, self._spill.keep(items, why), [LedgerDown(why.message)] * len(verbs))

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
        self._batches.patience = Seconds(0.0) if self._spill.shut else BUSY

    def _write(self, jobs: list[Job]) -> Outcomes:
        items, verbs = _parted(jobs)
        try:
            answers = self._batches.write(items, verbs)
        except REJECTIONS:
            failures, answers = self._batches.write_each(items, verbs)
            faults = [_fault(each, item) for item, each in zip(items, failures, strict=True)]
            return _joined(jobs, faults, answers)
        return _joined(jobs, repeat(None), answers) if verbs else None

    def _open(self) -> Batches:
        self._connection = open_for_writing(self._path, durable=self._durable)
        return Batches(self._connection, self._clock)

    def _recover(self, error: Exception) -> None:
        """After anything but a lock, begin again with a new connection."""
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            return
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _parted(jobs: list[Job]) -> tuple[list[Item], list[Verb]]:
    """Return what is to be written, and what is to be done to the accounts and is waited for."""
    items = [job.item for job in jobs if not isinstance(job.item, Verb)]
    return items, [job.item for job in jobs if isinstance(job.item, Verb)]


def _joined(
    jobs: list[Job], faults: Iterable[Exception | None], answers: Iterable[Outcome]
) -> Outcomes:
    """Return the outcomes of what was parted, in the order of the jobs."""
    of_items, of_verbs = iter(faults), iter(answers)
    return [next(of_verbs if isinstance(job.item, Verb) else of_items) for job in jobs]


def _tell(jobs: list[Job], outcomes: Outcomes) -> None:
    """Wake all waiters: one message to each loop, however many wait there."""
    for loop in {job.loop for job in jobs}:
        with suppress(RuntimeError):  # the loop is closed, so nobody waits
            loop.call_soon_threadsafe(_resolve, loop, jobs, outcomes)


def _resolve(loop: asyncio.AbstractEventLoop, jobs: list[Job], outcomes: Outcomes) -> None:
    for job, outcome in zip(jobs, outcomes or repeat(None, len(jobs)), strict=True):
        if job.loop is not loop or job.done.done():
            continue
        if isinstance(outcome, Exception):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)


def _down(error: Exception) -> LedgerDown:
    if isinstance(error, LedgerDown):
        return LedgerDown(error.message)
    return LedgerDown(f"The call could not be written down: {said(error)}.")


def _fault(error: Exception | None, item: Item) -> Exception | None:
    if error is None:
        return None
    if isinstance(error, sqlite3.IntegrityError) and isinstance(item, Entry):
        return taken_already(item)
    return LedgerDown(UNKEEPABLE)
