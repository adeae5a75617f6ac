"""A simulated provider: a small HTTP server that speaks either dialect and says it is simulated."""

import asyncio
from collections.abc import Callable, Iterator

import httptools
import msgspec
from typing_extensions import override

from switchgear.demo.errand import Unknown
from switchgear.demo.mind import Mind, Saying
from switchgear.demo.outage import Ambush, Failure, Outage
from switchgear.demo.question import BadQuestion, Question, read_anthropic, read_openai
from switchgear.demo.voice import (
    stream_anthropic,
    stream_openai,
    whole_anthropic,
    whole_openai,
)
from switchgear.domain.dialect import Dialect
from switchgear.domain.units import Seconds

PATHS = {
    Dialect.OPENAI_CHAT: b"/v1/chat/completions",
    Dialect.ANTHROPIC_MESSAGES: b"/v1/messages",
}
MOST_BODY = 16_000_000
"""Bytes of a request; more breaks the connection."""

STATUS = {200: b"OK", 400: b"Bad Request", 404: b"Not Found", 503: b"Service Unavailable"}


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """What one simulated provider is like."""

    name: str
    dialect: Dialect
    model: str
    """The name it gives its one model."""
    first: Seconds = Seconds(0.01)
    """Until the first content."""
    token: Seconds = Seconds(0.0001)
    """For each token after that."""
    outage: Outage | None = None


class SimulatedProvider:
    """One provider, listening on a port of its own."""

    def __init__(self, seat: Seat, mind: Mind, ambush: Ambush | None = None) -> None:
        """Take a seat; nothing listens before ``start``."""
        self.seat = seat
        self.calls = 0
        """Requests for an answer so far, failed ones included."""
        self.failures = 0
        self._mind = mind
        self._ambush = ambush
        self._server: asyncio.Server | None = None
        self._open: set[_Line] = set()

    @property
    def base_url(self) -> str:
        """Where it listens, as a config file names it."""
        assert self._server is not None, "it has not started"  # noqa: S101  (a programming error)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/v1"

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self), "127.0.0.1", 0)

    async def stop(self) -> None:
        """Stop listening, and break off what is under way."""
        if self._server is not None:
            self._server.close()
            for line in list(self._open):
                line.drop()
            await self._server.wait_closed()

    def read(self, raw: bytes) -> Question:
        """Return what the request asks.

        Raises:
            BadQuestion: it cannot be understood.
        """
        openai = self.seat.dialect is Dialect.OPENAI_CHAT
        return read_openai(raw) if openai else read_anthropic(raw)

    def take(self, question: Question) -> tuple[int, Failure | None]:
        """Count a request; return its number, and how it fails if it does."""
        self.calls += 1
        failure = None
        if self._ambush is not None and question.tools:
            failure = self._ambush.hit(self.seat.name, len(question.results))
        if failure is None and self.seat.outage is not None:
            failure = self.seat.outage.failure if self.seat.outage.strikes(self.calls) else None
        self.failures += failure is not None
        return self.calls, failure

    def say(self, question: Question) -> Saying:
        """Return the model's answer."""
        return self._mind.answer(question)

    def frames(self, question: Question, saying: Saying, number: int) -> list[bytes]:
        """Return the answer as the frames of a stream."""
        model, tag = self.seat.model, f"{self.seat.name}-{number}"
        if self.seat.dialect is Dialect.OPENAI_CHAT:
            return stream_openai(saying, model, tag, usage=question.ask_usage)
        return stream_anthropic(saying, model, tag)

    def body(self, saying: Saying, number: int) -> bytes:
        """Return the answer as one body."""
        openai = self.seat.dialect is Dialect.OPENAI_CHAT
        write = whole_openai if openai else whole_anthropic
        return msgspec.json.encode(write(saying, self.seat.model, f"{self.seat.name}-{number}"))

    def joined(self, line: "_Line") -> None:
        """Remember an open connection."""
        self._open.add(line)

    def parted(self, line: "_Line") -> None:
        """Forget a closed one."""
        self._open.discard(line)


class _Line(asyncio.Protocol):
    """One connection: requests come one after another, answers are sent by timers."""

    def __init__(self, provider: SimulatedProvider) -> None:
        self._provider = provider
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._url = b""
        self._body = bytearray()
        self._keep = True

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (what create_server gives)
        self._transport = transport
        self._provider.joined(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._provider.parted(self)
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.drop()

    def drop(self) -> None:
        """Break the connection off."""
        if self._transport is not None:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._url = b""
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > MOST_BODY:
            self.drop()

    def on_message_complete(self) -> None:
        provider = self._provider
        self._keep = self._parser.should_keep_alive()
        if self._url.partition(b"?")[0] != PATHS[provider.seat.dialect]:
            self._refuse(404, "a simulated provider has one endpoint")
            return
        try:
            question = provider.read(bytes(self._body))
            number, failure = provider.take(question)
            saying = provider.say(question)
        except (BadQuestion, Unknown) as error:
            self._refuse(400, str(error))
            return
        if failure is Failure.HANG:
            return
        if failure is Failure.ERROR:
            self._refuse(503, "simulated outage")
            return
        self._answer(question, saying, number, cut=failure is Failure.CUT)

    def _answer(self, question: Question, saying: Saying, number: int, *, cut: bool) -> None:
        seat = self._provider.seat
        if question.stream:
            frames = self._provider.frames(question, saying, number)
            end = len(frames) // 2 if cut else len(frames)
            pause = seat.token * saying.said_tokens / len(frames)
            self._later(seat.first, lambda: self._stream(frames[:end], pause, cut=cut))
            return
        body = self._provider.body(saying, number)
        delay = seat.first + seat.token * saying.said_tokens
        self._later(delay, lambda: self._whole(body, cut=cut))

    def _whole(self, body: bytes, *, cut: bool) -> None:
        head = _head(200, b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body))
        self._write(head + (body[: len(body) // 2] if cut else body))
        self._end(keep=not cut)

    def _stream(self, frames: list[bytes], pause: float, *, cut: bool) -> None:
        kind = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
        self._write(_head(200, kind))
        self._go_on(iter(frames), pause, cut=cut)

    def _go_on(self, frames: Iterator[bytes], pause: float, *, cut: bool) -> None:
        frame = next(frames, None)
        if frame is not None:
            self._write(b"%x\r\n%b\r\n" % (len(frame), frame))
            self._later(pause, lambda: self._go_on(frames, pause, cut=cut))
        else:
            self._write(b"" if cut else b"0\r\n\r\n")
            self._end(keep=not cut)

    def _refuse(self, status: int, message: str) -> None:
        body = msgspec.json.encode({"error": {"type": "simulated", "message": message}})
        kind = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body)
        self._write(_head(status, kind) + body)
        self._end(keep=True)

    def _later(self, delay: float, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, act)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _end(self, *, keep: bool) -> None:
        if self._transport is not None and not (keep and self._keep):
            self._transport.close()


def _head(status: int, fields: bytes) -> bytes:
    return b"HTTP/1.1 %d %b\r\nx-simulated: true\r\n%b\r\n" % (status, STATUS[status], fields)
