"""A ledger that takes nothing for a while: locked by another process, or on a disk that is full."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from bench.load import Line, prompt, request
from bench.upstream import Line as Host
from faults.cell import Cell, cell, noted
from faults.served import Served, get, serving, target
from typing_extensions import override

CALLERS = 8
PAUSE_S = 0.02
LOCKED_S = 10.0
FULL_S = 3.0
CALM_S = 1.0
MOST_DELAY_S = 1.0
"""For the calls that find the ledger locked first: 250 ms, and what is queued behind."""
MOST_RECOVERY_S = 2.0
DISK = "size=64m"
LOOKS = 300
"""Ten in a second, until the journal is full."""
TASK = "x-switchgear-task"
LOCK = """
import sqlite3, sys, time
book = sqlite3.connect(sys.argv[1], isolation_level=None)
book.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""


class Wary(Line):
    """A caller who does not take a stream for whole that says in band what went wrong."""

    def __init__(self) -> None:
        """Have heard nothing."""
        super().__init__()
        self.wrong = False

    @override
    def data_received(self, data: bytes) -> None:
        """Listen for an error."""
        self.wrong = self.wrong or b'"ledger_down"' in data
        super().data_received(data)


class Calls:
    """Callers who go on calling, and what became of each call."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self.answered: set[str] = set()
        self.refused = 0
        self.slowest = 0.0
        self._sent = 0
        self._over = False

    async def go_on(self, line: Wary) -> None:
        """Call until told to stop."""
        while not self._over:
            self._sent += 1
            name = f"call-{self._sent}"
            body = prompt("auto", wish="bench-3x1", stream=self._sent % 2 == 0, size=900)
            began, line.wrong = time.monotonic(), False
            good = await line.send(request(body, [(TASK, name)])) and not line.wrong
            self.slowest = max(self.slowest, time.monotonic() - began)
            if good:
                self.answered.add(name)
            else:
                self.refused += 1
            await asyncio.sleep(PAUSE_S)

    def stop(self) -> None:
        """Let each caller end its call."""
        self._over = True


class Stay(Calls):
    """The same, beside a gateway whose ledger is being hurt."""

    def __init__(self, served: Served) -> None:
        """Belong to a gateway."""
        super().__init__()
        self.served = served
        self.waited = 0.0
        self.recovery = 0.0

    async def hurt(self, span: float) -> list[str]:
        """Watch for a while in which nothing can be written; return what is wrong."""
        before, end = len(self.answered), time.monotonic() + span
        await asyncio.sleep(span / 2)
        self.waited = (await self.served.figures())["switchgear_ledger_journal_rows"]
        flaws = [] if self.waited else ["nothing waits in the journal"]
        _, page = await get(self.served.port, "/v1/decisions?limit=5")
        flaws += [] if len(json.loads(page)["data"]) == 5 else ["rows that wait are not listed"]
        ready, _ = await get(self.served.port, "/readyz")
        flaws += [] if ready == 200 else [f"/readyz said {ready}"]
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        return flaws if len(self.answered) > before else [*flaws, "no call was answered"]

    async def healed(self) -> list[str]:
        """Return when the journal is empty again."""
        began = time.monotonic()
        while (await self.served.figures())["switchgear_ledger_journal_rows"]:
            if time.monotonic() - began > 5 * MOST_RECOVERY_S:
                break
            await asyncio.sleep(0.02)
        self.recovery = time.monotonic() - began
        return [] if self.recovery <= MOST_RECOVERY_S else [f"recovered in {self.recovery:.1f} s"]

    def note(self) -> str:
        """Return the figures."""
        return (
            f"{len(self.answered)} calls answered, {self.waited:.0f} rows waited at half-time,"
            f" back {self.recovery:.2f} s after; slowest call {self.slowest * 1000:.0f} ms"
        )


Hurt = Callable[[Stay], Awaitable[list[str]]]


async def locked() -> list[Cell]:
    """Let another process hold the ledger."""

    async def hurt(stay: Stay) -> list[str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", LOCK, str(stay.served.ledger), str(LOCKED_S)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        await process.stdout.readline()
        flaws = await stay.hurt(LOCKED_S - 0.5)
        await process.wait()
        return flaws + await stay.healed()

    with tempfile.TemporaryDirectory() as folder:
        return [await _exercise("locked for 10 s by another process", Path(folder), {}, hurt)]


async def full() -> list[Cell]:
    """Fill the disk: for a while, and for longer than the journal lasts."""
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder)
        words = ["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", folder]
        made = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True)
        if made.returncode:
            flaws = [f"no small disk could be made, which takes root: {made.stderr.strip()}"]
            return [cell("ledger", "disk full", flaws)]
        try:
            return [
                await _exercise("disk full for 3 s", _made(disk / "a"), {}, _filled),
                await _exercise(
                    "disk and journal full · refuse", _made(disk / "b"), SMALL, _refused
                ),
                await _exercise("disk and journal full · serve", _made(disk / "c"), MILD, _lost),
            ]
        finally:
            await asyncio.to_thread(subprocess.run, ["umount", "-l", folder], check=True)


SMALL: dict[str, Any] = {"journal_mb": 1}
MILD = {**SMALL, "when_full": "serve"}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _filled(stay: Stay) -> list[str]:
    with _no_room(stay):
        flaws = await stay.hurt(FULL_S)
    flaws += await stay.healed()
    return [*flaws, *([f"{stay.refused} calls were refused"] if stay.refused else [])]


async def _refused(stay: Stay) -> list[str]:
    with _no_room(stay):
        for _ in range(LOOKS):
            if stay.refused:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
    flaws = [] if stay.refused else ["no call was refused"]
    return flaws + await stay.healed()


async def _lost(stay: Stay) -> list[str]:
    with _no_room(stay):
        for _ in range(LOOKS):
            if await _figure(stay, "lost_rows"):
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)
    flaws = [f"{stay.refused} calls were refused"] if stay.refused else []
    return flaws + await stay.healed()


async def _figure(stay: Stay, name: str) -> float:
    return (await stay.served.figures())[f"switchgear_ledger_{name}"]


def _no_room(stay: Stay) -> "_Filler":
    return _Filler(stay.served.folder.parent / "filler")


class _Filler:
    """A file that takes all the room there is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        with self._path.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def __exit__(self, *_: object) -> None:
        self._path.unlink()


