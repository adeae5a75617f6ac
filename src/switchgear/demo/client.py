"""A small HTTP client for the demo's own calls: one request on one connection, all bounded."""

import asyncio

import msgspec

from switchgear.domain.units import Seconds

MOST_ANSWER = 4_000_000
"""Bytes of one answer."""
PATIENCE = Seconds(20.0)
"""For one whole exchange."""


class NoAnswer(Exception):
    """The server could not be reached, broke off, or said what is not HTTP."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes


class Client:
    """Speaks to one server on the loopback."""

    def __init__(self, port: int) -> None:
        """Hold the port; nothing is opened before a request."""
        self._port = port

    async def get(self, path: str) -> Answer:
        """Fetch a page.

        Raises:
            NoAnswer: there was no whole answer in time.
        """
        return await self._exchange(f"GET {path}", {}, b"")

    async def post(self, path: str, body: object, headers: dict[str, str]) -> Answer:
        """Send ``body`` as JSON.

        Raises:
            NoAnswer: there was no whole answer in time.
        """
        kind = {"content-type": "application/json"}
        return await self._exchange(f"POST {path}", kind | headers, msgspec.json.encode(body))

    async def _exchange(self, line: str, headers: dict[str, str], body: bytes) -> Answer:
        fixed = {"host": f"127.0.0.1:{self._port}", "connection": "close"}
        fields = fixed | headers | {"content-length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        try:
            async with asyncio.timeout(PATIENCE):
                raw = await self._talk(f"{line} HTTP/1.1\r\n{head}\r\n".encode() + body)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise NoAnswer(f"{line}: {type(error).__name__} {error}") from error
        return parse_answer(raw)

    async def _talk(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request)
            received = bytearray()
            while len(received) <= MOST_ANSWER and (chunk := await reader.read(65536)):
                received += chunk
            return bytes(received)
        finally:
            writer.close()


def parse_answer(raw: bytes) -> Answer:
    """Return the answer in these bytes, which the end of the connection closed.

    Raises:
        NoAnswer: it is not a whole HTTP answer.
    """
    head, found, rest = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if not found or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004  (version, status)
        raise NoAnswer("not an HTTP answer")
    pairs = [line.partition(":") for line in lines]
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        rest = _unchunk(rest)
    elif len(rest) != int(headers.get("content-length", len(rest))):
        raise NoAnswer("the answer was cut")
    return Answer(status=int(words[1]), headers=headers, body=rest)


def _unchunk(rest: bytes) -> bytes:
    body = bytearray()
    while True:
        size, found, rest = rest.partition(b"\r\n")
        length = int(size.partition(b";")[0] or b"x", 16) if found and size else -1
        if length < 0 or len(rest) < length:
            raise NoAnswer("the answer was cut")
        if length == 0:
            return bytes(body)
        body += rest[:length]
        rest = rest[length + 2 :]
