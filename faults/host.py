"""A target that does to each request what the request says, and knows when it was left."""

import asyncio
import re
import time
from enum import Enum

from bench.upstream import CHAT, HEAD, LENGTH, MESSAGE, STREAM, STREAM_HEAD

MARK = re.compile(rb"leave-(\d+)-(\w+)")
PACE_S = 0.003
"""Between two chunks of a stream that goes on."""
FLOOD = 40
"""Chunks written at once where as much is sent as is taken."""


class Play(Enum):
    """What a request may ask for; it goes on until the gateway leaves."""

    SILENT = "silent"
    HALF = "half"
    """Half of a whole answer."""
    FIRST = "first"
    """The first content of a stream, and no more."""
    FLOW = "flow"
    """A stream that does not end."""
    FLOOD = "flood"
    """The same, as fast as it is taken."""


class Host:
    """All requests there were, by their number."""

    def __init__(self) -> None:
        """Know none."""
        self.asked: dict[int, asyncio.Event] = {}
        self.left_at: dict[int, float] = {}
        self._left: dict[int, asyncio.Event] = {}
        self.busy = 0
        """Connections with a request that the gateway has not left."""

    async def start(self) -> asyncio.Server:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Visit(self), "127.0.0.1", 0, backlog=1024)

    def expect(self, number: int) -> None:
        """Prepare for a request."""
        self.asked[number], self._left[number] = asyncio.Event(), asyncio.Event()

    def leave(self, number: int) -> None:
        """Take note that the gateway has left."""
        self.left_at[number] = time.perf_counter()
        self._left[number].set()

    async def left(self, number: int, within: float) -> bool:
        """Return whether the gateway leaves in this time."""
        try:
            async with asyncio.timeout(within):
                await self._left[number].wait()
        except TimeoutError:
            return False
        return True


class Visit(asyncio.Protocol):
    """One connection."""

    def __init__(self, host: Host) -> None:
        """Hold nothing yet."""
        self._host = host
        self._held = b""
        self._number: int | None = None
        self._clogged = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[explicit-override]  # as in bench
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a server gets a full transport

    def connection_lost(self, exc: Exception | None) -> None:  # type: ignore[explicit-override]  # as above
        """Note when that was."""
        del exc
        if self._number is not None:
            self._host.busy -= 1
            self._host.leave(self._number)

    def pause_writing(self) -> None:  # type: ignore[explicit-override]  # as above
        """Wait until more is taken."""
        self._clogged = True

    def resume_writing(self) -> None:  # type: ignore[explicit-override]  # as above
        """Go on."""
        self._clogged = False

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]  # as above
        """Play when the request is whole."""
        self._held = held = self._held + data
        end = held.find(b"\r\n\r\n")
        found = LENGTH.search(held, 0, end) if end >= 0 else None
        if found is None or len(held) < end + 4 + int(found[1]):
            return
        self._held = b""
        mark = MARK.search(held)
        if mark is not None:
            self._host.busy += 1
            self._number = int(mark[1])
            self._play(Play(mark[2].decode()), anthropic=held.startswith(b"POST /v1/messages"))
            self._host.asked[self._number].set()

    def _play(self, play: Play, *, anthropic: bool) -> None:
        if play is Play.HALF:
            whole = MESSAGE if anthropic else CHAT
            self._transport.write(HEAD % (len(whole), whole[: len(whole) // 2]))
        elif play is not Play.SILENT:
            first, chunk, _ = STREAM[anthropic]
            self._transport.write(STREAM_HEAD + first + chunk)
            if play is not Play.FIRST:
                self._go_on(chunk, PACE_S if play is Play.FLOW else 0.0)

    def _go_on(self, chunk: bytes, pause: float) -> None:
        if self._transport.is_closing():
            return
        if not self._clogged:
            self._transport.write(chunk if pause else chunk * FLOOD)
        asyncio.get_running_loop().call_later(pause or PACE_S, self._go_on, chunk, pause)
