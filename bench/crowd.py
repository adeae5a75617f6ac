"""More calls than there is room for, over sockets: who waits, and for how long."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Any

import msgspec
from bench.figure import quantile
from bench.load import Line, connect, prompt, request
from bench.process import GATEWAY_CORE, Child, free_port

ANSWER_MS = 100
SPREAD = 0.3
"""Answers take so much more, or less, in turns."""
PLACES = 16
CROWDED = 10
"""Times the interactive tenant's calls."""
AGENTS, TOGETHER, CALLS = 200, 25, 10_000
HEAVY_AGENTS = 100
"""So many agents have twice the weight of the others."""
AGENT_PLACES, AGENT_MS = 48, 50
RAMP_S = 3.0
"""In which the agents begin, one after another."""
PEOPLE, BATCH = "people", "nightly"
Found = dict[str, list[float]]


class Place(msgspec.Struct, frozen=True):
    """A gateway under measurement."""

    port: int
    child: Child
    late: Path
    """Where it writes how late its loop was, when it ends."""


@contextmanager
def gateway(upstream: int, folder: Path, more: dict[str, Any]) -> Iterator[Place]:
    """Yield a gateway on its core, with one target at the simulated upstream."""
    port, late = free_port(), folder / "late.json"
    target = {
        "provider": "up",
        "model": "m",
        "tier": "small",
        "price": {"input_usd": 1, "output_usd": 4},
        "window": 1_000_000,
    }
    if "max_concurrent" in more:
        target["max_concurrent"] = more.pop("max_concurrent")
    provider = {"dialect": "openai-chat", "base_url": f"http://127.0.0.1:{upstream}/v1"}
    ledger = {"path": str(folder / f"crowd-{port}.db"), "durable": False}
    content = {"providers": {"up": provider}, "targets": {"up/m": target}, "ledger": ledger, **more}
    file = folder / f"crowd-{port}.yaml"
    file.write_text(json.dumps(content))
    words = [sys.executable, "-m", "bench.probe", str(late)]
    words += ["serve", "--config", str(file), "--port", str(port)]
    child = Child(words, GATEWAY_CORE, folder / "crowd.log")
    try:
        child.wait_port(port)
        yield Place(port, child, late)
    finally:
        child.stop()


def keys() -> list[dict[str, str]]:
    """Return the two tenants' keys."""
    return [
        {"id": PEOPLE, "secret": "sk-people-0123456789", "tenant": PEOPLE},
        {"id": BATCH, "secret": "sk-batch-0123456789", "tenant": BATCH, "priority": "batch"},
    ]


def asks(key: str, number: int, took_ms: int = ANSWER_MS) -> bytes:
    """Return a request whose answer takes about so long."""
    span = took_ms * (1 + SPREAD * ((number * 7919 % 101) / 50 - 1))
    body = prompt("auto", wish=f"wait-{span:.0f}")
    return request(body, [("authorization", f"Bearer sk-{key}-0123456789")])


class Tenant:
    """Calls at a pace of their own, on as many connections as they need up to a bound."""

    def __init__(self, key: str, rate: float, most: int) -> None:
        """Send ``rate`` calls a second."""
        self._key, self._rate, self._most = key, rate, most
        self._lines: list[Line] = []
        self.took: list[float] = []
        self.answered = self.refused = self.unsent = 0
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self, port: int, seconds: float) -> None:
        """Send calls; the first second of them is not counted."""
        self._lines = await connect(port, self._most)
        began, sent = time.perf_counter(), 0
        while (passed := time.perf_counter() - began) < seconds:
            while sent < passed * self._rate:
                due = began + sent / self._rate
                sent += 1
                if not self._lines:
                    self.unsent += 1
                    continue
                task = asyncio.ensure_future(self._one(self._lines.pop(), sent, due, began + 1.0))
                self._busy.add(task)
                task.add_done_callback(self._busy.discard)
            await asyncio.sleep(0.003)
        await asyncio.wait(self._busy, timeout=30)
        for line in self._lines:
            line.close()

    async def _one(self, line: Line, number: int, due: float, counted: float) -> None:
        good = await line.send(asks(self._key, number))
        if due >= counted:
            self.answered += good
            self.refused += not good
            if good:
                self.took.append((time.perf_counter() - due) * 1000)
        self._lines.append(line)


async def beside(port: int, rate: float, seconds: float) -> tuple[float, float, Tenant]:
    """Return the interactive tenant's p99 in ms alone, then beside the other, who is told too."""
    alone = Tenant("people", rate, 64)
    await alone.run(port, seconds)
    crowd, people = Tenant("batch", rate * CROWDED, 512), Tenant("people", rate, 64)
    await asyncio.gather(crowd.run(port, seconds + 1), people.run(port, seconds))
    return quantile(alone.took, 0.99), quantile(people.took, 0.99), crowd


