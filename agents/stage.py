"""What an agent meets in a trial: a gateway, targets behind it, and no way out to the world."""

import shutil
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from agents.config import config
from agents.host import Host
from agents.relay import Relay, Wall
from faults.served import serving

from switchgear.domain.dialect import Dialect


class Stage:
    """All of it, and what it has seen."""

    def __init__(self, folder: Path, target: Dialect) -> None:
        """Know where the ledger is, and which dialect the target speaks."""
        self.target = target
        self.host, self.relay, self.wall = Host(), Relay(), Wall()
        self._folder = folder

    @property
    def ledger(self) -> Path:
        """Where the rows are."""
        return self._folder / "calls.db"

    def said(self) -> str:
        """Return all that the gateway has printed."""
        return (self._folder / "said.txt").read_text(errors="replace")


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


@asynccontextmanager
async def staged(folder: Path, target: Dialect, aliases: Iterable[str]) -> AsyncIterator[Stage]:
    """Yield a gateway whose calls end at ``target``; after it the ledger is complete."""
    _clear(folder)
    stage = Stage(folder, target)
    await stage.host.start()
    await stage.wall.start()
    try:
        content = config(stage.host, target, aliases)
        async with serving(folder, content) as served:
            await stage.relay.start(served.port)
            yield stage
            stage.relay.stop()
            await served.end(signal.SIGTERM)
    finally:
        await stage.host.stop()
        stage.wall.stop()