async def _exercise(name: str, folder: Path, ledger: Mapping[str, Any], hurt: Hurt) -> Cell:
    began = time.monotonic()
    async with _upstream() as port:
        provider = {"dialect": "openai-chat", "base_url": f"http://127.0.0.1:{port}/v1"}
        targets = {"up/m": target("up", "m")}
        content = {"providers": {"up": provider}, "targets": targets, "ledger": ledger}
        async with serving(folder, content) as served:
            stay = Stay(served)
            async with asyncio.TaskGroup() as group:
                for _ in range(CALLERS):
                    group.create_task(stay.go_on(await _connect(served.port)))
                await asyncio.sleep(CALM_S)
                flaws = await hurt(stay)
                await asyncio.sleep(CALM_S)
                stay.stop()
            lost = int(await _figure(stay, "lost_rows"))
            if await served.end():
                flaws.append("it ended badly")
    flaws += _rows(stay, lost)
    if stay.slowest > MOST_DELAY_S:
        flaws.append("a call was held up for too long")
    return noted(cell("ledger", name, flaws, seconds=time.monotonic() - began), stay.note())


def _rows(stay: Stay, lost: int) -> list[str]:
    with closing(sqlite3.connect(stay.served.ledger)) as book:
        sound = book.execute("PRAGMA integrity_check").fetchone()[0]
        rows = Counter(row[0] for row in book.execute("SELECT task_name FROM decisions"))
    flaws = [] if sound == "ok" else [f"integrity: {sound}"]
    missing = sum(not rows[name] for name in stay.answered)
    if missing != lost:
        flaws.append(f"{missing} answered calls have no row, {lost} are said to be lost")
    if max(rows.values()) > 1:
        flaws.append("a call has several rows")
    return flaws


async def _connect(port: int) -> Wary:
    _, line = await asyncio.get_running_loop().create_connection(Wary, "127.0.0.1", port)
    return line


@asynccontextmanager
async def _upstream() -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    host = await loop.create_server(Host, "127.0.0.1", 0)
    yield host.sockets[0].getsockname()[1]
    host.close()
