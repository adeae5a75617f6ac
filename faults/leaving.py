"""Callers who leave at every moment, who are cancelled twice, and who never read."""

import asyncio
import random
import socket
import sqlite3
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
from bench.load import CONTENT, prompt, request
from faults.cell import Cell, cell, noted
from faults.host import Host, Play
from faults.machine import rss_mb
from faults.served import Served, serving, target

import switchgear
from switchgear.embedded import Switchgear

EACH = 25
"""Callers who leave at each moment, in each dialect, from a target of each dialect."""
AT_ONCE = 20
MOST_S = 0.25
NEVER_S = 3.0
STALL_S = 2.0
CHECKPOINT_S = 5.5
"""Until the ledger has looked for a checkpoint: SQLite keeps a descriptor of that for the next."""
READERS = 50
LITTLE = 4096
"""Bytes that the kernel takes for a reader who does not read."""
MOST_MB = 16.0
CANCELS = 200
SEED = 20_250_615
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages"}
MODELS = {"chat": "oa/m", "messages": "an/m"}
WORDS = b'"text_delta"', CONTENT
TASK = "x-switchgear-task"
MOMENTS = (
    ("before the first byte", Play.SILENT, False),
    ("with half of a whole answer on its way", Play.HALF, False),
    ("before the first byte of a stream", Play.SILENT, True),
    ("after the first content", Play.FIRST, True),
    ("in the middle of a stream", Play.FLOW, True),
)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to leave."""

    moment: str
    play: Play
    stream: bool
    endpoint: str
    model: str

    @property
    def name(self) -> str:
        """What is tried."""
        dialects = "same dialect" if self.model == MODELS[self.endpoint] else "cross dialect"
        return f"{self.moment} · {self.endpoint} · {dialects}"

    def data(self, number: int) -> bytes:
        """Return the request."""
        wish = f"leave-{number}-{self.play.value}"
        body = prompt(self.model, wish=wish, stream=self.stream, size=500)
        return request(body, [(TASK, f"call-{number}")], PATHS[self.endpoint])


class Caller(asyncio.Protocol):
    """One connection to the gateway."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.heard = asyncio.Event()
        """The first content has come."""
        self._held = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[explicit-override]  # as in bench
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]  # a client gets a full transport

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]  # as above
        """Look for content."""
        if not self.heard.is_set():
            self._held += data
            if any(each in self._held for each in WORDS):
                self.heard.set()

    def leave(self, *, reset: bool) -> None:
        """Close the connection, properly or not."""
        if reset:
            line: socket.socket = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


async def leaving() -> list[Cell]:
    """Leave in every way, and look what stays behind."""
    host = Host()
    door = await host.start()
    port = door.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), _config(port)) as served:
            await asyncio.sleep(CHECKPOINT_S)
            before = await _traces(served)
            cells = await _leave_all(host, served)
            cells += await _never_read(host, served)
            flaws = await _left_behind(served, before)
            ended = await served.end()
            flaws += [f"it ended with {ended}"] if ended else []
            flaws += _rows(served)
            cells.append(cell("leaving", "nothing is left behind", flaws))
        cells.append(await _cancel_twice(host, port, Path(folder)))
    door.close()
    return cells


