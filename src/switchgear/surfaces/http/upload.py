"""The body of a request as it comes, a part at a time: in its time, and of its size."""

import asyncio

from switchgear.domain.errors import BodyTooLarge, MalformedRequest, TooSlow
from switchgear.domain.units import Seconds
from switchgear.surfaces.http.asgi import WIDEN
from switchgear.surfaces.http.intake import BYTES_PER_SECOND, LONGEST_LENGTH
from switchgear.surfaces.http.request import Request


class Upload:
    """Hands on what comes; no more of it is held than one part."""

    __slots__ = ("_ended", "_most", "_request", "length", "size")

    def __init__(self, request: Request, most: int) -> None:
        """Let the body have ``most`` bytes.

        Raises:
            MalformedRequest: its length is no number.
            BodyTooLarge: it says that it will have more.
        """
        self._request = request
        self._most = most
        self._ended = False
        self.size = 0
        """Bytes that have come."""
        self.length = _length(request)
        """Bytes that will come in all; None where that is not known."""
        if (self.length or 0) > most:
            raise self._too_large()
        widen = request.extensions.get(WIDEN)
        if widen is not None:
            widen(2 * most)

    async def take(self) -> bytes:
        """Return the next part; empty at the end.

        Raises:
            BodyTooLarge: there is more than may be.
            TooSlow: it did not come in its time.
        """
        while not self._ended:
            part = await self._next()
            if part:
                return part
        return b""

    async def _next(self) -> bytes:
        request = self._request
        grace = request.gateway.server.body_receipt + self.size / BYTES_PER_SECOND
        try:
            async with asyncio.timeout(Seconds(max(0.0, grace - request.age))):
                message = await request.receive()
        except TimeoutError:
            raise TooSlow("The body did not arrive within its time.") from None
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError  # who has left ends a call so
        part: bytes = message.get("body", b"")
        self._ended = not message.get("more_body", False)
        self.size += len(part)
        if self.size > self._most:
            raise self._too_large()
        return part

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body may have at most {self._most} bytes.")


def _length(request: Request) -> int | None:
    if b"transfer-encoding" in request.headers:
        return None
    told = request.headers.get(b"content-length", b"0")
    if not told.isdigit():
        raise MalformedRequest("The content-length is not a number.")
    return int(told[:LONGEST_LENGTH])
