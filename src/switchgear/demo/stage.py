"""What the demo starts: three simulated providers, and the gateway as a process of its own."""

import asyncio
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from switchgear.demo.client import Client, NoAnswer
from switchgear.demo.mind import Mind
from switchgear.demo.outage import Ambush
from switchgear.demo.provider import Seat, SimulatedProvider
from switchgear.demo.sample import Sample
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds

FAIL_AFTER = 2
"""Tool results of the errand after which the provider in use fails."""

SEATS = (
    Seat(
        name="sim-alpha",
        dialect=Dialect.OPENAI_CHAT,
        model="sim-small",
        first=Seconds(0.015),
        token=Seconds(0.0001),
    ),
    Seat(
        name="sim-beta",
        dialect=Dialect.OPENAI_CHAT,
        model="sim-mid",
        first=Seconds(0.03),
        token=Seconds(0.0003),
    ),
    Seat(
        name="sim-gamma",
        dialect=Dialect.ANTHROPIC_MESSAGES,
        model="sim-frontier",
        first=Seconds(0.06),
        token=Seconds(0.0006),
    ),
)
"""In the order of the sample's models. Delays are a twentieth of real ones."""

TIERS = ("small", "mid", "frontier")
TARGETS = tuple(seat.model for seat in SEATS)
"""Target ids; each is also what its provider calls the model."""

MAX_COMPLEXITY = {"small": 0.12, "mid": 0.3, "frontier": 1.0}
"""About a quarter of GSM8K counts as easy and a twentieth as hard. Chosen after looking: with half
counted as easy and a seventh as hard, the first-form estimate loses 4 points to the static mix."""

START_PATIENCE = Seconds(15.0)
STOP_PATIENCE = Seconds(5.0)
POLL = Seconds(0.05)
MOST_SHOWN = 2000
"""Characters of the gateway's log that an error shows."""


class NotReady(Exception):
    """The gateway did not start; the message has the end of its log."""


class Stage:
    """The three providers and the gateway, while they run."""

    def __init__(self, sample: Sample, folder: Path) -> None:
        """Set the stage in ``folder``; nothing runs before ``start``."""
        self.ambush = Ambush(FAIL_AFTER)
        self.providers = tuple(
            SimulatedProvider(seat, Mind(sample, rank), self.ambush)
            for rank, seat in enumerate(SEATS)
        )
        self.folder = folder
        self.config = folder / "demo.yaml"
        self.port = 0
        self._sample = sample
        self._gateway: asyncio.subprocess.Process | None = None

    @property
    def client(self) -> Client:
        """A client of the gateway."""
        return Client(self.port)

    async def start(self, port: int) -> None:
        """Start the providers, write the config, and wait until the gateway is ready.

        Raises:
            NotReady: it did not become so.
        """
        for provider in self.providers:
            await provider.start()
        self.port = port
        urls = {provider.seat.name: provider.base_url for provider in self.providers}
        document = config(self._sample, urls, self.folder / "demo.db", port)
        self.config.write_text(yaml.safe_dump(document, sort_keys=False))
        with (self.folder / "gateway.log").open("wb") as log:
            self._gateway = await asyncio.create_subprocess_exec(
                *command("serve", "--config", str(self.config), "--port", str(port)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await self._wait_ready()

    async def stop(self) -> None:
        """End everything that was started."""
        gateway = self._gateway
        if gateway is not None and gateway.returncode is None:
            with suppress(ProcessLookupError):
                gateway.terminate()
            try:
                async with asyncio.timeout(STOP_PATIENCE):
                    await gateway.wait()
            except TimeoutError:
                gateway.kill()
                await gateway.wait()
        for provider in self.providers:
            await provider.stop()

    async def run(self, width: int, *arguments: str) -> tuple[int, str]:
        """Run a ``switchgear`` command of its own; return its exit code and what it printed.

        Units: ``width`` in columns.
        """
        process = await asyncio.create_subprocess_exec(
            *command(*arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"COLUMNS": str(width)},
        )
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode()

    async def _wait_ready(self) -> None:
        for _ in range(int(START_PATIENCE / POLL)):
            if await self._ready():
                return
            await asyncio.sleep(POLL)
        raise NotReady(self._log())

    async def _ready(self) -> bool:
        if self._gateway is not None and self._gateway.returncode is not None:
            raise NotReady(self._log())
        try:
            answer = await self.client.get("/readyz")
        except NoAnswer:
            return False
        return answer.status == 200  # noqa: PLR2004  (OK)

    def _log(self) -> str:
        text = (self.folder / "gateway.log").read_text(errors="replace")
        return f"the gateway did not start; the end of its log:\n{text[-MOST_SHOWN:]}"


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def command(*arguments: str) -> tuple[str, ...]:
    """Return the words that run ``switchgear`` with the interpreter that runs this."""
    start = "from switchgear.cli import main; main()"
    return (sys.executable, "-c", start, *arguments)


def config(sample: Sample, urls: dict[str, str], ledger: Path, port: int) -> dict[str, Any]:
    """Return the config file of the demo: three providers, a target of each, one alias."""
    providers = {
        seat.name: {"dialect": seat.dialect.value, "base_url": urls[seat.name]} for seat in SEATS
    }
    targets = {
        target: {
            "provider": seat.name,
            "tier": tier,
            "quality": quality,
            "window": 32_000,
            "max_output": 4_000,
            "price": {"input_usd": model.input_usd, "output_usd": model.output_usd},
            "first_content_s": float(seat.first),
            "token_s": float(seat.token),
        }
        for target, seat, tier, model, quality in zip(
            TARGETS, SEATS, TIERS, sample.models, (0.8, 0.92, 0.97), strict=True
        )
    }
    return {
        "server": {"port": port},
        "ledger": {"path": str(ledger)},
        "providers": providers,
        "targets": targets,
        "tiers": {tier: {"max_complexity": MAX_COMPLEXITY[tier]} for tier in TIERS},
        "aliases": {"auto": {"targets": list(TARGETS)}},
        "strategy": "cost",
    }
