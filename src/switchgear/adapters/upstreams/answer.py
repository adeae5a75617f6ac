"""One request to a provider, and its answer."""

import asyncio
from collections import deque
from contextlib import suppress

import msgspec
from typing_extensions import override

from switchgear.adapters.upstreams.credential import Unsigned
from switchgear.adapters.upstreams.http1.connection import Connection
from switchgear.adapters.upstreams.http1.pool import Pool
from switchgear.adapters.upstreams.line import Line
from switchgear.adapters.upstreams.request import edits_of
from switchgear.adapters.upstreams.wait import read_wait
from switchgear.domain.attempt import Sent
from switchgear.domain.body import Recalled
from switchgear.domain.dialect import Dialect
from switchgear.domain.drawn import Drawn
from switchgear.domain.edit import Edit
from switchgear.domain.errors import (
    NothingFits,
    ReplyClosed,
    SwitchgearError,
    UpstreamError,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamUnreachable,
)
from switchgear.domain.event import Event, Finished, Opened, Stop, Usage
from switchgear.domain.piece import Piece, Place
from switchgear.domain.rate import Quota
from switchgear.domain.units import Seconds
from switchgear.ports.upstream import Answer, Endpoint, Order
from switchgear.wire.drawn import read_drawn
from switchgear.wire.quirk import fit
from switchgear.wire.quota import read_quota
from switchgear.wire.tongue import Counter, Tap

MAX_WHOLE = 64_000_000
"""Bytes of a whole answer."""
LARGE = 262_144
"""Bytes of a request that is written in a thread: it would hold up all other calls."""
MAX_ERROR = 65_536
"""Bytes read of an error's body."""
ERROR_TIME = Seconds(5.0)
"""For the body of an error: its status is already known."""
OK = 200
JSON = b"application/json"


