"""A simulated provider: speaks the dialect of whoever it is asked as, and plays what a scene says.

One server on a real socket stands for all providers. The first part of a path is the scene's name,
so that exchanges under way at the same time do not meet.
"""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec

from switchgear.adapters.upstreams.endpoint import PATHS, Path
from switchgear.config.service import Service
from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.ports.upstream import Endpoint
from switchgear.wire.registry import TONGUES
from switchgear.wire.tongue import Tongue

DECISION = "peer_01k7b2c3d4e5f6g7h8j9k0m1n2"
"""What the ids are made of: another's, not ours."""
MOST = 2**26
ASKED = Conversation(model="m", turns=(), stream=True, wants_usage=True)
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
HOUSES = {Dialect.BEDROCK_CONVERSE: Service.BEDROCK}
"""Where a dialect is at home, if not at a plain address."""
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


class Heard:
    """One request, as the provider got it."""

    def __init__(self, path: str, head: bytes, body: bytes, dialect: Dialect) -> None:
        """Keep it as it came."""
        self.path = path
        self.head = head.lower()
        self.body = body
        self.dialect = dialect
        self.left = asyncio.Event()
        """The gateway closed the connection."""
        self.endpoint, self.streams = self._meaning()

    @property
    def tongue(self) -> Tongue:
        """What it is read with."""
        return TONGUES[self.dialect]

    @property
    def conversation(self) -> Conversation:
        """What it says, in our words."""
        return self.tongue.parse(self.body).conversation

    def _meaning(self) -> tuple[Endpoint, bool]:
        for (service, dialect, endpoint), path in PATHS.items():
            if service is HOUSES.get(dialect, Service.PLAIN) and dialect is self.dialect:
                for streams, form in ((True, path.stream), (False, path.whole)):
                    if form and _fits(form, self.path):
                        return endpoint, streams or self._says_stream(path)
        raise LookupError(f"a {self.dialect.value} provider has nothing at {self.path}")

    def _says_stream(self, path: Path) -> bool:
        return not path.stream and b'"stream":true' in self.body.replace(b" ", b"")


def _fits(form: str, path: str) -> bool:
    form = form.partition("?")[0]
    pattern = re.escape(form).replace(re.escape("{model}"), "[^/]+")
    return re.fullmatch(rf"(/v1)?{pattern}", path.partition("?")[0]) is not None


