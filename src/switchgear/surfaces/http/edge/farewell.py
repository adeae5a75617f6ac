"""The end of a server: told once, it lets the answers under way finish; told twice, it ends."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import uvicorn

from switchgear.domain.units import Seconds
from switchgear.surfaces.http.edge.connection import Connection

LAST_MOMENT = Seconds(1.0)
"""For answers that are broken off at the end, to say so and give back what they hold."""
log = logging.getLogger("switchgear")


class Guests(Protocol):
    """The calls under way."""

    @property
    def taken(self) -> int:
        """How many there are."""
        ...

    def drain(self, emptied: Callable[[], None]) -> None:
        """Let no more in, and tell when none is left."""
        ...

    def stop(self) -> None:
        """Take note that those still there are broken off."""
        ...


class Farewell:
    """While it lasts the server listens on, so that whoever asks is told that it is not ready."""

    def __init__(self, guests: Guests) -> None:
        """Wait to be asked."""
        self._guests = guests
        self._asked = asyncio.Event()
        self._enough = asyncio.Event()
        """There is nobody left to wait for, or no more time."""

    def ask(self) -> None:
        """Begin; the second time, wait for nobody any more."""
        if self._asked.is_set():
            self._enough.set()
        self._guests.drain(self._enough.set)
        self._asked.set()

    async def see_off(self, server: uvicorn.Server, grace: Seconds) -> None:
        """Stop the server when it was asked for, and nothing is under way or the grace is over."""
        await self._asked.wait()
        log.info("stopping: not ready, %d calls under way", self._guests.taken)
        await self._wait(grace)
        self._guests.stop()
        if self._guests.taken:
            log.warning("stopping: %d calls are broken off", self._guests.taken)
            self._enough.clear()
            for connection in list(server.server_state.connections):
                if isinstance(connection, Connection):
                    connection.cut()
            await self._wait(LAST_MOMENT)
        server.should_exit = True

    async def _wait(self, span: Seconds) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(span):
                await self._enough.wait()
