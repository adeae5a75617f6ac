"""One connection to the scripted upstream."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import assert_never

import msgspec

from switchgear.rehearsal.step import Close, Hang, Reset, Send, Step, Steps, Wait

MOST_HEAD, MOST_BODY = 65_536, 64_000_000
HARD = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing resets (RST)."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What came."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Ended(Exception):
    """The connection is over."""


class Visit:
    """Reads requests, and does steps; it knows who closed the connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection over."""
        self._reader = reader
        self._writer = writer
        self.served = 0
        """Requests so far."""
        self.spoilt = False
        """It should not be used again."""
        self.answering = False
        self.left = False
        """The other side closed it."""
        self.over = asyncio.Event()
        """The scripted upstream stops."""

    async def request(self) -> Request:
        """Return the next request.

        Raises:
            Ended: none comes any more, or none that can be read.
        """
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            fields = (line.partition(":") for line in lines if line)
            headers = {name.strip().lower(): value.strip() for name, _, value in fields}
            method, path, *_ = [*first.split(" "), "", ""]
            length = int(headers.get("content-length", "0"))
            if not 0 <= length <= MOST_BODY:
                raise Ended
            body = await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left = True
            raise Ended from None
        except (asyncio.LimitOverrunError, ValueError):
            raise Ended from None
        self.served += 1
        return Request(method=method, path=path, headers=headers, body=body)

    async def play(self, steps: Steps) -> None:
        """Do the steps, one after the other.

        Raises:
            Ended: the connection is over.
        """
        self.answering = True
        for step in steps:
            try:
                await self._do(step)
            except ConnectionError:
                self.left = True
                raise Ended from None
        self.answering = False

    def reset(self) -> None:
        """Break it off (RST)."""
        known: socket.socket | None = self._writer.get_extra_info("socket")
        if known is not None:
            with suppress(OSError):
                known.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD)
        self._writer.transport.abort()

    def close(self) -> None:
        """Close it (FIN), once what was written has gone out."""
        self._writer.close()

    async def _do(self, step: Step) -> None:
        match step:
            case Send():
                self._writer.write(step.data)
                await self._writer.drain()
            case Wait():
                await asyncio.sleep(step.seconds)
                if self._reader.at_eof():
                    self.left = True
                    raise Ended
            case Hang():
                await self._gone()
                self.left = True
                raise Ended
            case Reset():
                self.reset()
                raise Ended
            case Close():
                self.close()
                raise Ended
            case _:
                assert_never(step)

    async def _gone(self) -> None:
        """Return when the other side has closed."""
        while await self._reader.read(65_536):
            pass


Host = Callable[[Visit], Awaitable[None]]


class Listener:
    """Welcomes connections on one port of the loopback, and breaks off what is left at the end."""

    def __init__(self, host: Host) -> None:
        """Know who hosts; nothing listens before ``start``."""
        self._host = host
        self._server: asyncio.Server | None = None
        self._open: set[Visit] = set()
        self._quiet = asyncio.Event()
        """Nobody is being hosted."""
        self._quiet.set()
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one.

        Raises:
            OSError: the address is taken.
        """
        self._server = await asyncio.start_server(self._welcome, host, port, limit=MOST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and break off what is under way."""
        if self._server is not None:
            self._server.close()
        for visit in list(self._open):
            visit.over.set()
            visit.reset()
        await self._quiet.wait()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer)
        self._open.add(visit)
        self._quiet.clear()
        try:
            await self._host(visit)
        except (Ended, ConnectionError):
            pass
        finally:
            self._open.discard(visit)
            visit.close()
            if not self._open:
                self._quiet.set()
