"""The parent of several workers: it starts them, passes on what it is told, and serves nothing."""

import logging
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory

import msgspec

from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock
from switchgear.ports.worker import Post

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SHORTEST, LONGEST = Seconds(0.1), Seconds(10.0)
"""Of the pause before a worker that died is replaced; it doubles while they die young."""
YOUNG = Seconds(10.0)
WOKEN = 4096
log = logging.getLogger("switchgear")


class Lifeline(msgspec.Struct, frozen=True):
    """What a worker has of its parent: two ends of pipes."""

    ready: int
    """A byte that is written there says that it serves."""
    parent: int
    """It ends when the parent is gone."""


Work = Callable[[Post, Lifeline], int]
"""Serves until told to stop, in a process of its own, and returns that one's exit code."""


class Worker:
    """One place among the workers, and the process that has it now."""

    def __init__(self, post: Post) -> None:
        """Nobody has it yet."""
        self.post = post
        self.pid = 0
        self.ready = -1
        """Where it will say that it serves; -1 once it has, or has died."""
        self.served = False
        """It has said so at least once, or one before it has."""
        self.began = Seconds(0.0)
        self.deaths = 0
        """In a row, of young ones."""
        self.due: Seconds | None = None
        """When a new one is started; None while there is one."""


class Crew:
    """All of them. If the first ones cannot start, none does."""

    def __init__(self, of: int, work: Work, clock: Clock) -> None:
        """Start nothing yet."""
        self._of = of
        self._work = work
        self._clock = clock
        self._told: list[int] = []
        self._code = 0
        self._stopping = False
        self._workers: list[Worker] = []
        self._lifeline = (-1, -1)

    def run(self) -> int:
        """Keep them alive until told to stop; return the exit code."""
        with TemporaryDirectory(prefix="switchgear-") as folder, self._listening() as bell:
            self._lifeline = os.pipe()
            for number in range(1, self._of + 1):
                self._workers.append(Worker(Post(number=number, of=self._of, folder=folder)))
            for each in self._workers:
                self._start(each)
            while any(each.pid or each.due is not None for each in self._workers):
                self._sleep(bell)
                self._bury()
                self._pass_on()
                self._replace()
        return self._code

    @contextmanager
    def _listening(self) -> Iterator[int]:
        """Take note of signals; what is yielded can be read when there are any."""
        bell, button = os.pipe()
        for end in (bell, button):
            os.set_blocking(end, False)
        before = {each: signal.getsignal(each) for each in (*PASSED_ON, signal.SIGCHLD)}
        for each in PASSED_ON:
            signal.signal(each, lambda number, _: self._told.append(number))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        old = signal.set_wakeup_fd(button)
        try:
            yield bell
        finally:
            signal.set_wakeup_fd(old)
            for each, handler in before.items():
                signal.signal(each, handler)

    def _start(self, worker: Worker) -> None:
        ready, word = os.pipe()
        worker.began, worker.due = self._clock.now(), None
        pid = os.fork()
        if pid == 0:
            os._exit(self._live(worker.post, Lifeline(word, self._lifeline[0])))
        os.close(word)
        worker.pid, worker.ready = pid, ready

    def _live(self, post: Post, lifeline: Lifeline) -> int:
        """Be a worker, and no longer a parent."""
        signal.set_wakeup_fd(-1)
        for each in (*PASSED_ON, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        os.setpgid(0, 0)  # a terminal's Ctrl-C goes to the parent alone, which passes it on once
        os.close(self._lifeline[1])
        try:
            return self._work(post, lifeline)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()

    def _sleep(self, bell: int) -> None:
        """Wait for a signal, for word of a worker, or for the time to start one."""
        due = [each.due for each in self._workers if each.due is not None]
        span = max(0.0, min(due) - self._clock.now()) if due else None
        waiting = {each.ready: each for each in self._workers if each.ready >= 0}
        found, _, _ = select.select([bell, *waiting], [], [], span)
        with suppress(BlockingIOError):
            os.read(bell, WOKEN)
        for each in found:
            if each in waiting:
                self._hear(waiting[each])

    def _hear(self, worker: Worker) -> None:
        if os.read(worker.ready, 1):
            worker.served = True
        os.close(worker.ready)
        worker.ready = -1

    def _bury(self) -> None:
        for worker in [each for each in self._workers if each.pid]:
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                worker.pid = 0
                self._lost(worker, os.waitstatus_to_exitcode(status))

    def _lost(self, worker: Worker, code: int) -> None:
        if worker.ready >= 0:
            self._hear(worker)
        if self._stopping:
            self._code = self._code or abs(code)
            return
        if not worker.served:
            log.error("worker %d cannot start: none is left running", worker.post.number)
            self._code = abs(code) or 1
            self._stop(signal.SIGTERM)
            return
        now = self._clock.now()
        worker.deaths = worker.deaths + 1 if now - worker.began < YOUNG else 0
        pause = min(LONGEST, SHORTEST * 2 ** min(worker.deaths, 10))
        worker.due = Seconds(now + pause)
        log.error(
            "worker %d ended with %d; it is started again in %.1f s",
            worker.post.number,
            code,
            pause,
        )

    def _pass_on(self) -> None:
        told, self._told = self._told, []
        for number in told:
            if number == signal.SIGHUP:
                self._tell(number)
            else:
                self._stop(number)

    def _stop(self, number: int) -> None:
        """Let all workers end; told again, at once."""
        self._stopping = True
        for each in self._workers:
            each.due = None
        self._tell(number)

    def _tell(self, number: int) -> None:
        for each in self._workers:
            if each.pid:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, number)

    def _replace(self) -> None:
        now = self._clock.now()
        for each in self._workers:
            if each.due is not None and each.due <= now:
                self._start(each)
