"""One client's connection: what may come in on it, in what time, and what is refused how."""

import asyncio
from collections import deque
from typing import cast

import httptools
from typing_extensions import override
from uvicorn.server import ServerState

from switchgear.domain.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    MalformedRequest,
    SwitchgearError,
    TooSlow,
)
from switchgear.surfaces.http.asgi import Headers
from switchgear.surfaces.http.edge.exchange import CLOSE, Exchange, compose
from switchgear.surfaces.http.edge.head import MOST_HEADER_BYTES, Head
from switchgear.surfaces.http.edge.terms import Terms
from switchgear.surfaces.http.edge.watch import NEVER


class Connection(asyncio.Protocol):
    """Reads requests one after the other, and lets the app answer them in that order.

    A refusal is never written into a running answer: it waits for its turn, and is the last
    thing that the connection says.
    """

    def __init__(self, terms: Terms, server: ServerState) -> None:
        """Wait for the connection."""
        self._terms = terms
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._places: dict[str, object] = {}
        self.due = self.stall = NEVER
        self.clogged = False
        self._unclogged: asyncio.Future[None] | None = None
        self._unread = 0
        """Bytes that the client had still to take when it was last looked at."""
        self._held = False
        self._deaf = False
        """Nothing that comes now is read any more."""
        self._running: Exchange | None = None
        self._idle: asyncio.Future[None] | None = None
        """Done when there is a request to answer, or nothing more to wait for."""
        self._queue: deque[Exchange] = deque()
        self._refusal: SwitchgearError | None = None
        """What to say when all that came before has been answered."""
        self._coming: Exchange | None = None
        """Whose body is being read."""
        self._in_head = False
        self._began_with = 0
        """Length of the chunk in which this request began."""
        self._fed = 0
        """Bytes of the chunks after it; then, of the chunks since the head."""
        self._head = Head()
        self._again: bytes | None = None
        """The head of a request that asks for an upgrade, without the asking."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect a request within the time for headers."""
        self._transport = cast("asyncio.Transport", transport)
        self._places = {
            "server": _place(transport.get_extra_info("sockname")),
            "client": _place(transport.get_extra_info("peername")),
            "scheme": "https" if transport.get_extra_info("sslcontext") else "http",
        }
        self._server.connections.add(self)  # type: ignore[arg-type]  # a protocol of our own
        self.due = self._terms.watch.now + self._terms.head
        self._terms.watch.add(self)
        self._terms.nursery.spawn(self._serve())

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the running exchange that its client has left; forget the others."""
        self._deaf = True
        self.due = self.stall = NEVER
        self._terms.watch.discard(self)
        self._server.connections.discard(self)
        self._queue.clear()
        self._unclog()
        del self._parser  # it holds this in its turn: a circle that only a collection would undo
        running, self._running = self._running, None
        if running is not None:
            running.leave()
        _end(self._idle)

    @override
    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._deaf:
            return
        self._fed += len(data)
        self._began_with = len(data) if not self._in_head else self._began_with
        self._parse(data)
        if self._deaf:
            return
        if self._in_head and (self._fed > MOST_HEADER_BYTES or self._head.crowded):
            self._refuse(HeadersTooLarge())
        elif self._coming and self._fed > self._terms.most_fed + self._coming.wider:
            self._refuse(BodyTooLarge())

    @override
    def pause_writing(self) -> None:
        """Give the client its time to read."""
        self.clogged = True
        self._give_time_to_read(self._transport.get_write_buffer_size())

    @override
    def resume_writing(self) -> None:
        """Let the answer go on."""
        self.stall = NEVER
        self._unclog()

    def shutdown(self) -> None:
        """Take no new request; called by the server when it stops."""
        if self._running is None:
            self._deaf = True
            self._transport.close()
        else:
            self._running.keep_alive = False

    def cut(self) -> None:
        """Break off the answer under way; whoever gives it says so, and comes to its end."""
        if self._running is not None:
            self._running.cut()

    def late(self) -> None:
        """Close: what was due has not come, or what was sent is not read."""
        unread = self._transport.get_write_buffer_size()
        if 0 < unread < self._unread:
            self._give_time_to_read(unread)
        elif self._in_head and not self._deaf and self.stall == NEVER:
            self._refuse(TooSlow())
        else:
            self._transport.abort()

    # What an exchange asks of its line.

    @property
    def defaults(self) -> Headers:
        """Headers of every answer."""
        return self._server.default_headers

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    async def unclog(self) -> None:
        """Wait until the client reads again, or has left."""
        while self.clogged:
            self._unclogged = asyncio.get_running_loop().create_future()
            await self._unclogged

    def hold(self) -> None:
        """Read no more for now."""
        if not self._held:
            self._held = True
            self._transport.pause_reading()

    def release(self) -> None:
        """Read again, unless other requests already wait."""
        if self._held and not self._queue and not self._transport.is_closing():
            self._held = False
            self._transport.resume_reading()

    def ended(self, exchange: Exchange) -> None:
        """Go on to the next request."""
        self._server.total_requests += 1
        self._running = None
        if not exchange.keep_alive:
            self._finish(flush=exchange.complete)
        elif self._queue:
            self._start(self._queue.popleft())
        elif self._refusal is not None:
            self._say(self._refusal)
        elif not self._in_head:
            self.due = self._terms.watch.now + self._terms.idle
        self.release()

    def broke(self, exchange: Exchange) -> None:
        """Close: half an answer must not look like a whole one."""
        if self._running is exchange:
            self._running = None
            self._deaf = True
            self._transport.abort()

    # What the parser finds.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head = True
        self._fed = 0
        self._head = Head()
        self.due = self._terms.watch.now + self._terms.head

    def on_url(self, url: bytes) -> None:
        """Take a part of the request's target."""
        self._head.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header; those after a chunked body are dropped."""
        if self._in_head:
            self._head.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin the exchange, unless the head breaks a rule."""
        head, parser = self._head, self._parser
        version, method = parser.get_http_version(), parser.get_method()
        if self._began_with + self._fed > MOST_HEADER_BYTES:
            head.weigh()
        head.check(version, method)
        self._in_head = False
        self._fed = 0
        self.due = NEVER
        if parser.should_upgrade():
            self._again = head.plain(method)
            return
        scope = head.scope(version, method, self._places)
        keep_alive = version == "1.1" and parser.should_keep_alive()
        exchange = Exchange(scope, self, keep_alive=keep_alive, expects=head.expects)
        self._coming = exchange
        if self._running is None:
            self._start(exchange)
        else:
            self._queue.append(exchange)
            self.hold()

    def on_body(self, body: bytes) -> None:
        """Take a part of the request's body."""
        if self._coming is not None:
            self._coming.feed(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._fed = 0
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.finish()

    # Reading.

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            again, self._again = self._again or b"", None
            self._parser = httptools.HttpRequestParser(self)
            self._parse(again + data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, SwitchgearError):
                raise
            self._refuse(error.__context__)
        except httptools.HttpParserError as error:
            self._refuse(MalformedRequest(f"This is not proper HTTP/1.1: {error}."))

    def _start(self, exchange: Exchange) -> None:
        self._running = exchange
        _end(self._idle)

    async def _serve(self) -> None:
        """Let the app answer one request after the other.

        One task for all of them: one for each would cost as much as all else that is done here.
        """
        loop, app = asyncio.get_running_loop(), self._terms.app
        try:
            while not (self._deaf and self._running is None):
                if self._running is None:
                    self._idle = loop.create_future()
                    await self._idle
                else:
                    await self._running.run(app)
        except BaseException:
            if not self._deaf:  # the answer was out, but there is nobody to give the next one
                self._deaf = True
                self._transport.close()
            raise

    # Refusing and closing.

    def _refuse(self, error: SwitchgearError) -> None:
        """Say what is wrong as soon as nothing else is being said, and read no more."""
        self._deaf = True
        self.due = NEVER
        coming, self._coming = self._coming, None
        if coming is None and self._running is not None and not self._running.keep_alive:
            return  # what comes after the last request is not looked at
        if coming is not None and coming is self._running:
            if coming.begun:
                self._transport.abort()
                return
            self._running = None
            coming.leave()
        elif coming is not None:
            self._queue.remove(coming)
        if self._running is None:
            self._say(error)
        else:
            self._refusal = error

    def _say(self, error: SwitchgearError) -> None:
        status, headers, body = self._terms.refuse(self._head.path, error)
        head = compose(status, [*self.defaults, *headers, CLOSE])
        self._transport.write(head + body)
        self._finish(flush=False)

    def _finish(self, *, flush: bool) -> None:
        """Close in such a way that the client gets to read what was said.

        A client that is still sending would lose the answer if the connection were closed on it:
        it is given a moment, in which what it sends is thrown away.
        """
        self._deaf = True
        if flush:
            self._give_time_to_read(self._transport.get_write_buffer_size())
            self._transport.close()
            return
        self.due = self._terms.watch.now + self._terms.linger
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
        self._queue.clear()
        self.release()

    def _give_time_to_read(self, unread: int) -> None:
        self._unread = unread
        self.stall = self._terms.watch.now + self._terms.stall

    def _unclog(self) -> None:
        self.clogged = False
        _end(self._unclogged)


def _end(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


def _place(address: object) -> tuple[str, int] | None:
    """Return host and port; a Unix socket has none."""
    return (str(address[0]), int(address[1])) if isinstance(address, tuple) else None
