"""Addresses that fail before any request: each fault of a connection being made has its own."""

import socket

from switchgear.rehearsal.visit import Listener, Visit

LOOPBACK = "127.0.0.1"
FILLERS = 4
"""Connections that fill a backlog of none; Linux takes one more than it says."""


class Addresses:
    """A port for each: closed, resetting, deaf, and one whose queue is full."""

    def __init__(self) -> None:
        """Take no port yet."""
        self._resetting = Listener(_reset)
        self._deaf = Listener(_deaf)
        self._closed: socket.socket | None = None
        self._full: list[socket.socket] = []
        self.ports: dict[str, int] = {}
        """By the fault's name."""

    async def start(self) -> None:
        """Take the ports."""
        await self._resetting.start(LOOPBACK, 0)
        await self._deaf.start(LOOPBACK, 0)
        self._closed = socket.socket()
        self._closed.bind((LOOPBACK, 0))  # bound, so that nobody else gets it, and not listening
        self.ports = {
            "refused": self._closed.getsockname()[1],
            "reset-on-accept": self._resetting.port,
            "blackhole": self._deaf.port,
            "connect-hang": self._fill(),
        }

    async def stop(self) -> None:
        """Give the ports back."""
        await self._resetting.stop()
        await self._deaf.stop()
        for each in (self._closed, *self._full):
            if each is not None:
                each.close()

    def _fill(self) -> int:
        """Return a port where connections are never completed: nobody accepts, and all waits."""
        full = socket.socket()
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port: int = full.getsockname()[1]
        self._full = [full]
        for _ in range(FILLERS):
            filler = socket.socket()
            filler.settimeout(0)
            filler.connect_ex((LOOPBACK, port))
            self._full.append(filler)
        return port


async def _reset(visit: Visit) -> None:
    visit.reset()


async def _deaf(visit: Visit) -> None:
    """Never read; the queue of the socket fills."""
    await visit.over.wait()
