"""One of several workers killed under load, again and again, and what is left of its calls."""

import asyncio
import os
import random
import re
import signal
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from bench.load import Line, prompt, request
from bench.upstream import Line as Host
from faults.cell import Cell, cell, noted
from faults.killing import flaws_of
from faults.served import Served, serving, target

KILLS = 20
WORKERS = 2
CALLERS = 12
LONGEST_S = 1.5
"""Between two kills; the moment is drawn."""
EXPIRED_S = 30.0
"""By then nothing is set aside any more for calls that died with their worker."""
SEED = 20_251_121
STARTED = re.compile(r"Started server process \[(\d+)\]")
TASK = "x-switchgear-task"


class Load:
    """Callers that take a new connection whenever theirs breaks, and note what was answered."""

    def __init__(self, port: int) -> None:
        """Begin with nothing answered."""
        self.answered: set[str] = set()
        self.sent = self.broken = 0
        self.silent = 0.0
        """The longest time in which nobody at all was answered."""
        self._last = time.monotonic()
        self._port = port

    async def call(self) -> None:
        """Call until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            with suppress(OSError):
                _, line = await loop.create_connection(Line, "127.0.0.1", self._port)
                try:
                    await self._calls(line)
                finally:
                    line.close()
            await asyncio.sleep(0.01)

    async def _calls(self, line: Line) -> None:
        while True:
            self.sent += 1
            name = f"call-{self.sent}"
            body = prompt("auto", wish="bench-5x1", stream=self.sent % 2 == 0, size=600)
            if not await line.send(request(body, [(TASK, name)])):
                self.broken += 1
                return
            now = time.monotonic()
            self.silent, self._last = max(self.silent, now - self._last), now
            self.answered.add(name)


async def working() -> list[Cell]:
    """Kill workers, and look at the ledger they shared."""
    began, draw = time.monotonic(), random.Random(SEED)
    host = await asyncio.get_running_loop().create_server(Host, "127.0.0.1", 0, backlog=1024)
    provider = {
        "dialect": "openai-chat",
        "base_url": f"http://127.0.0.1:{host.sockets[0].getsockname()[1]}/v1",
    }
    content = {
        "providers": {"up": provider},
        "targets": {"up/m": target("up", "m")},
        "aliases": {"auto": {"targets": ["up/m"], "budgets": {"total": {"usd": 1_000_000}}}},
    }
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), content, workers=WORKERS) as served:
            load = Load(served.port)
            await _kill(served, load, draw)
            held = await _until_nothing_is_held(served)
            code = await served.end()
        flaws = flaws_of(served.ledger, load.answered)
    host.close()
    if held > EXPIRED_S:
        flaws.append(f"reservations were open {held:.0f} s after the last call")
    if code:
        flaws.append(f"it ended with {code}: {served.said()[-300:]}")
    note = (
        f"{KILLS} kills, {len(load.answered)} of {load.sent} calls answered, {load.broken} broke"
        f" off; at most {load.silent:.1f} s without an answer; nothing set aside {held:.0f} s later"
    )
    spent = time.monotonic() - began
    return [noted(cell("kill", f"one of {WORKERS} workers", flaws, seconds=spent), note)]


async def _kill(served: Served, load: Load, draw: random.Random) -> None:
    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(load.call()) for _ in range(CALLERS)]
        for _ in range(KILLS):
            await asyncio.sleep(0.5 + draw.random() * LONGEST_S)
            living = STARTED.findall(served.said())[-WORKERS:]
            with suppress(ProcessLookupError):
                os.kill(int(draw.choice(living)), signal.SIGKILL)
        await asyncio.sleep(1.0)
        for caller in callers:
            caller.cancel()


async def _until_nothing_is_held(served: Served) -> float:
    """Return how long it took until nothing was set aside for calls that died."""
    began = time.monotonic()
    while (late := time.monotonic() - began) <= EXPIRED_S:
        with closing(sqlite3.connect(served.ledger)) as book:
            (held,) = book.execute("SELECT count(*) FROM reservations").fetchone()
        if not held:
            break
        await asyncio.sleep(0.5)
    return late