class Line:
    """The provider's end of one connection, for one request."""

    def __init__(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        """Answer this request."""
        self.heard = heard
        self._writer = writer

    async def whole(self, status: int, body: bytes, *headers: str) -> None:
        """Answer with a whole body."""
        lines = [f"HTTP/1.1 {status} Said", "content-type: application/json", *headers]
        head = "\r\n".join([*lines, f"content-length: {len(body)}"])
        await self._send(head.encode() + b"\r\n\r\n" + body)

    async def head(self) -> None:
        """Begin a stream."""
        kind = self.heard.tongue.stream_type
        await self._send(b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n%b" % (kind, CHUNKED))

    async def part(self, data: bytes) -> None:
        """Send more of a stream; nothing ends it."""
        await self._send(b"%x\r\n%b\r\n" % (len(data), data))

    async def hang(self) -> None:
        """Wait until the gateway leaves."""
        await self.heard.left.wait()

    def cut(self) -> None:
        """Break off."""
        self._writer.transport.abort()

    async def _send(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()


Play = Callable[[Line], Awaitable[None]]


class Scene:
    """What the providers of one exchange are to play, and what they heard."""

    def __init__(self, dialect: Dialect) -> None:
        """Speak this dialect."""
        self.dialect = dialect
        self.plays: deque[Play] = deque()
        """One for each request; the last is played again and again."""
        self.heard: list[Heard] = []
        self.came = asyncio.Event()

    def play(self, *plays: Play) -> None:
        """Play these, one for each request."""
        self.plays = deque(plays)

    async def answer(self, line: Line) -> None:
        """Play the next."""
        play = self.plays.popleft() if len(self.plays) > 1 else self.plays[0]
        self.came.set()
        await play(line)


class Provider:
    """The server."""

    def __init__(self) -> None:
        """Know no scenes."""
        self._scenes: dict[str, Scene] = {}
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server
        self.failed: list[str] = []

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0, limit=MOST)

    async def stop(self) -> None:
        """Listen no more, and let every connection end."""
        self._server.close()
        for each in list(self._open):
            each.transport.abort()
        while self._open:
            await asyncio.sleep(0.001)
        await self._server.wait_closed()
        await asyncio.sleep(0.01)  # for transports to give back their sockets

    def stage(self, name: str, dialect: Dialect) -> tuple[Scene, str]:
        """Return a new scene, and its base URL."""
        self._scenes[name] = scene = Scene(dialect)
        port = self._server.sockets[0].getsockname()[1]
        return scene, f"http://127.0.0.1:{port}/{name}/v1"

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def watch(heard: Heard) -> None:
            with suppress(ConnectionError):
                await ahead
            heard.left.set()

        self._open.add(writer)
        try:
            request = await _request(reader)
            while request is not None:
                path, head, body = request
                _, name, rest = path.split("/", 2)
                scene = self._scenes[name]
                heard = Heard(f"/{rest}", head, body, scene.dialect)
                scene.heard.append(heard)
                async with asyncio.TaskGroup() as group:
                    ahead = group.create_task(_request(reader))
                    group.create_task(watch(heard))
                    await scene.answer(Line(heard, writer))
                request = ahead.result()
        except (LookupError, ValueError) as error:
            self.failed.append(str(error))
        finally:
            writer.close()
            self._open.discard(writer)


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes, bytes] | None:
    """Return path, head and body of the next request; None when the gateway has left."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        found = LENGTH.search(head)
        body = await reader.readexactly(int(found[1]) if found else 0)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return head.split(b" ", 2)[1].decode(), head, body


def says(events: Sequence[Event]) -> Play:
    """Answer with these events, whole or as a stream, as it is asked."""

    async def play(line: Line) -> None:
        tongue = line.heard.tongue
        if line.heard.endpoint is Endpoint.COUNT:
            await counts(line)
        elif not line.heard.streams:
            await line.whole(200, tongue.write_whole(DECISION, events))
        else:
            await line.head()
            writer = tongue.stream_writer(DECISION, ASKED)
            for event in events:
                if frames := writer.write([event]):
                    await line.part(frames)
            await line.part(b"")

    return play


COUNT = 321


async def counts(line: Line) -> None:
    """Answer with a count of tokens."""
    counter = line.heard.tongue.counter
    body = counter.write_answer(COUNT) if counter else b"{}"  # type: ignore[arg-type]  # Tokens
    await line.whole(200, body)


def fails(status: int, body: bytes, *headers: str) -> Play:
    """Answer with an error."""

    async def play(line: Line) -> None:
        await line.whole(status, body, *headers)

    return play


def breaks(events: Sequence[Event], last: bytes = b"") -> Play:
    """Say these events of a stream, perhaps some bytes more, and break off."""

    async def play(line: Line) -> None:
        if not line.heard.streams:
            line.cut()
            return
        await line.head()
        await line.part(line.heard.tongue.stream_writer(DECISION, ASKED).write(events) + last)
        await asyncio.sleep(0.01)  # so that the content is there before the end
        line.cut()

    return play


def hangs(events: Sequence[Event] = ()) -> Play:
    """Say these events of a stream, and then nothing until the gateway leaves."""

    async def play(line: Line) -> None:
        if line.heard.streams and events:
            await line.head()
            await line.part(line.heard.tongue.stream_writer(DECISION, ASKED).write(events))
        await line.hang()

    return play


def decoded(heard: Heard) -> dict[str, object]:
    """Return the request's JSON."""
    return msgspec.json.decode(heard.body, type=dict[str, object])
