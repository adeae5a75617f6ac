"""A simulation: heavy and trivial calls of real traces at one target, in lanes and as they come.

The engine's own queue runs on virtual time; nothing is measured of this machine. One kind of call
overloads the target by half, the other would keep an eighth of its places busy. Prints one JSON
object; its argument is the number of rounds.
"""

import heapq
import json
import sys
from collections import deque
from collections.abc import Sequence
from itertools import count
from statistics import mean

import msgspec
from bench.figure import quantile
from bench.traffic import Job, jobs, paced

from switchgear.config.setup import Queueing
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.cost import EXPECTED_OUTPUT
from switchgear.engine.queue import Bounds, Queue
from switchgear.engine.waiter import Standing, Waiter

PLACES = 32
CROWD, FEW = 1.5, 0.125
"""Shares of the places that the two kinds of call would keep busy."""
LONGEST_S = 120.0
TRIVIAL, HEAVY = "azure_conv", "mooncake_conversation"
BURSTS = "azure_code"
"""Trivial calls too, that come in hundreds at once: they wait for one another."""
WANTED = Queueing(waiting=512, in_lane=256)
"""What the target's queue is bounded by; all else is as it is by default."""


class Simulation:
    """One target, from a first call to the end of the last."""

    def __init__(self) -> None:
        """Start with nobody."""
        self.waits: dict[str, list[float]] = {}
        self.lost: dict[str, int] = {}
        self._ends: list[tuple[float, int, object]] = []
        self._number = count()

    def run(self, mixed: Sequence[Job]) -> None:
        """Let the calls come at their times."""
        for job in mixed:
            while self._ends and self._ends[0][0] <= job.at:
                now, _, held = heapq.heappop(self._ends)
                self.end(held, now)
            self.come(job)
        while self._ends:
            now, _, held = heapq.heappop(self._ends)
            self.end(held, now)

    def begin(self, held: object, job: Job, now: float) -> None:
        """Give a call its place."""
        self.waits.setdefault(job.kind, []).append(now - job.at)
        heapq.heappush(self._ends, (now + job.service_s, next(self._number), held))

    def lose(self, job: Job) -> None:
        """Count a call that was not served."""
        self.lost[job.kind] = self.lost.get(job.kind, 0) + 1

    def come(self, job: Job) -> None:
        """Take a call in."""
        raise NotImplementedError

    def end(self, held: object, now: float) -> None:
        """Take a place back."""
        raise NotImplementedError


class InLanes(Simulation):
    """As the gateway does it."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        super().__init__()
        self._queue = Queue(
            Bounds(
                places=PLACES,
                waiting=WANTED.waiting,
                in_lane=WANTED.in_lane,
                kept=WANTED.kept,
                ageing=WANTED.ageing,
            )
        )
        self._jobs: dict[Waiter, Job] = {}

    def come(self, job: Job) -> None:  # type: ignore[explicit-override]  # one line, many times
        """Take a call in."""
        tokens = Tokens(job.input + EXPECTED_OUTPUT)  # how much it will write is not known yet
        waiter = Waiter("all", tokens, heavy=tokens >= WANTED.heavy_from)
        waiter.until = Seconds(job.at + LONGEST_S)
        self._jobs[waiter] = job
        shed = self._queue.come(waiter, Seconds(job.at))
        if waiter.standing is Standing.HOLDING:
            self.begin(waiter, job, job.at)
        for each in (shed, waiter):
            if each is not None and each.standing in {Standing.SHED, Standing.REFUSED}:
                self.lose(self._jobs.pop(each))
        self._serve(job.at)

    def end(self, held: object, now: float) -> None:  # type: ignore[explicit-override]  # as above
        """Take a place back."""
        if isinstance(held, Waiter):
            self._queue.leave(held, Seconds(now))
            self._serve(now)

    def _serve(self, now: float) -> None:
        for each in self._queue.expire(Seconds(now)):
            self.lose(self._jobs.pop(each))
        for each in self._queue.serve(Seconds(now)):
            self.begin(each, self._jobs[each], now)


class FirstCome(Simulation):
    """One queue of the same length, and nothing else."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        super().__init__()
        self._queue: deque[Job] = deque()
        self._free = PLACES

    def come(self, job: Job) -> None:  # type: ignore[explicit-override]  # as above
        """Take a call in."""
        if len(self._queue) >= WANTED.in_lane:
            self.lose(job)
            return
        self._queue.append(job)
        self._serve(job.at)

    def end(self, held: object, now: float) -> None:  # type: ignore[explicit-override]  # as above
        """Take a place back."""
        del held
        self._free += 1
        self._serve(now)

    def _serve(self, now: float) -> None:
        while self._free and self._queue:
            job = self._queue.popleft()
            if now - job.at > LONGEST_S:
                self.lose(job)
                continue
            self._free -= 1
            self.begin(None, job, now)


class Told(msgspec.Struct, frozen=True):
    """How the few fared among the crowd."""

    wait_p99_s: float
    service_s: float
    """Their own, on average."""
    times: float
    """The first as a multiple of the second."""
    lost: int
    crowd_served: int


def those(name: str, calls: int) -> list[Job]:
    """Return calls of a trace; of the heavy one those that can be seen to be heavy."""
    found = jobs(name, calls)
    if name != HEAVY:
        return found
    return [job for job in found if job.input + EXPECTED_OUTPUT >= WANTED.heavy_from]


def mix(few: str, crowd: str, calls: int) -> list[Job]:
    """Return the calls of both kinds, in the order of their times."""
    many = paced(those(crowd, calls), PLACES * CROWD)
    some = paced(those(few, calls), PLACES * FEW)
    return sorted([*many, *(job for job in some if job.at < many[-1].at)], key=lambda job: job.at)


def fare(simulation: Simulation, mixed: Sequence[Job], few: str) -> Told:
    """Return how those of one kind fared."""
    simulation.run(mixed)
    waits = simulation.waits[few]
    service = mean(job.service_s for job in mixed if job.kind == few)
    worst = quantile(waits, 0.99)
    served = sum(len(each) for kind, each in simulation.waits.items() if kind != few)
    return Told(worst, service, worst / service, simulation.lost.get(few, 0), served)


def compare(calls: int) -> dict[str, Told]:
    """Return how trivial calls fare behind heavy ones and the reverse, with both kinds of queue."""
    found = {}
    for name, few, crowd in (
        ("small", TRIVIAL, HEAVY),
        ("heavy", HEAVY, TRIVIAL),
        ("bursts", BURSTS, HEAVY),
    ):
        mixed = mix(few, crowd, calls)
        found[f"{name}_lanes"] = fare(InLanes(), mixed, few)
        found[f"{name}_fifo"] = fare(FirstCome(), mixed, few)
        if name == "bursts":
            alone = [job for job in mixed if job.kind == few]
            found["bursts_alone"] = fare(FirstCome(), alone, few)
    return found


def main() -> None:
    """Print the figures."""
    found: dict[str, list[float]] = {}
    for calls in [5000, 4000, 3000][: int(sys.argv[1])]:
        for name, told in compare(calls).items():
            found.setdefault(f"waiting_{name}_x", []).append(told.times)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