def places(upstream: int, folder: Path, seconds: float) -> Found:
    """Measure both tenants where the target's places are too few."""
    rate = PLACES * 1000 / ANSWER_MS / CROWDED
    with gateway(upstream, folder, {"max_concurrent": PLACES, "keys": keys()}) as place:
        alone, crowded, crowd = asyncio.run(beside(place.port, rate, seconds))
    return {
        "crowd_places_x": [crowded / alone],
        "crowd_places_alone_ms": [alone],
        "crowd_places_beside_ms": [crowded],
        "crowd_places_batch_rps": [crowd.answered / seconds],
    }


def core(upstream: int, folder: Path, seconds: float) -> Found:
    """Measure both tenants where the gateway's own core is too slow."""
    with gateway(upstream, folder, {"keys": keys()}) as place:
        most = asyncio.run(_capacity(place))
        rate = most * 0.12
        before, began = place.child.cpu_s(), time.perf_counter()
        alone, crowded, crowd = asyncio.run(beside(place.port, rate, seconds))
        busy = (place.child.cpu_s() - before) / (time.perf_counter() - began)
    return {
        "crowd_core_x": [crowded / alone],
        "crowd_core_alone_ms": [alone],
        "crowd_core_beside_ms": [crowded],
        "crowd_core_batch_rps": [crowd.answered / seconds],
        "crowd_core_capacity_rps": [most],
        "crowd_core_busy": [busy],
    }


async def _capacity(place: Place, seconds: float = 2.0) -> float:
    """Return how many calls a second of the gateway's CPU time answers."""
    flood, before = Tenant("batch", 400, 200), place.child.cpu_s()
    await flood.run(place.port, seconds)
    return 400 * seconds / (place.child.cpu_s() - before)


class Agent:
    """One tenant with many calls at a time."""

    def __init__(self, number: int, calls: int) -> None:
        """Have so many calls to make."""
        self.number, self.left = number, calls
        self.done: list[float] = []
        self.lost = 0

    async def run(self, port: int) -> None:
        """Make them, as many together as there are connections."""
        lines = await connect(port, TOGETHER)
        await asyncio.gather(*[self._keep_on(line) for line in lines])
        for line in lines:
            line.close()

    async def _keep_on(self, line: Line) -> None:
        while self.left:
            self.left -= 1
            good = await line.send(asks(f"agent{self.number}", self.left, AGENT_MS))
            if good:
                self.done.append(time.perf_counter())
            else:
                self.lost += 1


def agents(upstream: int, folder: Path, calls: int = CALLS) -> Found:
    """Measure many agents who all want more than their share."""
    heavy = HEAVY_AGENTS / AGENTS
    one = calls / AGENTS / (1 + heavy)
    made = [Agent(number, round(one * _weight(number))) for number in range(AGENTS)]
    more = {
        "max_concurrent": AGENT_PLACES,
        "keys": [
            {
                "id": f"a{it.number}",
                "secret": f"sk-agent{it.number}-0123456789",
                "tenant": f"t{it.number}",
            }
            for it in made
        ],
        "tenants": {f"t{it.number}": {"weight": _weight(it.number)} for it in made},
        "server": {"max_calls": 8192},
        "lanes": {"waiting": 8192, "in_lane": 8192, "longest_wait_s": 120},
    }
    with gateway(upstream, folder, more) as place:
        asyncio.run(_all(made, place.port))
    late, own = json.loads(place.late.read_text())
    return {
        "agents_answered": [float(sum(len(it.done) for it in made))],
        "agents_unfair_percent": [100 * unfairness(made)],
        "agents_lag_p99_ms": [quantile(late, 0.99) * 1000],
        "agents_lag_own_p99_ms": [quantile(own, 0.99) * 1000],
        "agents_lag_worst_ms": [max(late) * 1000],
    }


def _weight(number: int) -> float:
    return 2.0 if number < HEAVY_AGENTS else 1.0


async def _all(made: Sequence[Agent], port: int) -> None:
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for agent in made:
            group.create_task(agent.run(port))
            await asyncio.sleep(RAMP_S / AGENTS)


def unfairness(made: Sequence[Agent]) -> float:
    """Return how far the share of an agent is from its weight's at most, while all have calls.

    That is from the first answer of the last to begin until the last answer of the first to end. A
    share is counted in whole calls: one more or less is not unfair.
    """
    begun = max(it.done[0] for it in made)
    over = min(it.done[-1] for it in made)
    got = Counter({it.number: sum(begun < at <= over for at in it.done) for it in made})
    per_weight = mean(got[it.number] / _weight(it.number) for it in made)
    off = [abs(got[it.number] - per_weight * _weight(it.number)) - 1.0 for it in made]
    least = min(per_weight * _weight(it.number) for it in made)
    return max(0.0, *off) / max(1.0, least)