def _config(port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/v1"
    return {
        "providers": {
            "oa": {"dialect": "openai-chat", "base_url": url},
            "an": {"dialect": "anthropic-messages", "base_url": url},
        },
        "targets": {"oa/m": target("oa", "m"), "an/m": target("an", "m")},
        "server": {"reader_stall_s": STALL_S},
    }


async def _leave_all(host: Host, served: Served) -> list[Cell]:
    ways = [
        Way(moment=moment, play=play, stream=stream, endpoint=endpoint, model=model)
        for moment, play, stream in MOMENTS
        for endpoint in PATHS
        for model in MODELS.values()
    ]
    gate, draw = asyncio.Semaphore(AT_ONCE), random.Random(SEED)
    spans: dict[str, list[float]] = {way.name: [] for way in ways}

    async def one(number: int, way: Way, pause: float) -> None:
        async with gate:
            spans[way.name].append(await _leave(host, served, number, way, pause))

    async with asyncio.TaskGroup() as group:
        for number in range(EACH * len(ways)):
            way = ways[number % len(ways)]
            group.create_task(one(number, way, draw.random() * 0.05))
    return [_judged(name, found) for name, found in spans.items()]


async def _leave(host: Host, served: Served, number: int, way: Way, pause: float) -> float:
    """Return how long after its caller the gateway left the target; infinity for never."""
    host.expect(number)
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_connection(Caller, "127.0.0.1", served.port)
    caller.transport.write(way.data(number))
    with suppress(TimeoutError):
        async with asyncio.timeout(NEVER_S):
            await host.asked[number].wait()
            if way.play in {Play.FIRST, Play.FLOW}:
                await caller.heard.wait()
            await asyncio.sleep(pause)
    gone = time.perf_counter()
    caller.leave(reset=number % 2 == 0)
    if not await host.left(number, NEVER_S):
        return float("inf")
    return host.left_at[number] - gone


def _judged(name: str, spans: Sequence[float]) -> Cell:
    late = [each for each in spans if each > MOST_S]
    early = [each for each in spans if each < 0]
    worst = max(spans)
    flaws = [f"{len(late)} of {len(spans)} later than {MOST_S * 1000:.0f} ms"] if late else []
    flaws += [f"{len(early)} were closed before their caller left"] if early else []
    note = f"{len(spans)} left, the target's connection closed within {worst * 1000:.1f} ms"
    return noted(cell("leaving", name, flaws, attempts=len(spans), seconds=worst), note)


async def _never_read(host: Host, served: Served) -> list[Cell]:
    """Open streams that nobody reads, of a target that never stops."""
    loop = asyncio.get_running_loop()
    before, callers = rss_mb(served.pid), []
    numbers = range(100_000, 100_000 + READERS)
    for number in numbers:
        endpoint = "chat" if number % 2 else "messages"
        model = MODELS["chat" if number % 4 < 2 else "messages"]
        way = Way(moment="", play=Play.FLOOD, stream=True, endpoint=endpoint, model=model)
        host.expect(number)
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        line.setblocking(False)  # noqa: FBT003  (positional only)
        await loop.sock_connect(line, ("127.0.0.1", served.port))
        _, caller = await loop.create_connection(Caller, sock=line)
        caller.transport.pause_reading()
        caller.transport.write(way.data(number))
        callers.append(caller)
    most, closed = before, 0
    for _ in range(int(4 * STALL_S / 0.1)):
        await asyncio.sleep(0.1)
        most = max(most, rss_mb(served.pid))
    closed = sum(number in host.left_at for number in numbers)
    for caller in callers:
        caller.leave(reset=True)
    more = most - before
    flaws = [f"memory grew by {more:.1f} MB"] if more > MOST_MB else []
    flaws += [f"{READERS - closed} were kept"] if closed < READERS else []
    note = f"memory +{more:.1f} MB, {closed} given up after {STALL_S:.0f} s"
    return [noted(cell("leaving", f"{READERS} readers who never read", flaws), note)]


async def _traces(served: Served) -> dict[str, float]:
    """Return what there is of a process that has nothing to do."""
    figures = await served.figures()
    names = ("under_way", "in_flight", "tasks", "ledger_journal_rows")
    found = {name: figures[f"switchgear_{name}"] for name in names}
    return found | {"descriptors": served.descriptors()}


async def _left_behind(served: Served, before: dict[str, float]) -> list[str]:
    """Return what stays more than it was; what is only slow gets its time."""
    more: dict[str, float] = {}
    for _ in range(50):
        now = await _traces(served)
        more = {name: now[name] - was for name, was in before.items() if now[name] > was}
        if not more:
            break
        await asyncio.sleep(0.1)
    return [f"{name} +{count:.0f}" for name, count in more.items()]


def _rows(served: Served) -> list[str]:
    with closing(sqlite3.connect(served.ledger)) as book:
        rows = Counter(row[0] for row in book.execute("SELECT task_name FROM decisions"))
    names = [f"call-{number}" for number in range(EACH * len(MOMENTS) * 4)]
    wrong = [name for name in names if rows[name] != 1]
    return [f"{len(wrong)} calls without exactly one row: {wrong[:3]}"] if wrong else []


async def _cancel_twice(host: Host, port: int, folder: Path) -> Cell:
    """Cancel calls of the library twice, the second time while the first is at work."""
    draw = random.Random(SEED)
    content = {**_config(port), "ledger": {"path": str(folder / "library.db")}}
    before = len(asyncio.all_tasks())
    async with switchgear.open(content) as sg:
        house = sg._running.house  # noqa: SLF001  (what no caller sees is what is looked at)
        async with asyncio.TaskGroup() as group:
            for number in range(CANCELS):
                group.create_task(_doubly(sg, host, 200_000 + number, draw.random() * 0.2))
        for _ in range(100):
            if not house.slots.taken and not host.busy:
                break
            await asyncio.sleep(0.02)
        flaws = [f"{house.slots.taken} slots"] if house.slots.taken else []
        flaws += [f"{host.busy} answers under way"] if host.busy else []
        levels = sum(calls for *_, calls in house.health.levels())
        flaws += [f"{levels} at the targets"] if levels else []
    tasks = len(asyncio.all_tasks()) - before
    flaws += [f"{tasks} tasks"] if tasks > 0 else []
    with closing(sqlite3.connect(folder / "library.db")) as book:
        rows = book.execute("SELECT count(*), count(DISTINCT id) FROM decisions").fetchone()
    if rows != (CANCELS, CANCELS):
        flaws.append(f"{rows[0]} rows for {CANCELS} calls")
    found = cell("leaving", f"{CANCELS} calls cancelled twice", flaws, attempts=CANCELS)
    return noted(found, f"{rows[0]} rows")


async def _doubly(sg: Switchgear, host: Host, number: int, pause: float) -> None:
    host.expect(number)
    play = (Play.SILENT, Play.HALF, Play.FIRST, Play.FLOW)[number % 4]
    turns = [{"role": "user", "content": f"leave-{number}-{play.value}"}]
    model = MODELS["chat" if number % 8 < 4 else "messages"]

    async def call() -> None:
        if play in {Play.SILENT, Play.HALF}:
            await sg.chat(model=model, messages=turns)
            return
        async with sg.stream(model=model, messages=turns) as events:
            async for _ in events:
                pass

    async with asyncio.TaskGroup() as group:
        task = group.create_task(call())
        await asyncio.sleep(pause)
        task.cancel()
        for _ in range(number % 3):
            await asyncio.sleep(0)
        task.cancel()
