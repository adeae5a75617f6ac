"""The process killed at random moments under load, and what its ledger then has."""

import asyncio
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from bench.load import Line, connect, prompt, request
from bench.upstream import Line as Host
from faults.cell import Cell, cell, noted
from faults.served import serving, start, target

KILLS = 200
LANES = 2
"""Processes killed beside each other, each with a ledger of its own."""
CALLERS = 12
LONGEST_S = 0.4
"""Under load before the kill; the moment is drawn between nothing and this."""
LOCKED_EVERY = 5
"""In every fifth round another process holds the ledger, so that the rows are in the journal."""
SEED = 20_250_615
TASK = "x-switchgear-task"


class Lane:
    """One ledger, and all that was answered by the processes that wrote to it."""

    def __init__(self, name: str, folder: Path, upstream: int) -> None:
        """Begin with nothing answered."""
        self.answered: set[str] = set()
        self.sent = 0
        self.restarts: list[float] = []
        self.name = name
        self._folder = folder
        self._draw = random.Random(f"{SEED} {name}")
        provider = {"dialect": "openai-chat", "base_url": f"http://127.0.0.1:{upstream}/v1"}
        self.content = {"providers": {"up": provider}, "targets": {"up/m": target("up", "m")}}

    async def round(self, number: int) -> None:
        """Start, load, kill."""
        began = time.monotonic()
        served = await start(self._folder, self.content)
        try:
            await served.ready()
            self.restarts.append(time.monotonic() - began)
            lines = await connect(served.port, CALLERS)
            with closing(sqlite3.connect(served.ledger, isolation_level=None)) as other:
                if number % LOCKED_EVERY == 0:
                    other.execute("BEGIN EXCLUSIVE")
                async with asyncio.TaskGroup() as group:
                    for line in lines:
                        group.create_task(self._call(line))
                    await asyncio.sleep(self._draw.random() * LONGEST_S)
                    await served.end(signal.SIGKILL)
        finally:
            await served.end(signal.SIGKILL)

    async def _call(self, line: Line) -> None:
        """Call until the connection breaks; note what was answered to its last byte."""
        while True:
            self.sent += 1
            name = f"{self.name}-{self.sent}"
            stream = self.sent % 2 == 0
            body = prompt("auto", wish="bench-5x1", stream=stream, size=600)
            if not await line.send(request(body, [(TASK, name)])):
                return
            self.answered.add(name)

    async def check(self) -> list[str]:
        """Let one more process bring in what waits, and return what is wrong."""
        async with serving(self._folder, self.content) as served:
            if await served.end():
                return [f"the last process ended badly: {served.said()[-300:]}"]
        return flaws_of(served.ledger, self.answered)


def flaws_of(ledger: Path, answered: Collection[str]) -> list[str]:
    """Return what is wrong with a ledger after a kill: each answered call has one row there."""
    with closing(sqlite3.connect(ledger)) as book:
        sound = book.execute("PRAGMA integrity_check").fetchone()[0]
        rows = Counter(row[0] for row in book.execute("SELECT task_name FROM decisions"))
    flaws = [] if sound == "ok" else [f"integrity: {sound}"]
    missing = [name for name in answered if not rows[name]]
    doubled = [name for name, count in rows.items() if count > 1]
    if missing:
        flaws.append(f"{len(missing)} answered calls have no row: {sorted(missing)[:3]}")
    if doubled:
        flaws.append(f"{len(doubled)} calls have several rows: {sorted(doubled)[:3]}")
    if not answered:
        flaws.append("nothing was answered")
    return flaws


async def killing() -> list[Cell]:
    """Kill so many processes, and look at every ledger."""
    loop = asyncio.get_running_loop()
    host = await loop.create_server(Host, "127.0.0.1", 0, backlog=1024)
    port = host.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        lanes = []
        for number in range(LANES):
            place = Path(folder) / str(number)
            place.mkdir()
            lanes.append(Lane(f"lane{number}", place, port))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_lane(lane)) for lane in lanes]
        host.close()
    return [task.result() for task in tasks]


async def _lane(lane: Lane) -> Cell:
    began = time.monotonic()
    for number in range(KILLS // LANES):
        await lane.round(number)
    flaws = await lane.check()
    note = (
        f"{KILLS // LANES} kills, {len(lane.answered)} of {lane.sent} calls answered;"
        f" started again within {max(lane.restarts):.1f} s"
    )
    spent = time.monotonic() - began
    return noted(cell("kill", f"kill -9 under load · {lane.name}", flaws, seconds=spent), note)
