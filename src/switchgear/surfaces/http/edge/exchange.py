"""One request and its answer on a connection, as ASGI messages."""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import Protocol

from switchgear.surfaces.http.asgi import (
    ANSWER,
    ARRIVED,
    GONE,
    WIDEN,
    Application,
    Headers,
    Message,
    OnGone,
    Scope,
)

MOST_UNREAD = 65_536
"""Bytes of body that wait for the app before the connection stops reading."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NO_BODY = {204, 304}
CLOSE = (b"connection", b"close")


FIRST_LINES = {it.value: f"HTTP/1.1 {it.value} {it.phrase}".encode() for it in HTTPStatus}


class Line(Protocol):
    """The connection, as an exchange sees it."""

    clogged: bool
    """The client does not read: wait before writing more."""

    @property
    def defaults(self) -> Headers:
        """Headers of every answer."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    async def unclog(self) -> None:
        """Wait until the client reads again, or has left."""
        ...

    def hold(self) -> None:
        """Read no more for now."""
        ...

    def release(self) -> None:
        """Read again."""
        ...

    def ended(self, exchange: "Exchange") -> None:
        """Take note that the answer has gone out whole."""
        ...

    def broke(self, exchange: "Exchange") -> None:
        """Take note that the app has failed to answer to the end."""
        ...


class Framing(Enum):
    """How the client is told where the answer's body ends."""

    SIZED = "sized"
    CHUNKED = "chunked"
    CLOSED = "closed"
    """By the end of the connection."""
    BODILESS = "bodiless"
    """It has none, whatever the app sends."""


