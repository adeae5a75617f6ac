"""The whole gateway between real sockets: providers that say what they are told, real clients."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery
from switchgear.running import Running, Source
from switchgear.surfaces.http.edge.serve import arrange

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Gets the body of a request, and writes the whole HTTP answer."""

SECRET = "sk-provider-secret"


class House:
    """One provider."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []
        self.left = 0
        """Connections that the gateway closed."""
        self.port = 0

    async def host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                body = await reader.readexactly(int(length))
                self.heads.append(head)
                self.bodies.append(body)
                await self.respond(body, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left += 1
        finally:
            writer.close()


class Town:
    """Every provider, and the gateway's address."""

    def __init__(self, houses: dict[str, House], running: Running, port: int) -> None:
        self.houses = houses
        self.running = running
        self.url = f"http://127.0.0.1:{port}"
        self.port = port


def saying(body: bytes, *, status: int = 200, kind: str = "application/json") -> Respond:
    """Answer every request with this body."""
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"

    async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + body)

    return respond


def streaming(*frames: bytes, pause: float = 0.0, end: bool = True, cut: bool = False) -> Respond:
    """Answer every request with these frames, chunked; without an end, wait to be left.

    With ``cut`` the connection is closed instead.
    """

    async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        for frame in frames:
            writer.write(b"%x\r\n%s\r\n" % (len(frame), frame))
            await writer.drain()
            await asyncio.sleep(pause)
        if cut:
            writer.close()
        elif end:
            writer.write(b"0\r\n\r\n")
        else:
            await asyncio.Event().wait()

    return respond


def target(provider: str, tier: str = "small", **more: object) -> dict[str, object]:
    return {
        "provider": provider,
        "model": f"model-of-{provider}",
        "tier": tier,
        "window": 128_000,
        "max_output": 4_096,
        "quality": 0.9,
        "price": {"input_usd": 1, "output_usd": 4},
        "capabilities": ["tools", "images", "json_schema", "thinking", "streaming"],
        **more,
    }


@asynccontextmanager
async def town(
    places: Mapping[str, tuple[Dialect, Respond]],
    config: Mapping[str, Any] | None = None,
    root: str = "/v1",
    said: Mapping[str, Mapping[str, object]] | None = None,
) -> AsyncIterator[Town]:
    """Yield a gateway whose providers, each with one target of its own name, are these.

    Their addresses end in ``root``; what is ``said`` is more settings of theirs, by name.
    """
    houses, servers = {}, []
    providers: dict[str, object] = {}
    for name, (dialect, respond) in places.items():
        house = houses[name] = House(respond)
        server = await asyncio.start_server(house.host, "127.0.0.1", 0, limit=2**24)
        servers.append(server)
        house.port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{house.port}{root}"
        fixed = {"dialect": dialect.value, "base_url": url, "api_key": SECRET}
        providers[name] = {**fixed, **(said or {}).get(name, {})}
    content = {
        "providers": providers,
        "targets": {name: target(name) for name in places},
        "ledger": {"path": ":memory:"},
        **(config or {}),
    }
    running = Running(Source.of(content, {}))
    await running.start()
    door = socket.create_server(("127.0.0.1", 0))
    nursery = Nursery()
    gate = arrange(running.asgi, running.current().server, nursery)
    serving = asyncio.get_running_loop().create_task(gate.serve([door]))
    try:
        yield Town(houses, running, door.getsockname()[1])
    finally:
        gate.should_exit = True
        await serving
        await nursery.aclose(Seconds(1.0))
        await running.aclose()
        for server in servers:
            server.close()


@contextmanager
def lived(place: AbstractAsyncContextManager[Town]) -> Iterator[Town]:
    """Run a town on a loop in a thread of its own, for clients that block."""
    found: Future[tuple[Town, Callable[[], object]]] = Future()

    async def life() -> None:
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            async with place as there:
                found.set_result((there, lambda: loop.call_soon_threadsafe(over.set)))
                await over.wait()
        except BaseException as error:
            if found.done():
                raise
            found.set_exception(error)

    thread = threading.Thread(target=asyncio.run, args=(life(),))
    thread.start()
    try:
        there, leave = found.result()
        try:
            yield there
        finally:
            leave()
    finally:
        thread.join()
