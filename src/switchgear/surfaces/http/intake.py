"""The request's body: in its time, of its size, and JSON by its own word."""

import asyncio

from switchgear.domain.errors import (
    BodyTooLarge,
    MalformedBody,
    MalformedRequest,
    TooSlow,
    WrongMediaType,
)
from switchgear.domain.units import Seconds
from switchgear.surfaces.http.asgi import ARRIVED
from switchgear.surfaces.http.request import Request

BYTES_PER_SECOND = 65_536
"""The slowest that a body may come, after the first grace."""
LONGEST_LENGTH = 20
"""Digits of a length that are looked at."""
JSON_TYPE = "application/json"
PLAIN = JSON_TYPE.encode()
"""None at all is refused too: a page in a browser may send that to this machine, unasked."""
"""Content types that need no reading."""
CHARSETS = {"utf-8", "utf8"}


class ClientLeft(Exception):
    """The client went away before its request had come: there is nobody to answer."""


async def read_body(request: Request, most: int | None = None) -> bytes:
    """Return the body; of ``most`` bytes, or of as many as any may have.

    Raises:
        WrongMediaType: it is not JSON, or compressed.
        BodyTooLarge: it is, or says it will be.
        TooSlow: it did not come in its time.
        MalformedBody: it is empty.
        ClientLeft: it will not come.
    """
    _check_type(request)
    limit = request.gateway.server.max_body if most is None else most
    body = _arrived(request)
    if body is None:
        if _announced(request) > limit:
            raise BodyTooLarge(f"The body may have at most {limit} bytes.")
        body = await _receive(request, limit)
    if len(body) > limit:
        raise BodyTooLarge(f"The body may have at most {limit} bytes.")
    if not body:
        raise MalformedBody("The body is empty; send a JSON object.")
    return body


def _announced(request: Request) -> int:
    length = request.headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise MalformedRequest("The content-length is not a number.")
    return int(length[:LONGEST_LENGTH])


def _arrived(request: Request) -> bytes | None:
    take = request.extensions.get(ARRIVED)
    body: bytes | None = None if take is None else take()
    return body


async def _receive(request: Request, limit: int) -> bytes:
    grace = request.gateway.server.body_receipt
    clock = request.gateway.clock
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= limit:
        spent = clock.now() - request.began
        part, more = await _next(request, Seconds(grace + size / BYTES_PER_SECOND - spent))
        parts.append(part)
        size += len(part)
    return b"".join(parts)


async def _next(request: Request, within: Seconds) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(within):
            message = await request.receive()
    except TimeoutError:
        raise TooSlow("The body did not arrive within its time.") from None
    if message["type"] == "http.disconnect":
        raise ClientLeft
    return message.get("body", b""), message.get("more_body", False)


def _check_type(request: Request) -> None:
    headers = request.headers
    if b"content-encoding" in headers:
        coding = request.header(b"content-encoding").strip().lower()
        if coding not in {"", "identity"}:
            raise WrongMediaType
    if headers.get(b"content-type") != PLAIN:
        _check_parts(request.header(b"content-type"))


def _check_parts(text: str) -> None:
    kind, *parameters = [part.strip().lower() for part in text.split(";")]
    if kind != JSON_TYPE:
        raise WrongMediaType
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in CHARSETS:
            raise WrongMediaType("The body must be UTF-8.")
