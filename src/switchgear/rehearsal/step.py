"""What the scripted upstream does on a connection, one step after the other."""

from collections.abc import Iterable, Iterator

import msgspec

CRLF = b"\r\n"
STATUS = {
    200: b"OK",
    400: b"Bad Request",
    401: b"Unauthorized",
    402: b"Payment Required",
    403: b"Forbidden",
    404: b"Not Found",
    429: b"Too Many Requests",
    500: b"Internal Server Error",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
}
JSON, SSE, HTML = b"application/json", b"text/event-stream", b"text/html"
SEEN_S = 0.03
"""Before a reset: time for what was sent to be read, since a reset may overtake it."""


class Send(msgspec.Struct, frozen=True):
    """Send these bytes."""

    data: bytes


class Wait(msgspec.Struct, frozen=True):
    """Say nothing for so long, then go on."""

    seconds: float


class Hang(msgspec.Struct, frozen=True):
    """Say nothing more, until the other side closes."""


class Reset(msgspec.Struct, frozen=True):
    """Break the connection off (TCP RST)."""


class Close(msgspec.Struct, frozen=True):
    """Close the connection properly (TCP FIN)."""


Step = Send | Wait | Hang | Reset | Close
Steps = Iterable[Step]


def head(status: int, kind: bytes, *fields: bytes) -> bytes:
    """Return the head of an answer, ``fields`` being whole header lines."""
    reason = STATUS.get(status, b"Something")
    lines = [b"HTTP/1.1 %d %b" % (status, reason), b"content-type: " + kind, *fields]
    return CRLF.join([*lines, b"x-simulated: true", b"", b""])


def length(count: int) -> bytes:
    """Return the header that says how long the body is."""
    return b"content-length: %d" % count


CHUNKED = b"transfer-encoding: chunked"
LAST = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Return a part of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def respond(
    body: bytes, *, status: int = 200, kind: bytes = JSON, also: tuple[bytes, ...] = ()
) -> Send:
    """Return a whole answer with its right length."""
    return Send(head(status, kind, length(len(body)), *also) + body)


def stream(frames: Iterable[bytes], pause: float = 0.0) -> Iterator[Step]:
    """Yield the beginning of a stream, each frame a chunk; its end is not among them."""
    yield Send(head(200, SSE, CHUNKED))
    for frame in frames:
        if pause:
            yield Wait(pause)
        yield Send(chunk(frame))


def streamed(frames: Iterable[bytes], pause: float = 0.0) -> Iterator[Step]:
    """Yield a whole stream."""
    yield from stream(frames, pause)
    yield Send(LAST)
