"""Three times the calls that the targets can take, for a while; then half of what they can."""

import asyncio
import os
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec
from bench.load import prompt, request
from bench.process import GATEWAY_CORE, LOAD_CORE
from bench.upstream import CHAT, HEAD
from faults.cell import Cell, cell, noted
from faults.served import Served, serving, target

RATED = 1000
"""Calls a second: so many at once as the target takes, each as long as its answer takes."""
ANSWER_S = 0.1
TIMES = 3
SPAN_S = float(os.environ.get("OVERLOAD_S", "10"))
CALM_S = 6.0
TICK_S = 0.004
MOST_LINES = 1200
MEASURE_AFTER_S = 1.0
"""The first second of the storm opens hundreds of connections; it is not counted as goodput."""
WINDOW_S = 0.5
"""Back to normal is a window in which every call was answered, none slower than NORMAL_S."""
NORMAL_S = 0.3
LEAST_GOODPUT = 0.8
MOST_REFUSAL_S = 0.05
MOST_RECOVERY_S = 5.0


class Done(msgspec.Struct, frozen=True):
    """One call that has ended."""

    at: float
    """When it was due."""
    took: float
    """From then to the end of its answer."""
    status: int
    wait: bool
    """Its answer says when to come again."""


class Host(asyncio.Protocol):
    """The target: answers each request after its time."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[explicit-override]  # hot path
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a server gets a full transport

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]  # as above
        """Answer when the request is whole: ours end with the end of their JSON."""
        self._held = held = self._held + data if self._held else data
        if held.endswith(b"}"):
            self._held = b""
            asyncio.get_running_loop().call_later(ANSWER_S, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(HEAD % (len(CHAT), CHAT))


class Line(asyncio.Protocol):
    """One connection of the load: one call at a time."""

    def __init__(self, load: "Load") -> None:
        """Belong to a load."""
        self._load = load
        self._held = b""
        self._due = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[explicit-override]  # hot path
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a client gets a full transport

    def connection_lost(self, exc: Exception | None) -> None:  # type: ignore[explicit-override]  # as above
        """Count a call that was under way as unanswered."""
        del exc
        if self._due:
            self._end(0)
        self._load.idle = deque(each for each in self._load.idle if each is not self)

    def send(self, due: float) -> None:
        """Send the call that was due then."""
        self._due = due
        self._transport.write(self._load.data)

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]  # as above
        """See whether the answer is whole: all of ours end with the end of their JSON."""
        self._held = held = self._held + data if self._held else data
        if held.endswith(b"}"):
            self._end(int(held[9:12]))
            self._load.idle.append(self)

    def close(self) -> None:
        """Leave."""
        self._transport.abort()

    def _end(self, status: int) -> None:
        took = time.perf_counter() - self._due
        wait = b"\r\nretry-after: " in self._held
        self._load.done.append(Done(self._due, took, status, wait))
        self._held, self._due = b"", 0.0


class Load:
    """Calls at their own pace, however slowly they are answered."""

    def __init__(self, port: int, data: bytes) -> None:
        """Send ``data`` to a port."""
        self.data = data
        self.idle: deque[Line] = deque()
        self.done: list[Done] = []
        self.late = 0
        """Calls that were not sent since all connections waited."""
        self._port = port
        self._lines: list[Line] = []

    async def open(self, count: int) -> None:
        """Have so many connections."""
        loop = asyncio.get_running_loop()
        while len(self._lines) < count:
            _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self._port)
            self._lines.append(line)
            self.idle.append(line)

    async def run(self, rate: int, seconds: float) -> None:
        """Send ``rate`` calls a second."""
        began, sent = time.perf_counter(), 0
        while (passed := time.perf_counter() - began) < seconds:
            due = int(passed * rate)
            while sent < due:
                sent += 1
                if self.idle:
                    self.idle.popleft().send(began + sent / rate)
                else:
                    self.late += 1
            await asyncio.sleep(TICK_S)

    def close(self) -> None:
        """Close all connections."""
        for line in self._lines:
            line.close()


async def overload() -> list[Cell]:
    """Storm, then calm."""
    os.sched_setaffinity(0, {LOAD_CORE})
    loop = asyncio.get_running_loop()
    host = await loop.create_server(Host, "127.0.0.1", 0, backlog=4096)
    port = host.sockets[0].getsockname()[1]
    content = {
        "providers": {"up": {"dialect": "openai-chat", "base_url": f"http://127.0.0.1:{port}/v1"}},
        "targets": {"up/m": target("up", "m", max_concurrent=int(RATED * ANSWER_S))},
    }
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), content, core=GATEWAY_CORE) as served:
            cells = await _measure(served)
    host.close()
    return cells


async def _measure(served: Served) -> list[Cell]:
    load = Load(served.port, request(prompt("auto")))
    await load.open(MOST_LINES)
    await load.run(RATED // 2, 2.0)
    load.done.clear()
    storm, before = time.perf_counter(), served.spent()
    await load.run(RATED * TIMES, SPAN_S)
    calm, after_it = time.perf_counter(), served.spent()
    ran, waited = [(b - a) / (calm - storm) for a, b in zip(before, after_it, strict=True)]
    await load.run(RATED // 2, CALM_S)
    await asyncio.sleep(1.0)
    load.close()
    during = [each for each in load.done if storm + MEASURE_AFTER_S < each.at < calm]
    after = [each for each in load.done if each.at >= calm]
    figures = await served.figures()
    code = await served.end()
    rows = sum(each.status > 0 for each in load.done)
    share = f"the gateway ran {ran:.0%} of the time, and waited {waited:.0%} for its core"
    judged = [noted(each, share) for each in _judged(during, SPAN_S - MEASURE_AFTER_S, load)]
    return judged + _recovered(after, calm) + _kept(figures, code, rows)


def _judged(during: Sequence[Done], span: float, load: Load) -> list[Cell]:
    good = [each for each in during if each.status == 200]
    refused = [each for each in during if each.status in {429, 503}]
    other = len(during) - len(good) - len(refused)
    goodput = len(good) / span
    slow = sorted(each.took for each in refused) or [0.0]
    told = (
        f"{goodput:.0f} answered and {len(refused) / span:.0f} refused a second of {RATED * TIMES}"
    )
    worst = f"refusals p50 {pick(slow, 0.5)}, p99 {pick(slow, 0.99)}, worst {pick(slow, 1.0)} ms"
    flaws = ["too few answered"] if goodput < LEAST_GOODPUT * RATED else []
    if other or load.late:
        flaws.append(f"{other} ended otherwise, {load.late} found no free connection")
    late = ["too slow"] if slow[int(len(slow) * 0.99)] > MOST_REFUSAL_S else []
    if not all(each.wait for each in refused):
        late.append("without Retry-After")
    return [
        noted(cell("overload", "goodput at 3 x the rated load", flaws, seconds=span), told),
        noted(cell("overload", "refusals are quick, with Retry-After", late, seconds=span), worst),
    ]


def pick(spans: Sequence[float], share: float) -> str:
    """Return a quantile, in ms."""
    return f"{spans[min(len(spans) - 1, int(len(spans) * share))] * 1000:.1f}"


def _recovered(after: Sequence[Done], calm: float) -> list[Cell]:
    bad = [each.at for each in after if each.status != 200 or each.took > NORMAL_S]
    last = max(bad, default=calm) - calm
    flaws = [f"still unwell {last:.2f} s after"] if last > MOST_RECOVERY_S or not after else []
    found = cell("overload", "back to normal", flaws, seconds=last)
    return [noted(found, f"last call refused or slow {last:.2f} s after the storm")]


def _kept(figures: dict[str, float], code: int, rows: int) -> list[Cell]:
    flaws = [
        f"{name} is {figures[name]:.0f}"
        for name in ("switchgear_under_way", "switchgear_in_flight")
        if figures[name]
    ]
    if code:
        flaws.append(f"it ended with {code}")
    if figures["switchgear_calls_total"] < rows:
        flaws.append(f"{rows} answers, {figures['switchgear_calls_total']:.0f} rows")
    return [cell("overload", "nothing is left under way", flaws)]
