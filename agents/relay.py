"""What stands between an agent and the gateway, and between it and the world, and takes notes."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress

LOOPBACK = "127.0.0.1"
CHUNK = 65_536
ASKED = re.compile(rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT) \S+(?= HTTP/1\.1\r\n)")
"""JSON holds no line end of this kind, so nothing in a body looks like it."""
ANSWERED = re.compile(rb"HTTP/1\.1 ([2-5]\d\d) [A-Za-z -]*\r\n")
DROPPED = re.compile(rb"\r\nx-switchgear-dropped: ([^\r]*)\r\n")
REFUSED = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Reader:
    """Finds forms in bytes that come cut anywhere, each once."""

    def __init__(self, *forms: re.Pattern[bytes]) -> None:
        """Know what to look for."""
        self._forms = forms
        self._kept = b""
        self.found: list[list[bytes]] = [[] for _ in forms]

    def read(self, data: bytes) -> None:
        """Look through more bytes."""
        kept = self._kept + data
        end = 0
        for form, found in zip(self._forms, self.found, strict=True):
            for hit in form.finditer(kept):
                found.append(hit[hit.lastindex or 0])
                end = max(end, hit.end() - 2)
        self._kept = kept[max(end, len(kept) - 1024) :]


class Relay:
    """Passes bytes on as they come, in both directions, and reads the first lines of messages."""

    def __init__(self) -> None:
        """Have seen nothing; nothing listens before ``start``."""
        self._to = 0
        self._readers: list[tuple[Reader, Reader]] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on a free port of the loopback, for what listens on another."""
        self._to = port
        self._server = await asyncio.start_server(self._welcome, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Listen no more; connections end with those who made them."""
        if self._server is not None:
            self._server.close()

    def note(self, asked: list[bytes], statuses: list[bytes]) -> None:
        """Take down what passed on one more connection."""
        there, back = Reader(ASKED), Reader(ANSWERED, DROPPED)
        there.found, back.found = [asked], [statuses, []]
        self._readers.append((there, back))

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [each.decode() for there, _ in self._readers for each in there.found[0]]

    @property
    def statuses(self) -> list[int]:
        """Of each answer."""
        return [int(each) for _, back in self._readers for each in back.found[0]]

    @property
    def dropped(self) -> set[str]:
        """Fields that headers of answers named as dropped."""
        lists = [each.decode() for _, back in self._readers for each in back.found[1]]
        return {name.strip() for each in lists for name in each.split(",")}

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = Reader(ASKED), Reader(ANSWERED, DROPPED)
        self._readers.append((there, back))
        try:
            answers, requests = await asyncio.open_connection(LOOPBACK, self._to)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass(reader, requests, there.read))
            group.create_task(_pass(answers, writer, back.read))


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    """Pass on until the end; the end too."""
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            note(data)
            writer.write(data)
            await writer.drain()
    with suppress(ConnectionError):
        writer.close()


class Wall:
    """A proxy to nowhere: what an agent wants of the world it gets refused, and it is on a list."""

    def __init__(self) -> None:
        """Know of no try; nothing listens before ``start``."""
        self._server: asyncio.Server | None = None
        self.port = 0
        self.tried: set[str] = set()

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        self._server = await asyncio.start_server(self._welcome, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            first = (await reader.readuntil(b"\r\n")).decode("latin-1").split(" ")
            self.tried.add(first[1] if len(first) > 1 else "?")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(REFUSED)
            await writer.drain()
        writer.close()
