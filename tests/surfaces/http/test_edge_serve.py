"""Listening, and stopping without cutting anybody off."""

import asyncio
import socket

import pytest
from typing_extensions import override

from support.gateway import TONGUES, ScriptedGateway
from support.raw import answers
from switchgear.config.setup import Server
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery
from switchgear.surfaces.http.app import App
from switchgear.surfaces.http.asgi import Receive, Scope, Send
from switchgear.surfaces.http.edge.serve import arrange, listen

GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


def test_an_address_that_is_taken_is_an_error_and_not_an_exit() -> None:
    with listen(Server(port=0)) as taken, pytest.raises(OSError, match="in use"):
        listen(Server(port=taken.getsockname()[1]))


class Slow(App):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__(ScriptedGateway, TONGUES)
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.set()
        await self.go.wait()
        await super().__call__(scope, receive, send)


def test_a_server_that_stops_lets_answers_end_and_closes_idle_connections() -> None:
    async def life() -> None:
        door = socket.create_server(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        app, nursery = Slow(), Nursery()
        server = arrange(app, Server(drain=Seconds(5.0)), nursery)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve([door]))
            busy, idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            busy[1].write(GET)
            await app.asked.wait()
            server.should_exit = True
            assert await idle[0].read() == b""
            app.go.set()
            (answer,) = answers(await busy[0].read())
            for _, writer in (busy, idle):
                writer.close()
        await nursery.aclose()
        assert (answer.status, answer.headers["connection"]) == (200, "close")

    asyncio.run(life())


class Broken(App):
    """Fails where no app may."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # it answers before it has read
        kind, length = scope["path"].strip("/").split("-")
        if kind == "raises":
            raise ValueError(length)
        headers = [
            (b"content-length", length.encode()),
            (b"x", b"a\r\nb" if kind == "break" else b""),
        ]
        if kind != "headless":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        if kind != "silent":
            await send({"type": "http.response.body", "body": b"1234", "more_body": False})
        if kind == "late":
            raise ValueError(length)


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("path", ["raises-4", "short-5", "long-3", "break-4", "headless-4",
                                  "silent-4"])  # fmt: skip
def test_half_an_answer_never_looks_like_a_whole_one(path: str) -> None:
    assert broken(path) == b""


@pytest.mark.usefixtures("loud")
def test_an_app_that_fails_after_its_answer_leaves_no_connection_without_an_answerer() -> None:
    assert broken("late-4").endswith(b"\r\n\r\n1234")


def broken(path: str) -> bytes:
    """Return all that a client gets from the broken app before the connection ends."""

    async def life() -> bytes:
        door = socket.create_server(("127.0.0.1", 0))
        nursery = Nursery()
        server = arrange(Broken(ScriptedGateway, TONGUES), Server(), nursery)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve([door]))
            reader, writer = await asyncio.open_connection(*door.getsockname())
            writer.write(GET.replace(b"healthz", path.encode()))
            try:
                got = await reader.read()
            except ConnectionResetError:
                got = b""
            writer.close()
            server.should_exit = True
        await nursery.aclose()
        return got

    return asyncio.run(life())
