"""A provider on a real socket that says exactly the bytes it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvloop

from support.tongue import PlainTongue
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.upstreams.http1.pool import MAX_OPEN
from switchgear.adapters.upstreams.provider import HttpMeans, HttpUpstream
from switchgear.config.setup import Patience, Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery
from switchgear.ports.upstream import Answer
from switchgear.wire.tongue import Tongue

SECRET = "sk-never-shown"


class Visit:
    """One connection, seen from the provider."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.left = asyncio.Event()
        """The gateway closed its end."""

    async def request(self) -> bytes:
        """Return the next request, head and body; nothing when the gateway left."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
            return b""
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return head + await self._reader.readexactly(int(length))

    async def say(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def gone(self) -> None:
        """Return when the gateway has closed the connection."""
        with suppress(ConnectionError):
            await self._reader.read()
        self.left.set()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        self._writer.transport.abort()


Play = Callable[[Visit], Awaitable[None]]


class Stage:
    """The provider, and the upstream that calls it."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.visits: list[Visit] = []
        self._came = asyncio.Condition()

    async def all_here(self, count: int) -> None:
        """Return when so many connections have come."""
        async with self._came:
            await self._came.wait_for(lambda: len(self.visits) >= count)

    async def host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer)
        self.visits.append(visit)
        async with self._came:
            self._came.notify_all()
        try:
            await self._play(visit)
        finally:
            writer.close()


@asynccontextmanager
async def staged(
    play: Play,
    *,
    most: int = MAX_OPEN,
    clock: ManualClock | None = None,
    tongues: Mapping[Dialect, Tongue] | None = None,
    **said: Any,
) -> AsyncIterator[tuple[HttpUpstream, Stage]]:
    """Yield an upstream whose provider ``sim`` does what the play says on each connection.

    What is ``said`` is settings of the provider.
    """
    stage = Stage(play)
    server = await asyncio.start_server(stage.host, "127.0.0.1", 0, limit=2**20)
    port = server.sockets[0].getsockname()[1]
    provider = Provider(
        id="sim",
        base_url=f"http://127.0.0.1:{port}/v1",
        **{"dialect": Dialect.OPENAI_CHAT, "api_key": Secret(SECRET), **said},
    )
    nursery = Nursery()
    means = HttpMeans(
        nursery=nursery,
        clock=clock or ManualClock(),
        patience=Patience(connect=Seconds(2.0)),
        tongues=tongues or {each: PlainTongue(each) for each in Dialect},
        most=most,
    )
    upstream = HttpUpstream({"sim": provider}, means)
    try:
        yield upstream, stage
    finally:
        upstream.close()
        await nursery.aclose(Seconds(1.0))
        server.close()
        for visit in stage.visits:
            visit.reset()


def whole(text: str = "hi", *headers: str) -> bytes:
    """Return a whole answer."""
    body = b'{"text":"%s"}' % text.encode()
    lines = ["HTTP/1.1 200 OK", "content-type: application/json", *headers]
    head = "\r\n".join([*lines, f"content-length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body


def stream(*words: str, end: bool = True) -> bytes:
    """Return a stream, chunked, a frame a chunk; without its ends if it is not to end."""
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    frames = [f"data: {word}\n\n".encode() for word in words]
    last = [b"data: [DONE]\n\n", b""] if end else []
    return head + b"".join([b"%x\r\n%s\r\n" % (len(frame), frame) for frame in [*frames, *last]])


async def settle() -> None:
    """Let everything that is under way on loopback arrive."""
    for _ in range(20):
        await asyncio.sleep(0.001)


async def finish(answer: Answer) -> list[bytes]:
    """Open, read to the end and close; return the raw pieces."""
    pieces = []
    try:
        await answer.open()
        while (piece := await answer.read()) is not None:
            pieces.append(piece.raw or b"")
    finally:
        answer.close()
    return pieces


def on_both_loops(life: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run it on asyncio's own loop, and on the one that the gateway runs on."""
    asyncio.run(life())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(life())


def says(*answers: bytes) -> Callable[[Visit], Awaitable[None]]:
    """Answer each request of a connection with the next of these, then wait for the end."""

    async def play(visit: Visit) -> None:
        for answer in answers:
            if not await visit.request():
                return
            await visit.say(answer)
        await visit.gone()

    return play
