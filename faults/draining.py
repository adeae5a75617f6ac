"""A process that is told to stop while streams are under way."""

import asyncio
import json
import signal
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.load import connect, prompt, request
from bench.upstream import Line as Host
from faults.cell import Cell, cell, noted
from faults.served import Served, get, serving, target

STREAMS = 40
SHORT, LONG = "bench-20x50", "bench-400x50"
"""Streams of one second, and of twenty."""
GRACE_S = 3.0
SLACK_S = 2.0
"""For the end itself, beside the grace."""


async def draining() -> list[Cell]:
    """Stop it: in time, out of time, and in a hurry."""
    return [
        await _stopped("streams that end within the grace", SHORT, again=False),
        await _stopped("streams that outlast the grace", LONG, again=False),
        await _stopped("told twice", LONG, again=True),
    ]


async def _stopped(name: str, wish: str, *, again: bool) -> Cell:
    loop = asyncio.get_running_loop()
    host = await loop.create_server(Host, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{host.sockets[0].getsockname()[1]}/v1"
    content = {
        "providers": {"up": {"dialect": "openai-chat", "base_url": url}},
        "targets": {"up/m": target("up", "m")},
        "server": {"drain_s": GRACE_S},
    }
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), content) as served:
            lines = await connect(served.port, STREAMS)
            data = request(prompt("auto", wish=wish, stream=True))
            ends = [line.send(data) for line in lines]
            for _ in range(500):
                if all(line.chunks for line in lines):
                    break
                await asyncio.sleep(0.01)
            began = time.monotonic()
            served.process.send_signal(signal.SIGTERM)
            flaws = await _while_draining(served)
            if again:
                served.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(GRACE_S + SLACK_S):
                code = await served.process.wait()
            spent = time.monotonic() - began
            await asyncio.wait(ends)
            flaws += [f"it ended with {code}"] if code else []
            flaws += _rows(served, "answered" if wish == SHORT else "cut")
    host.close()
    least, most = {SHORT: (0.3, 2.0), LONG: (GRACE_S, GRACE_S + SLACK_S)}[wish]
    least, most = (0.0, 1.5) if again else (least, most)
    flaws += [] if least <= spent <= most else [f"ended after {spent:.1f} s"]
    return noted(cell("drain", name, flaws, seconds=spent), f"ended {spent:.2f} s after the signal")


async def _while_draining(served: Served) -> list[str]:
    """Return what is wrong with what is said meanwhile, over new connections."""
    for _ in range(100):
        ready, said = await get(served.port, "/readyz")
        if ready != 200:
            break
        await asyncio.sleep(0.005)
    flaws = [] if (ready, json.loads(said).get("why")) == (503, "draining") else [said]
    [line] = await connect(served.port)
    good = await line.send(request(prompt("auto")))
    return [*flaws, *(["a new call was taken"] if good else [])]


def _rows(served: Served, ending: str) -> list[str]:
    with closing(sqlite3.connect(served.ledger)) as book:
        query = "SELECT ending, code, count(*) FROM decisions GROUP BY 1, 2 ORDER BY 1"
        rows = book.execute(query).fetchall()
    code = "" if ending == "answered" else "draining"
    wanted = [(ending, code, STREAMS), ("failed", "draining", 1)]
    return [] if rows == wanted else [f"rows: {rows}"]
