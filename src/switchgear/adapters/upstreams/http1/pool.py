"""The connections to one provider: kept while idle, made when there is none, never leaked."""

import asyncio
import ssl
from functools import partial
from typing import Any

from switchgear.adapters.upstreams.http1.connection import Connection
from switchgear.adapters.upstreams.http1.origin import Origin
from switchgear.domain.errors import ReplyClosed, SwitchgearError, UpstreamLost, UpstreamUnreachable
from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery

MAX_IDLE = 64
MAX_OPEN = 1024
"""Connections to one provider, whatever they do."""
IDLE_LIFE = Seconds(55.0)
"""Under the 60 s after which common load balancers drop an idle connection."""
LINGER = Seconds(1.0)
"""For the few bytes after the terminal frame that end the HTTP message."""
ONE_READ = 16_384
"""Bytes read at once."""
HAPPY_EYEBALLS = Seconds(0.25)
"""RFC 8305 section 8 recommends it between two addresses; uvloop knows no such option."""


class Pool:
    """All connections to one origin. Nothing here waits but the work in the nursery."""

    def __init__(
        self, origin: Origin, patience: Seconds, nursery: Nursery, clock: Clock, *, most: int
    ) -> None:
        """Know where to connect, and how long that may take."""
        self._origin = origin
        self._patience = patience
        self._nursery = nursery
        self._clock = clock
        self._most = most
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._retired = False
        self._buffer = memoryview(bytearray(ONE_READ))
        self.tls: ssl.SSLContext | None = None
        """Set for an origin with TLS, before the first connection."""

    @property
    def open(self) -> int:
        """Connections there are, or are being made."""
        return len(self._open)

    @property
    def idle(self) -> int:
        """Connections that wait for a request."""
        return len(self._idle)

    def take(self) -> Connection | None:
        """Return an idle connection that is sound, the one used last; None when there is none."""
        oldest = self._clock.now() - IDLE_LIFE
        while self._idle and self._idle[0].idle_since < oldest:
            self._idle.pop(0).fail(ReplyClosed())
        while self._idle:
            connection = self._idle.pop()
            if connection.live:
                return connection
            connection.fail(ReplyClosed())
        return None

    def connect(self) -> asyncio.Future[Connection]:
        """Begin to make a connection; whoever no longer wants it cancels the future.

        The work itself goes on, and what comes of it is kept: to cancel asyncio's race between
        addresses can lose a socket (Python 3.11).

        Raises:
            UpstreamUnreachable: there are as many as there may be.
        """
        name = self._origin.name
        if len(self._open) >= self._most:
            full = UpstreamUnreachable(f"all {self._most} connections to {name} are in use")
            full.blameless = True
            raise full
        connection = Connection(name, self._gone, self._buffer)
        self._open.add(connection)
        arrival: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        work = self._nursery.spawn(self._connect(connection, arrival))
        work.add_done_callback(lambda _: self._settle(connection, arrival))
        return arrival

    def give_back(self, connection: Connection, error: SwitchgearError, *, read: bool) -> None:
        """Keep the connection if its answer has ended, else close it; ``error`` is for its reader.

        Shapes: ``read`` says that the answer was read to its terminal frame; then the end of the
        HTTP message, if it has not come yet, may take a moment more.
        """
        if not connection.busy:
            self._rest(connection)
        elif connection.clean:
            self._keep(connection)
        elif read and not connection.response.ended and connection.failure is None:
            loop = asyncio.get_running_loop()
            late = loop.call_later(LINGER, connection.fail, UpstreamLost())
            connection.at_end = partial(self._linger_over, late)
        else:
            connection.fail(error)

    def retire(self) -> None:
        """Keep nothing any more; answers under way go on."""
        self._retired = True
        while self._idle:
            self._idle.pop().fail(ReplyClosed())

    def close(self) -> None:
        """Close every connection at once."""
        self.retire()
        for connection in tuple(self._open):
            connection.fail(ReplyClosed())

    async def _connect(self, connection: Connection, arrival: asyncio.Future[Connection]) -> None:
        loop = asyncio.get_running_loop()
        origin = self._origin
        options: dict[str, Any] = {}
        if self.tls is not None:
            options = {"ssl": self.tls, "server_hostname": origin.host}
        if isinstance(loop, asyncio.BaseEventLoop):
            options["happy_eyeballs_delay"] = HAPPY_EYEBALLS
        try:
            # Both loops set TCP_NODELAY themselves.
            async with asyncio.timeout(self._patience):
                await loop.create_connection(
                    lambda: connection, origin.host, origin.port, **options
                )
        except TimeoutError:
            silent = f"no connection to {origin.name} within {self._patience:g} s"
            error = UpstreamUnreachable(silent)
            error.late = True
            _fail(arrival, error)
        except (OSError, UnicodeError) as why:
            _fail(arrival, UpstreamUnreachable(f"no connection to {origin.name}: {_why(why)}"))
        else:
            if arrival.done():
                self._rest(connection)
            else:
                arrival.set_result(connection)

    def _settle(self, connection: Connection, arrival: asyncio.Future[Connection]) -> None:
        """Forget the connection if it reached neither its taker nor the pool."""
        taken = arrival.done() and not arrival.cancelled() and arrival.exception() is None
        if not taken and connection not in self._idle:
            self._open.discard(connection)
            connection.fail(ReplyClosed())
            arrival.cancel()

    def _linger_over(self, late: asyncio.TimerHandle, connection: Connection) -> None:
        late.cancel()
        self._rest(connection)

    def _rest(self, connection: Connection) -> None:
        if connection.clean if connection.busy else connection.live:
            self._keep(connection)
        else:
            connection.fail(ReplyClosed())

    def _keep(self, connection: Connection) -> None:
        if self._retired or len(self._idle) >= MAX_IDLE:
            connection.fail(ReplyClosed())
            return
        connection.rest(self._clock.now())
        self._idle.append(connection)

    def _gone(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)


def _fail(arrival: asyncio.Future[Connection], error: UpstreamUnreachable) -> None:
    if not arrival.done():
        arrival.set_exception(error)


def _why(error: Exception) -> str:
    """Return what went wrong, without the address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return type(error).__name__
