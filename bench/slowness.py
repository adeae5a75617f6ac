"""What callers wait for a Redis that is slow, silent or gone, beyond what they wait with none.

Run as ``python -m bench.slowness [SPAN_S]``; it prints one JSON object. Calls come fifty a second
from a key with rates, and halfway through Redis turns bad.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import quantile
from bench.guard import Guarded, rates_alone, redis

EVERY = 0.02
"""Seconds from one call to the next."""
BAD = {"100 ms": 0.1, "5 s": 5.0, "silent": float("inf"), "gone": None}
"""How long each answer of Redis is held back."""


class Brake:
    """Between a gateway and its Redis."""

    def __init__(self, path: Path, there: str) -> None:
        """Hold nothing back yet."""
        self.delay: float | None = 0.0
        self.url = f"unix://{path}"
        self._path = str(path)
        self._there = there.removeprefix("unix://")
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> asyncio.Server:
        """Listen."""
        return await asyncio.start_unix_server(self._carry, self._path)

    def turn(self, delay: float | None) -> None:
        """Hold back from now on; with None every connection breaks, and none is made."""
        self.delay = delay
        for each in self._writers if delay is None else ():
            each.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.delay is None:
            writer.close()
            return
        there, back = await asyncio.open_unix_connection(self._there)
        self._writers |= {writer, back}
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer, late=True))

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, late: bool = False
    ) -> None:
        loop = asyncio.get_running_loop()
        while said := await source.read(65_536):
            delay = self.delay if late else 0.0
            if delay == 0.0:
                sink.write(said)
            elif delay is not None and delay < EVERY * 1e6:
                loop.call_later(delay, sink.write, said)
        sink.close()


async def measure(folder: Path, there: str, span: float) -> dict[str, object]:
    """Return the percentiles with no Redis, and more with each that is bad."""
    limits = rates_alone()
    plain = Guarded(folder / "none", limits)
    await plain.open()
    usual = await _paced(plain, span)
    await plain.aclose()
    found: dict[str, object] = {"none": _told(usual)}
    for number, (name, delay) in enumerate(BAD.items()):
        brake = Brake(folder / f"brake{number}.sock", there)
        server = await brake.open()
        gate = Guarded(folder / f"bad{number}", {**limits, "redis": {"url": brake.url}})
        await gate.open()
        well = await _paced(gate, span)
        brake.turn(delay)
        spans = await _paced(gate, span)
        added = {f"p{share}": _added(spans, usual, share / 100) for share in (50, 99)}
        longest = round((max(spans) - max(usual)) * 1e3, 1)
        found[name] = {"well": _told(well), "added_ms": {**added, "max": longest}}
        await gate.aclose()
        server.close()
    return found


async def _paced(gate: Guarded, span: float) -> list[float]:
    """Return how long each call took; they come at their times, whatever became of the last."""
    spans: list[float] = []

    async def one() -> None:
        began = time.perf_counter()
        await gate.call()
        spans.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(int(span / EVERY)):
            group.create_task(one())
            await asyncio.sleep(EVERY)
    return spans


def _added(spans: list[float], usual: list[float], share: float) -> float:
    return round((quantile(spans, share) - quantile(usual, share)) * 1e3, 1)


def _told(spans: list[float]) -> dict[str, float]:
    return {f"p{share}_ms": round(quantile(spans, share / 100) * 1e3, 1) for share in (50, 99)}


def main() -> None:
    """Measure and print."""
    span = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with tempfile.TemporaryDirectory(prefix="slow-") as name:
        folder = Path(name)
        with redis(folder) as url:
            if not url:
                sys.exit("There is no redis-server on this machine.")
            print(json.dumps(asyncio.run(measure(folder, url, span)), indent=1))


if __name__ == "__main__":
    main()
