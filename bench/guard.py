"""What auth, limits and money cost of each call: CPU in process, and time with a Redis.

Run as ``python -m bench.guard [ROUNDS]``; it prints one JSON object. Gateways stand in one process,
before targets that answer at once: one asks for nothing, others for a key with rates, and budgets,
of its own and of its tenant, which leave room for everything. They are called in turns, and the
difference is told.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.figure import quantile
from bench.load import prompt

from switchgear.adapters.upstreams.scripted import Says, ScriptedUpstream
from switchgear.app import Gateway, build
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import UnixMs
from switchgear.ports.handler import Trail
from switchgear.running import Running, Source
from switchgear.wire.registry import TONGUES

CALLS = 300
"""Of each gateway in one round."""
TOGETHER = 32
"""Under way at once, where that is told."""
SECRET = "sk-the-benchs-own-caller"  # noqa: S105  (nobody's)
MUCH = 1_000_000_000
MODEL = "model-1"
BUDGETS = {"day": {"usd": 1_000_000, "tokens": MUCH, "calls": MUCH}}
LIMITS = {"requests_per_minute": MUCH, "tokens_per_minute": MUCH, "concurrent": 10_000}
TARGET = {
    "provider": "p",
    "model": MODEL,
    "tier": "small",
    "window": 128_000,
    "max_output": 4_096,
    "price": {"input_usd": 1, "output_usd": 4},
}
BODY = TONGUES[Dialect.OPENAI_CHAT].parse(prompt("t"))


class Guarded:
    """One gateway, and how it is called."""

    def __init__(self, folder: Path, more: dict[str, object]) -> None:
        """Configure it; nothing is open yet."""
        document = {
            "providers": {"p": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"}},
            "targets": {"t": TARGET},
            "ledger": {"path": str(folder / "ledger.db"), "durable": False},
            **more,
        }
        folder.mkdir()
        self._running = Running(Source.of(document, {}))
        self._gateway: Gateway
        self._bearer = f"Bearer {SECRET}" if "keys" in more else None
        self._count = 0

    async def open(self) -> None:
        """Open it, before a target that answers at once."""
        await self._running.start()
        setup = self._running.current().setup
        self._gateway = build(setup, self._running.house, ScriptedUpstream({"t": Says("hi")}))

    async def aclose(self) -> None:
        """Close it."""
        await self._running.aclose()

    async def call(self) -> None:
        """Answer one call to its end."""
        gateway = self._gateway
        self._count += 1
        key = gateway.authenticate(self._bearer, None)
        call = Call(
            id=f"sg_{self._count:026d}",
            body=BODY,
            at=UnixMs(1),
            began=gateway.clock.now(),
            caller=Caller(key=key),
        )
        reply = await gateway.handler(call, Trail())
        async for _ in reply.pieces:
            pass
        reply.close()

    async def spend(self, calls: int, together: int = 1) -> float:
        """Return the CPU seconds of so many calls, of all threads; so many are under way at once.

        Together, many rows and what they settle are one transaction, as they are under load.
        """

        async def line(length: int) -> None:
            for _ in range(length):
                await self.call()

        began = time.process_time()
        async with asyncio.TaskGroup() as group:
            for _ in range(together):
                group.create_task(line(calls // together))
        return time.process_time() - began

    async def waits(self, calls: int) -> list[float]:
        """Return how long each of so many calls took, one after another."""
        spans = []
        for _ in range(calls):
            began = time.perf_counter()
            await self.call()
            spans.append(time.perf_counter() - began)
        return spans


def guards() -> dict[str, object]:
    """Return the settings of a gateway that guards everything."""
    key = {"id": "k", "secret": SECRET, "tenant": "t", "budgets": BUDGETS, "limits": LIMITS}
    return {"keys": [key], "tenants": {"t": {"budgets": BUDGETS, "limits": LIMITS}}}


def rates_alone() -> dict[str, object]:
    """Return the settings of one that counts rates, and no money."""
    key = {"id": "k", "secret": SECRET, "tenant": "t", "limits": LIMITS}
    return {"keys": [key], "tenants": {"t": {"limits": LIMITS}}}


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Yield where a Redis is that stands for all nodes."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        yield ""
        return
    path = folder / "redis.sock"
    plain = ("--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning")
    process = subprocess.Popen((program, *plain, "--unixsocket", str(path)), cwd=folder)
    for _ in range(500):
        if path.exists():
            break
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    try:
        yield f"unix://{path}"
    finally:
        process.kill()
        process.wait()


async def measure(folder: Path, url: str, rounds: int) -> dict[str, float]:
    """Return the figures: microseconds of CPU, and of time at the middle."""
    shared = {**rates_alone(), "redis": {"url": url}}
    settings: dict[str, dict[str, object]] = {
        "plain": {},
        "rates": rates_alone(),
        "all": guards(),
        **({"redis": shared} if url else {}),
    }
    gates = {name: Guarded(folder / name, each) for name, each in settings.items()}
    for each in gates.values():
        await each.open()
        await each.spend(CALLS)
    cpu: dict[str, list[float]] = {name: [] for name in gates}
    crowd: dict[str, list[float]] = {name: [] for name in gates}
    spans: dict[str, list[float]] = {name: [] for name in gates}
    for _ in range(rounds):
        for name, each in gates.items():
            cpu[name].append(await each.spend(CALLS) / CALLS * 1e6)
            many = CALLS // TOGETHER * TOGETHER
            crowd[name].append(await each.spend(many, TOGETHER) / many * 1e6)
            spans[name].append(quantile(await each.waits(CALLS), 0.5) * 1e6)
    for each in gates.values():
        await each.aclose()
    found = {"plain_cpu_us": min(cpu["plain"]), "plain_cpu_us_together": min(crowd["plain"])}
    for name in gates:
        if name != "plain":
            found[f"{name}_added_cpu_us"] = _least_noisy(cpu[name], cpu["plain"])
            found[f"{name}_added_cpu_us_together"] = _least_noisy(crowd[name], crowd["plain"])
            found[f"{name}_added_p50_us"] = _least_noisy(spans[name], spans["plain"])
    return {name: round(value, 1) for name, value in found.items()}


def _least_noisy(guarded: list[float], plain: list[float]) -> float:
    """Return the difference of the least of both; other work of the machine only ever adds."""
    return min(guarded) - min(plain)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="guard-") as name:
        folder = Path(name)
        with redis(folder) as url:
            print(json.dumps(asyncio.run(measure(folder, url, rounds)), indent=1))


if __name__ == "__main__":
    main()
