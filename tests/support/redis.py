"""A real server of Redis, one for each run of the tests, and a proxy that makes it slow."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from switchgear.adapters.redis import connection
from switchgear.adapters.redis.connection import Redis
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds

PROGRAMS = ("redis-server", "valkey-server")
LOOKS = 500
PAUSE_S = 0.01


def program() -> str:
    """Return the server's program; without it a test is skipped, but never in CI."""
    found = next((each for name in PROGRAMS if (each := shutil.which(name))), None)
    if found is None:
        assert not os.environ.get("CI"), "there is no redis-server: .ci/run installs it"
        pytest.skip("there is no redis-server on this machine")
    return found


class Server:
    """One process, on a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "redis.sock"
        self.url = f"unix://{self.path}"
        self._folder = folder
        self.start()

    def start(self) -> None:
        plain = ("--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning")
        command = (program(), *plain, "--dir", str(self._folder), "--unixsocket", str(self.path))
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  (our own command)
        for _ in range(LOOKS):
            if self.path.exists():
                return
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"redis-server ended with {self._process.wait(PAUSE_S)}")
        raise AssertionError("redis-server never listened")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self.path.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = Server(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def redis_url(redis_server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where an empty Redis is, that is given time: what machine tests run on, nobody knows."""
    monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))

    async def empty() -> None:
        _, writer = await asyncio.open_unix_connection(str(redis_server.path))
        writer.write(b"FLUSHALL\r\n")
        await writer.drain()
        writer.close()

    asyncio.run(empty())
    return redis_server.url


class Proxy:
    """Between us and the server: what the server says comes so much later, or not at all."""

    def __init__(self, path: Path, server: Server) -> None:
        self.url = f"unix://{path}"
        self.delay = 0.0
        self.silent = False
        self.connections = 0
        self._path = path
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        self._listener = await asyncio.start_unix_server(self._serve, str(self._path))

    async def aclose(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self.cut()

    async def cut(self) -> None:
        """Break every connection there is."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_unix_connection(str(self._server.path))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._copy(reader, back, late=False))
                both.create_task(self._copy(there, writer, late=True))
        except* (OSError, _Ended):
            pass
        finally:
            writer.close()
            back.close()

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, late: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while said := await source.read(65_536):
            if late and self.silent:
                continue
            if late and self.delay:
                loop.call_later(self.delay, sink.write, said)
            else:
                sink.write(said)
        raise _Ended


class _Ended(Exception):
    """One side has closed."""


Visit = Callable[[Redis], Awaitable[None]]


def with_redis(url: str, visit: Visit) -> None:
    """Do something with a connection, in a loop of its own."""

    async def life() -> None:
        redis = Redis(Secret(url))
        await redis.open()
        try:
            await visit(redis)
        finally:
            await redis.aclose()

    asyncio.run(life())
