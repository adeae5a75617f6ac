"""One connection to a provider: one request at a time, and what came back of it."""

import asyncio
import select
from collections.abc import Callable
from typing import cast

from typing_extensions import override

from switchgear.adapters.upstreams.http1.response import Response
from switchgear.domain.attempt import Sent
from switchgear.domain.errors import SwitchgearError, UpstreamGarbled, UpstreamLost
from switchgear.domain.units import Seconds

HIGH_WATER = 16_384
"""Bytes of body held for a slow reader before the provider is made to wait."""
ONE_WRITE = 65_536
"""Requests up to this size are joined to one write; larger ones are not worth the copy."""


class Connection(asyncio.BufferedProtocol):
    """A transport and the answer that comes over it.

    ``gone`` is told once when the connection ends, whoever ended it. Reading has one reader.
    """

    __slots__ = (
        "_buffer",
        "_died",
        "_gone",
        "_name",
        "_paused",
        "_poll",
        "_transport",
        "_waiter",
        "_written",
        "at_end",
        "busy",
        "clogged",
        "failure",
        "idle_since",
        "response",
        "reused",
    )

    def __init__(self, name: str, gone: Callable[["Connection"], None], buffer: memoryview) -> None:
        """Be ready for a transport; ``name`` is the provider's id.

        What comes goes through ``buffer``, which others may use too, and so is bounded by its size:
        a transport of its own choice reads a quarter of a megabyte at once.
        """
        self._buffer = buffer
        self._name = name
        self._gone = gone
        self._transport: asyncio.Transport | None = None
        self._poll: select.poll | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._paused = self._written = self._died = False
        self.response = Response(name)
        self.failure: SwitchgearError | None = None
        """Why it can no longer be used."""
        self.clogged = False
        """The provider does not take what is sent: wait before sending more."""
        self.busy = False
        """Between ``send`` and ``rest``."""
        self.reused = False
        self.idle_since = Seconds(0.0)
        self.at_end: Callable[[Connection], None] | None = None
        """Told when the answer ends after its reader has left."""

    @property
    def sent(self) -> Sent:
        """How much of the request is known to have left."""
        if self.response.received:
            return Sent.HEARD
        if not self._written:
            return Sent.NEVER
        return Sent.UNHEARD if self.reused and self._died else Sent.MAYBE

    @property
    def live(self) -> bool:
        """Whether an idle connection can be used: open, and the provider said nothing unasked."""
        if self.failure is not None or self._transport is None or self._transport.is_closing():
            return False
        return self._poll is None or not self._poll.poll(0)

    @property
    def clean(self) -> bool:
        """Whether the answer ended so that the connection can be used again."""
        response, transport = self.response, self._transport
        if self.failure is not None or transport is None or transport.is_closing():
            return False
        if response.stray or not response.keep:
            return False
        return transport.get_write_buffer_size() == 0

    def send(self, head: bytes, body: bytes) -> None:
        """Send a request, and expect its answer."""
        self.busy = True
        self._written = False
        self.response.begin()
        transport = self._transport
        if transport is None or transport.is_closing():
            self.fail(UpstreamLost(f"the connection to {self._name} was closed"))
            return
        self._written = True
        if len(body) <= ONE_WRITE:
            transport.write(head + body)
        else:
            transport.writelines([head, body])

    def more(self, data: bytes) -> None:
        """Send a part of the body of the request whose head was sent."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def headed(self) -> bool:
        """Tell whether the head of the answer has come.

        Raises:
            SwitchgearError: it never will; UpstreamError if that is the provider's fault.
        """
        if self.response.headed:
            return True
        if self.failure is not None:
            raise self.failure
        return False

    async def chunk(self) -> bytes:
        """Return what has come of the body, waiting for some; empty at its end.

        Raises:
            SwitchgearError: it broke off; UpstreamError if that is the provider's fault.
        """
        while (body := self.take()) is None:
            await self.change()
        return body

    def take(self) -> bytes | None:
        """Return what has come of the body; empty at its end, None while there is nothing yet.

        Raises:
            SwitchgearError: it broke off; UpstreamError if that is the provider's fault.
        """
        response = self.response
        if not response.held:
            if response.ended:
                return b""
            if self.failure is not None:
                raise self.failure
            return None
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return response.take()

    def change(self) -> asyncio.Future[None]:
        """Return what is done as soon as anything happens; for the one reader, at once."""
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        return waiter

    def rest(self, now: Seconds) -> None:
        """Be idle from ``now`` on."""
        self.busy = False
        self.reused = True
        self.idle_since = now
        self.at_end = None
        if self.response.held:
            self.response.take()

    def fail(self, error: SwitchgearError) -> None:
        """Close it at once, without waiting; the reader gets ``error``."""
        if self.failure is None:
            self.failure = error
        if self._transport is not None:
            self._transport.abort()
        self._wake()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's have no such base
        if self.failure is not None:
            self._transport.abort()
            return
        socket = transport.get_extra_info("socket")
        if hasattr(select, "poll") and socket is not None:
            self._poll = select.poll()
            self._poll.register(socket.fileno(), select.POLLIN)

    @override
    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    @override
    def buffer_updated(self, nbytes: int) -> None:
        if not self.busy:
            self.fail(UpstreamGarbled(f"{self._name} sent bytes that nobody asked for"))
            return
        response = self.response
        try:
            response.feed(bytes(self._buffer[:nbytes]))
        except UpstreamGarbled as error:
            self.fail(error)
            return
        if response.held > HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    @override
    def pause_writing(self) -> None:
        self.clogged = True

    @override
    def resume_writing(self) -> None:
        self.clogged = False
        if self._waiter is not None:
            self._wake()

    @override
    def eof_received(self) -> bool:
        self._end()
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        self._transport = self._poll = None
        self.response.release()
        self._gone(self)

    def _end(self) -> None:
        self.response.eof()
        if self.failure is None:
            self._died = True
            when = "in the middle of its answer" if self.response.headed else "before answering"
            self.failure = UpstreamLost(f"{self._name} closed the connection {when}")
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():  # done: its reader was cancelled
            waiter.set_result(None)
        elif self.at_end is not None:
            self.response.take()
            if self.response.ended:
                self.at_end(self)
