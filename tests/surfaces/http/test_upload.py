"""Bodies that are taken as they come."""

import asyncio

import pytest

from support.gateway import TONGUES, ScriptedGateway
from switchgear.domain.errors import BodyTooLarge, MalformedRequest
from switchgear.surfaces.http.asgi import WIDEN, Headers, Message
from switchgear.surfaces.http.request import Request
from switchgear.surfaces.http.upload import Upload


def request(headers: Headers, *messages: Message, wider: list[int] | None = None) -> Request:
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    extensions = {} if wider is None else {WIDEN: wider.append}
    scope = {"method": "POST", "path": "/v1/files", "headers": headers, "extensions": extensions}
    found = Request(scope, receive, send)
    found.enter(ScriptedGateway(), TONGUES)
    return found


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_it_gives_each_part_as_it_comes_and_then_nothing() -> None:
    wider: list[int] = []
    messages = (part(b"ab"), part(b""), part(b"c", more=False))
    upload = Upload(request([(b"content-length", b"3")], *messages, wider=wider), 3)

    async def life() -> list[bytes]:
        return [await upload.take() for _ in range(4)]

    assert asyncio.run(life()) == [b"ab", b"c", b"", b""]
    assert (upload.length, upload.size, wider) == (3, 3, [6])


def test_it_takes_no_more_than_it_may() -> None:
    with pytest.raises(BodyTooLarge):
        Upload(request([(b"content-length", b"4")]), 3)
    with pytest.raises(MalformedRequest):
        Upload(request([(b"content-length", b"x")]), 3)
    upload = Upload(request([(b"transfer-encoding", b"chunked")], part(b"abcd")), 3)
    assert upload.length is None
    with pytest.raises(BodyTooLarge):
        asyncio.run(upload.take())


def test_who_has_left_ends_the_call() -> None:
    upload = Upload(request([], {"type": "http.disconnect"}), 3)

    async def life() -> None:
        await asyncio.create_task(upload.take())  # noqa: TID251  (to be cancelled alone)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(life())
