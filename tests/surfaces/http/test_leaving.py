"""Clients that leave: the call ends at once, and what was answered stays answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from support.gateway import TONGUES, ScriptedGateway
from support.raw import connect, request
from switchgear.config.setup import Server
from switchgear.domain.units import Seconds
from switchgear.surfaces.http.app import App
from switchgear.surfaces.http.asgi import Message, Scope

CHAT = "/v1/chat/completions"
JSON = (b"content-type", b"application/json")
BODY = b'{"model":"%b","stream":%b,"messages":[{"role":"user","content":"hi"}]}'


@pytest.mark.parametrize("stream", [b"true", b"false"])
def test_a_client_that_leaves_before_the_first_content_ends_its_call(
    port: int, gateway: ScriptedGateway, stream: bytes
) -> None:
    gateway.gone.clear()
    gateway.began.clear()
    with connect(port) as line:
        line.sendall(request(CHAT, body=BODY % (b"hang", stream)))
        assert gateway.began.wait(5)
        assert not gateway.gone.is_set()
    assert gateway.gone.wait(5)


def test_a_client_that_leaves_in_the_middle_of_a_stream_ends_its_call(
    port: int, gateway: ScriptedGateway
) -> None:
    gateway.gone.clear()
    gateway.began.clear()
    gateway.closed.clear()
    with connect(port) as line:
        line.sendall(request(CHAT, body=BODY % (b"stall", b"true")))
        assert b"Hel" in line.recv(65_536)
        assert gateway.began.wait(5)
    assert gateway.gone.wait(5)
    assert gateway.calls[-1].id in gateway.closed


def test_a_client_that_leaves_with_calls_in_the_queue_ends_the_first_and_begins_no_other(
    port: int, gateway: ScriptedGateway
) -> None:
    gateway.gone.clear()
    gateway.began.clear()
    with connect(port) as line:
        line.sendall(request(CHAT, body=BODY % (b"hang", b"false")))
        assert gateway.began.wait(5)
        first = gateway.calls[-1].id
    assert gateway.gone.wait(5)
    assert gateway.calls[-1].id == first


class OtherServer:
    """An ASGI server that knows nothing of ours: it tells of leaving only when asked."""

    def __init__(self, gateway: ScriptedGateway) -> None:
        self.app = App(lambda: gateway, TONGUES)
        self.sent: list[Message] = []
        self.left = asyncio.Event()

    def scope(self) -> Scope:
        return {
            "type": "http",
            "method": "POST",
            "path": CHAT,
            "headers": [JSON],
            "query_string": b"",
        }

    async def nothing(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @asynccontextmanager
    async def calling(self, body: bytes) -> AsyncIterator[asyncio.Task[None]]:
        parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if parts:
                return parts.pop()
            await self.left.wait()
            return {"type": "http.disconnect"}

        async with asyncio.TaskGroup() as group:
            yield group.create_task(self.app(self.scope(), receive, self.send))


def test_under_another_server_a_client_that_leaves_ends_its_call_too() -> None:
    async def life() -> None:
        gateway = ScriptedGateway()
        server = OtherServer(gateway)
        async with server.calling(BODY % (b"hang", b"false")) as task:
            assert await asyncio.to_thread(gateway.began.wait, 5)
            server.left.set()
        assert gateway.gone.is_set()
        assert not task.cancelled()
        assert not server.sent

    asyncio.run(life())


@pytest.mark.parametrize("length", [b"many", b"-1", b"9" * 5000])
def test_under_another_server_a_length_that_is_no_number_is_no_fault_of_ours(length: bytes) -> None:
    async def life() -> None:
        server = OtherServer(ScriptedGateway())
        scope = server.scope() | {"headers": [JSON, (b"content-length", length)]}  # type: ignore[operator]  # a dict
        await server.app(scope, server.nothing, server.send)
        assert server.sent[0]["status"] in {400, 413}

    asyncio.run(life())


def test_under_another_server_a_body_comes_in_parts_and_in_its_time() -> None:
    async def life(*parts: bytes) -> int:
        gateway = ScriptedGateway(Server(body_receipt=Seconds(0.05)))
        server = OtherServer(gateway)
        ahead = list(parts)

        async def receive() -> Message:
            if ahead:
                return {"type": "http.request", "body": ahead.pop(0), "more_body": True}
            return await server.nothing()

        await server.app(server.scope(), receive, server.send)
        status: int = server.sent[0]["status"]
        return status

    assert asyncio.run(life(b"{", b'"model"')) == 408


def test_under_another_server_an_answer_ends_the_watch() -> None:
    async def life() -> None:
        gateway = ScriptedGateway()
        server = OtherServer(gateway)
        async with server.calling(BODY % (b"echo", b"false")):
            pass
        await gateway.nursery.aclose()
        assert [message["type"] for message in server.sent] == [
            "http.response.start",
            "http.response.body",
        ]

    asyncio.run(life())


@pytest.mark.parametrize("times", [1, 3])
def test_a_cancelled_call_closes_its_reply_and_stays_cancelled(times: int) -> None:
    async def life() -> None:
        gateway = ScriptedGateway()
        server = OtherServer(gateway)
        async with server.calling(BODY % (b"stall", b"true")) as task:
            assert await asyncio.to_thread(gateway.began.wait, 5)
            for _ in range(times):
                task.cancel()
        assert task.cancelled()
        assert gateway.closed == [gateway.calls[0].id]

    asyncio.run(life())