class Exchange:
    """Takes a request's body from the connection, and turns the app's messages into bytes."""

    __slots__ = (
        "_body",
        "_chunks",
        "_expects",
        "_framing",
        "_gone",
        "_head",
        "_headless",
        "_left",
        "_line",
        "_on_gone",
        "_over",
        "_scope",
        "_told",
        "_unread",
        "_waiter",
        "begun",
        "complete",
        "keep_alive",
        "wider",
    )

    def __init__(self, scope: Scope, line: Line, *, keep_alive: bool, expects: bool) -> None:
        """Begin with the request's head read and nothing answered."""
        self._scope = scope
        self._headless = scope["method"] == "HEAD"
        self._chunks = scope["http_version"] == "1.1"
        self.keep_alive = keep_alive
        self.complete = False
        """The request has arrived whole."""
        self.begun = False
        """Some of the answer has gone out."""
        self.wider = 0
        """How many more bytes the body may have than most."""
        self._line = line
        self._expects = expects
        self._body: list[bytes] = []
        self._unread = 0
        self._told = False
        """The app knows that the request has arrived whole."""
        self._waiter: asyncio.Future[None] | None = None
        self._gone = False
        self._over = False
        self._on_gone: OnGone | None = None
        self._head: tuple[int, Headers] | None = None
        self._framing = Framing.SIZED
        self._left = 0
        """Bytes of a sized body still owed."""
        scope["extensions"] = {
            GONE: self.when_gone,
            ARRIVED: self.arrived,
            ANSWER: self.answer,
            WIDEN: self.widen,
        }

    def when_gone(self, act: OnGone) -> None:
        """Call ``act`` at once when the client leaves before the end of the answer."""
        self._on_gone = act
        if self._gone:
            act()

    def widen(self, more: int) -> None:
        """Let the body have so many bytes more, framing and all."""
        self.wider = more

    def arrived(self) -> bytes | None:
        """Hand the body over, if it has come whole and nothing of it was received."""
        if not self.complete or self._told or self._gone:
            return None
        return self._take()

    def answer(self, status: int, headers: Headers, body: bytes) -> bool:
        """Send a whole answer if nothing about it is out of the ordinary."""
        line = self._line
        plain = self.complete and self.keep_alive and not self._headless and status not in NO_BODY
        if not plain or line.clogged or self.begun or self._gone or CLOSE in headers:
            return False
        length = b"content-length", b"%d" % len(body)
        head = compose(status, [*line.defaults, *headers, length])
        self.begun = True
        line.write(head + body)
        self._end()
        return True

    def feed(self, body: bytes) -> None:
        """Take more of the request's body."""
        self._body.append(body)
        self._unread += len(body)
        if self._unread > MOST_UNREAD:
            self._line.hold()
        if self._waiter is not None:
            self._wake()

    def finish(self) -> None:
        """Take the end of the request."""
        self.complete = True
        if self._waiter is not None:
            self._wake()

    def leave(self) -> None:
        """Take note that the client has left: nothing more is written."""
        self._gone = True
        self._wake()
        act, self._on_gone = self._on_gone, None
        if act is not None:
            act()

    def cut(self) -> None:
        """Let the app stop answering, as if the client had left; what it says goes out."""
        act, self._on_gone = self._on_gone, None
        if act is not None:
            act()

    async def run(self, app: Application) -> None:
        """Let the app answer."""
        scope, self._scope = self._scope, {}  # so that nothing is left that holds itself
        try:
            await app(scope, self.receive, self.send)
        except BaseException:
            self._line.broke(self)
            raise
        if not self._over:
            self._line.broke(self)

    async def receive(self) -> Message:
        """Return the next part of the request's body; after that, wait for the client to leave."""
        if self._expects and not (self.complete or self._gone):
            self._line.write(CONTINUE)
        self._expects = False
        while not (self._body or self._gone or self._over or (self.complete and not self._told)):
            await self._wait()
        if self._gone or self._over:
            return {"type": "http.disconnect"}
        more = not self.complete
        return {"type": "http.request", "body": self._take(), "more_body": more}

    async def send(self, message: Message) -> None:
        """Write a part of the answer: its head goes out with the first part of the body."""
        line = self._line
        if line.clogged:
            await line.unclog()
        if self._gone:
            return
        if message["type"] == "http.response.start":
            self._head = message["status"], message["headers"]
            return
        self._write(message.get("body", b""), more=message.get("more_body", False))

    def _write(self, body: bytes, *, more: bool) -> None:
        head = b"" if self.begun else self._open()
        self._line.write(head + self._frame(body, more=more))
        if not more:
            self._end()

    def _end(self) -> None:
        self._over = True
        self._on_gone = None
        self._wake()
        self._line.ended(self)

    def _take(self) -> bytes:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body, self._unread, self._told = [], 0, self.complete
        self._line.release()
        return body

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _open(self) -> bytes:
        if self._head is None:
            raise RuntimeError("The answer's body was sent before its head.")
        status, headers = self._head
        headers = [*self._line.defaults, *headers]
        self._choose_framing(status, dict(headers))
        if self._framing is Framing.CHUNKED:
            headers.append((b"transfer-encoding", b"chunked"))
        if not (self.keep_alive or CLOSE in headers):
            headers.append(CLOSE)
        self.begun = True
        return compose(status, headers)

    def _choose_framing(self, status: int, headers: dict[bytes, bytes]) -> None:
        if self._headless or status in NO_BODY:
            self._framing = Framing.BODILESS
        elif b"content-length" in headers:
            self._left = int(headers[b"content-length"])
        elif self._chunks:
            self._framing = Framing.CHUNKED
        else:
            self._framing = Framing.CLOSED
        if (
            not self.complete
            or self._framing is Framing.CLOSED
            or headers.get(b"connection") == b"close"
        ):
            self.keep_alive = False

    def _frame(self, body: bytes, *, more: bool) -> bytes:
        framing = self._framing
        if framing is Framing.SIZED:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("The answer's body is not as long as its head said.")
        elif framing is Framing.CHUNKED:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return chunk if more else chunk + b"0\r\n\r\n"
        elif framing is Framing.BODILESS:
            return b""
        return body


def compose(status: int, headers: Headers) -> bytes:
    """Return the head of an answer; a header that holds a line break is a fault of ours."""
    first = FIRST_LINES.get(status) or b"HTTP/1.1 %d " % status
    lines = b"\r\n".join([first, *map(b": ".join, headers)])
    if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers):
        raise RuntimeError("A header of the answer holds a line break.")
    return lines + b"\r\n\r\n"
