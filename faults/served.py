"""A gateway in a process of its own: started, asked, killed."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

START = (
    "import os, sys; core = int(sys.argv.pop(1)); core >= 0 and os.sched_setaffinity(0, {core});"
    " from switchgear.cli import main; main()"
)
ANY_CORE = -1
PATIENCE_S = 30.0
FIGURE = re.compile(r"^(\w+)(?:\{[^}]*\})? ([-+.\deE]+)$", re.MULTILINE)
PRICE = {"input_usd": 1, "output_usd": 4}


class Served:
    """One process, which listens on one port."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process, port: int) -> None:
        """Hold what was started in ``folder``."""
        self.folder = folder
        self.port = port
        self.process = process

    @property
    def pid(self) -> int:
        """Return its number."""
        return self.process.pid

    @property
    def ledger(self) -> Path:
        """Where its rows are."""
        return self.folder / "calls.db"

    def said(self) -> str:
        """Return all it has printed."""
        return (self.folder / "said.txt").read_text(errors="replace")

    def descriptors(self) -> int:
        """Return how many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def spent(self) -> tuple[float, float]:
        """Return the CPU seconds of all its threads, and those for which they waited for a core."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        ran = [[int(figure) for figure in task.read_text().split()[:2]] for task in tasks]
        return sum(each[0] for each in ran) / 1e9, sum(each[1] for each in ran) / 1e9

    async def figures(self) -> dict[str, float]:
        """Return its metrics, each the sum over its labels."""
        found: dict[str, float] = {}
        for name, figure in FIGURE.findall((await get(self.port, "/metrics"))[1]):
            found[name] = found.get(name, 0.0) + float(figure)
        return found

    async def ready(self) -> None:
        """Return when it answers that it is ready.

        Raises:
            RuntimeError: it ended instead.
            TimeoutError: it does neither.
        """
        async with asyncio.timeout(PATIENCE_S):
            while self.process.returncode is None:
                with suppress(OSError):
                    await get(self.port, "/readyz")
                    return
                await asyncio.sleep(0.01)
        raise RuntimeError(f"it ended with {self.process.returncode}: {self.said()[-600:]}")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.process.wait()


async def start(
    folder: Path,
    content: Mapping[str, Any],
    *,
    core: int = ANY_CORE,
    port: int = 0,
    workers: int = 1,
) -> Served:
    """Start a gateway with this config, its ledger in ``folder``; return before it listens."""
    port = port or free_port()
    ledger = {"path": "calls.db", **content.get("ledger", {})}
    file = folder / "switchgear.yaml"
    file.write_text(json.dumps({**content, "ledger": ledger}))
    with (folder / "said.txt").open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            START,
            str(core),
            "serve",
            "--config",
            "switchgear.yaml",
            "--port",
            str(port),
            "--workers",
            str(workers),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    return Served(folder, process, port)


@asynccontextmanager
async def serving(
    folder: Path, content: Mapping[str, Any], *, core: int = ANY_CORE, workers: int = 1
) -> AsyncIterator[Served]:
    """Yield a gateway that listens, and end it."""
    served = await start(folder, content, core=core, workers=workers)
    try:
        await served.ready()
        yield served
    finally:
        if served.process.returncode is None:
            served.process.kill()
            await served.process.wait()


def target(provider: str, model: str, **more: object) -> dict[str, object]:
    """Return a target of the config."""
    fields = {"provider": provider, "model": model, "tier": "small", "quality": 0.9}
    return {**fields, "window": 10_000_000, "price": PRICE, **more}


async def get(port: int, path: str) -> tuple[int, str]:
    """Return status and body of a page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    raw = await reader.read()
    writer.close()
    head, _, body = raw.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body.decode()


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port