class HttpAnswer(Answer):
    """A request that is sent by ``open``, and read piece by piece."""

    def __init__(self, line: Line | None, order: Order) -> None:
        """Send nothing yet; no line means that the provider is no longer configured."""
        self._line = line
        self._order = order
        self._translated = line is not None and order.body.dialect is not line.provider.dialect
        self._stream = order.body.stream and order.endpoint is Endpoint.ANSWER
        self._arrival: asyncio.Future[Connection] | None = None
        self._connection: Connection | None = None
        self._tap: Tap | None = None
        self._ready: deque[Piece] = deque()
        self._parts: list[bytes] = []
        """Of a whole answer."""
        self._size = 0
        """Bytes in the parts."""
        self._finished = False
        self._closed: SwitchgearError | None = None
        self._dropped: tuple[str, ...] = ()
        self._sent = Sent.NEVER
        self._status = 0
        self._headers: dict[bytes, bytes] = {}
        """Of the answer."""

    @property
    @override
    def dialect(self) -> Dialect | None:
        return None if self._line is None else self._line.provider.dialect

    @property
    @override
    def stream(self) -> bool:
        return self._stream

    @property
    @override
    def dropped(self) -> tuple[str, ...]:
        return self._dropped

    @property
    @override
    def sent(self) -> Sent:
        return self._sent if self._connection is None else self._connection.sent

    @property
    @override
    def status(self) -> int:
        return self._status

    @property
    @override
    def broken(self) -> int:
        return 0 if self._tap is None else self._tap.broken

    @property
    @override
    def foreign(self) -> bool:
        return self._tap is not None and self._tap.foreign and not self._translated

    @property
    @override
    def place(self) -> Place | None:
        return None if self._tap is None else self._tap.place

    @property
    @override
    def quota(self) -> Quota | None:
        if not self._headers or self._line is None:
            return None
        return read_quota(self._headers, self._line.clock.date())

    @override
    def drawn(self, raw: bytes) -> tuple[Drawn, ...]:
        return read_drawn(self.dialect, raw)

    @override
    async def open(self) -> None:
        if self._closed is not None:
            raise self._closed
        line = self._line
        if line is None:
            raise UpstreamUnreachable(f"the provider {self._order.target.provider} is gone")
        well = False
        try:
            edits = edits_of(self._order, line.provider, stream=self._stream)
            if len(self._order.body.raw) > LARGE:
                body = await asyncio.to_thread(self._body, line, edits)
            else:
                body = self._body(line, edits)
            head = await self._head(line, body)
            connection = await self._exchange(line.pool, head, body)
            response = connection.response
            self._status = response.status
            self._headers = response.headers
            kind = response.headers.get(b"content-type", b"")
            if self._status != OK or kind != (line.tongue.stream_type if self._stream else JSON):
                await self._judge(line, connection, kind)
            if self._stream:
                self._tap = line.tongue.tap(edits)
            well = True
        finally:
            if not well:
                self._end()

    @override
    async def read(self) -> Piece | None:
        if self._ready or self._finished:
            return self._next()
        connection = self._connection
        if self._closed is not None or connection is None:
            raise self._closed or ReplyClosed
        well = False
        try:
            while not self._ready:
                try:
                    chunk = connection.take()
                except UpstreamLost as error:
                    self._end_whole(error)
                    break
                if chunk is None:
                    await self._change(connection)
                else:
                    self._fill(chunk)
            well = True
        finally:
            if not well:
                self._end()
        return self._next()

    @override
    def close(self, error: SwitchgearError | None = None) -> None:
        if self._closed is None:
            self._closed = error or ReplyClosed()
            self._end()

    def _body(self, line: Line, edits: tuple[Edit, ...]) -> bytes:
        if self._order.endpoint not in line.heads:
            wanted = self._order.endpoint.value
            raise NothingFits(f"provider {line.provider.id} has no way to {wanted}")
        body, lost = fit(self._written(line, edits), line.quirks[self._order.endpoint])
        self._dropped += lost
        return body

    def _written(self, line: Line, edits: tuple[Edit, ...]) -> bytes:
        order = self._order
        if not self._translated:
            body = order.body
            return line.tongue.rewrite(body.own if isinstance(body, Recalled) else body, edits)
        if order.endpoint is Endpoint.COUNT:
            return self._counter(line).write(order.body.conversation, edits)
        written, self._dropped = line.tongue.write(order.body.conversation, edits)
        return written

    @staticmethod
    def _counter(line: Line) -> Counter:
        if line.tongue.counter is None:
            raise NothingFits(f"provider {line.provider.id} has no way to count")
        return line.tongue.counter

    async def _head(self, line: Line, body: bytes) -> bytes:
        """Return the head of the request, with what proves who calls.

        Raises:
            UpstreamError: there is no such proof.
        """
        head, order = line.heads[self._order.endpoint], self._order
        if line.credential is None:
            return head.write(order, len(body))
        unsigned = Unsigned(
            tls=line.origin.tls,
            authority=line.authority,
            path=head.path(order),
            headers=tuple(head.headers(order)),
            body=body,
        )
        return head.write(order, len(body), await line.credential.prove(unsigned))

    async def _exchange(self, pool: Pool, head: bytes, body: bytes) -> Connection:
        """Send the request and return when the head of the answer is there.

        A reused connection may have been closed by the provider just as we wrote to it. Then not
        one byte came back, and the request is sent once more, on a new connection.
        """
        connection = pool.take() or await self._arrive(pool)
        while True:
            self._connection = connection
            connection.send(head, body)
            try:
                while self._closed is None and not connection.headed():
                    await connection.change()
                break
            except UpstreamLost:
                if connection.sent is not Sent.UNHEARD or self._closed is not None:
                    raise
            self._connection = None
            connection = await self._arrive(pool)
        if self._closed is not None:  # and the connection may be another's by now
            raise self._closed
        return connection

    async def _arrive(self, pool: Pool) -> Connection:
        self._arrival = pool.connect()
        connection = await self._arrival
        if self._closed is not None:
            raise self._closed
        self._arrival = None
        return connection

    async def _judge(self, line: Line, connection: Connection, kind: bytes) -> None:
        """Raise unless this is, on a closer look, the sort of answer that was asked for."""
        name = line.provider.id
        if self._status >= 400:  # noqa: PLR2004  (RFC 9110, 15.5)
            raise await self._complaint(line, connection, self._status)
        if self._status >= 300:  # noqa: PLR2004  (RFC 9110, 15.4)
            raise UpstreamGarbled(f"{name} answered with a redirect ({self._status})")
        kind = kind.partition(b";")[0].strip().lower()
        if kind in {b"", line.tongue.stream_type if self._stream else JSON}:
            return
        if self._stream and kind == JSON:
            # A whole body instead of a stream is, as a rule, an error that was sent as a success.
            raise await self._complaint(line, connection, 502)
        raise UpstreamGarbled(f"{name} answered with another content type than was asked for")

    async def _complaint(self, line: Line, connection: Connection, status: int) -> UpstreamError:
        raw = b""
        with suppress(TimeoutError, UpstreamError):
            async with asyncio.timeout(ERROR_TIME):
                while len(raw) < MAX_ERROR and (chunk := await connection.chunk()):
                    raw += chunk
        if self._closed is not None:
            raise self._closed
        wait = read_wait(connection.response.headers, line.clock.date())
        error = line.tongue.read_error(status, line.veil.hide(raw[:MAX_ERROR]), wait)
        line.veil.cover(error)
        error.provider_status = self._status
        return error

    def _fill(self, chunk: bytes) -> None:
        """Make pieces ready from what came; nothing came any more if it is empty."""
        try:
            self._take(chunk)
        except UpstreamError as error:
            if self._line is not None:
                self._line.veil.cover(error)
            raise

    def _take(self, chunk: bytes) -> None:
        tap = self._tap
        if tap is None:
            self._fill_whole(chunk)
        elif chunk:
            self._ready.extend(tap.feed(chunk))
            if tap.unread and self._translated:
                raise UpstreamGarbled("an event is too long to be translated")
        else:
            self._ready.extend(tap.end())
            if not (self._ready and self._ready[-1].finish):
                raise UpstreamLost("the answer stopped before its end")

    def _end_whole(self, error: UpstreamLost) -> None:
        """Make the end ready of a stream that broke after its reason to stop: it is whole.

        Raises:
            UpstreamLost: it is not.
        """
        if self._tap is not None:
            with suppress(UpstreamError):
                self._fill(b"")
        if not self._ready:
            raise error

    async def _change(self, connection: Connection) -> None:
        await connection.change()
        if self._closed is not None:  # the connection may be another's by now
            raise self._closed

    def _fill_whole(self, chunk: bytes) -> None:
        if chunk:
            self._parts.append(chunk)
            self._size += len(chunk)
            if self._size > MAX_WHOLE:
                raise UpstreamGarbled(f"the answer is larger than {MAX_WHOLE // 1_000_000} MB")
            return
        raw = b"".join(self._parts)
        self._parts.clear()
        self._ready.append(Piece(raw, self._events(raw)))

    def _events(self, raw: bytes) -> tuple[Event, ...]:
        if self._line is None:
            raise ReplyClosed
        if self._order.endpoint is Endpoint.ANSWER:
            return self._named(self._line.tongue.read_whole(raw))
        count = self._counter(self._line).read(raw)
        return (Finished(stop=Stop.END, usage=Usage(input=count)),)

    def _named(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Return an answer's events with its model, where its dialect does not say it."""
        first = events[0]
        if not isinstance(first, Opened) or first.model:
            return events
        return (msgspec.structs.replace(first, model=self._order.target.model), *events[1:])

    def _next(self) -> Piece | None:
        if not self._ready:
            return None
        piece = self._ready.popleft()
        if piece.finish is not None:
            self._finished = True
        return piece

    def _end(self) -> None:
        """Give the connection back, or close it; whoever waits is woken. It never waits itself."""
        error = self._closed = self._closed or ReplyClosed()
        self._ready.clear()
        self._parts.clear()
        pool = self._line.pool if self._line is not None else None
        arrival, self._arrival = self._arrival, None
        connection, self._connection = self._connection, None
        if arrival is not None and pool is not None:
            self._turn_away(arrival, pool, error)
        if connection is not None and pool is not None:
            self._sent = connection.sent
            refused = self._status >= 400  # noqa: PLR2004  (RFC 9110, 15.5)
            if refused or (self._finished and not self.broken):
                pool.give_back(connection, error, read=self._finished)
            else:  # who sends nonsense once may send more of it, and it would be another's answer
                connection.fail(error)

    @staticmethod
    def _turn_away(arrival: asyncio.Future[Connection], pool: Pool, error: SwitchgearError) -> None:
        """Want the connection no longer that is being made, or has just been made."""
        if not arrival.done():
            arrival.set_exception(error)
            arrival.exception()  # so that it counts as seen, should the waiting task be cancelled
        elif not arrival.cancelled() and arrival.exception() is None:
            pool.give_back(arrival.result(), error, read=False)
