"""A process that is told to stop: what it says meanwhile, to whom, and how it ends."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from support.process import PATIENCE_S, Process
from support.raw import Answer, answers, request
from support.town import House, target
from support.words import FRAMES

LONG_S = 600
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(frame: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(frame), frame)


class Held(House):
    """A provider whose streams come to an end when it is let go."""

    def __init__(self) -> None:
        super().__init__(self._hold)
        self.asked = asyncio.Semaphore(0)
        self.go = asyncio.Event()

    async def _hold(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.asked.release()
        if json.loads(body).get("stream"):
            writer.write(HEAD + chunk(FRAMES[0]))
            await self.go.wait()
            writer.write(b"".join(map(chunk, [*FRAMES[1:], b""])))
        else:
            await self.go.wait()


class Caller:
    """One connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, path: str, body: bytes = b"") -> None:
        method = "POST" if body else "GET"
        self._writer.write(request(path, body=body, method=method))

    async def until(self, words: bytes) -> bytes:
        return await self._reader.readuntil(words)

    async def answer(self) -> Answer:
        """Return an answer that says its length; the connection may stay."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        [found] = answers(head + await self._reader.readexactly(length))
        return found

    async def rest(self) -> bytes:
        return await self._reader.read()

    def close(self) -> None:
        self._writer.close()


class Scene:
    """The provider, the process, and who calls it."""

    def __init__(self, house: Held, process: Process, ledger: Path) -> None:
        self.house = house
        self.process = process
        self._ledger = ledger
        self._callers: list[Caller] = []

    async def caller(self) -> Caller:
        found = Caller(*await asyncio.open_connection("127.0.0.1", self.process.port))
        self._callers.append(found)
        return found

    async def call(self, *, stream: bool) -> Caller:
        caller = await self.caller()
        await caller.send("/v1/chat/completions", body(stream=stream))
        return caller

    async def streaming(self) -> Caller:
        """Return who has got the first words of a stream."""
        caller = await self.call(stream=True)
        await caller.until(FRAMES[0])
        return caller

    async def told(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Tell the process to stop, and return when it knows."""
        self.process.tell(number)
        await asyncio.to_thread(self.process.wait_for, "stopping: not ready")

    async def code(self) -> int:
        return await asyncio.to_thread(self.process.end)

    def rows(self) -> list[tuple[str, str, int]]:
        book = sqlite3.connect(self._ledger)
        query = "SELECT ending, code, status FROM decisions ORDER BY ending, stream"
        found = book.execute(query).fetchall()
        book.close()
        return found

    def leave(self) -> None:
        for caller in self._callers:
            caller.close()


def body(*, stream: bool) -> bytes:
    turns = [{"role": "user", "content": "hi"}]
    return msgspec.json.encode({"model": "auto", "messages": turns, "stream": stream})


@asynccontextmanager
async def scene(folder: Path, grace: float) -> AsyncIterator[Scene]:
    house = Held()
    server = await asyncio.start_server(house.host, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    content = {
        "providers": {"sim": {"dialect": "openai-chat", "base_url": url}},
        "targets": {"one": target("sim")},
        "ledger": {"path": "calls.db"},
        "server": {"drain_s": grace},
    }
    (folder / "switchgear.yaml").write_bytes(msgspec.json.encode(content))
    process = Process(folder)
    found = Scene(house, process, folder / "calls.db")
    try:
        await asyncio.to_thread(process.wait_for, "serving on")
        yield found
    finally:
        found.leave()
        house.go.set()
        process.kill()
        server.close()
    assert "Traceback" not in process.text()


def play(folder: Path, grace: float, act: Callable[[Scene], Awaitable[None]]) -> None:
    async def life() -> None:
        async with asyncio.timeout(2 * PATIENCE_S), scene(folder, grace) as found:
            await act(found)

    asyncio.run(life())


def test_while_it_drains_it_is_not_ready_takes_no_call_and_lets_streams_finish(
    tmp_path: Path,
) -> None:
    async def act(scene: Scene) -> None:
        reader, prober = await scene.streaming(), await scene.caller()
        await prober.send("/readyz")
        assert (await prober.answer()).status == 200
        await scene.told()
        for probe in (prober, prober, await scene.caller()):
            await probe.send("/readyz")
            found = await probe.answer()
            assert (found.status, json.loads(found.body)["why"]) == (503, "draining")
        refused = await scene.call(stream=True)
        [answer] = answers(await refused.rest())
        told = [answer.headers.get(name) for name in ("connection", "x-should-retry")]
        assert (answer.status, told) == (503, ["close", "true"])
        assert json.loads(answer.body)["error"]["code"] == "draining"
        scene.house.go.set()
        assert b"[DONE]" in await reader.rest()
        assert await scene.code() == 0
        assert scene.rows() == [("answered", "", 200), ("failed", "draining", 503)]

    play(tmp_path, LONG_S, act)


def test_after_the_grace_each_call_is_told_once_and_has_its_row(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reader, waiter = await scene.streaming(), await scene.call(stream=False)
        for _ in range(2):
            await scene.house.asked.acquire()
        await scene.told()
        rest = await reader.rest()
        assert rest.count(b'"code":"draining"') == 1
        assert b"[DONE]" not in rest
        assert rest.endswith(b"0\r\n\r\n")
        [answer] = answers(await waiter.rest())
        assert (answer.status, answer.headers["connection"]) == (503, "close")
        assert await scene.code() == 0
        assert scene.rows() == [("cut", "draining", 200), ("failed", "draining", 503)]
        assert "stopping: 2 calls are broken off" in scene.process.text()

    play(tmp_path, 0.3, act)


def test_told_twice_it_waits_for_nobody(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reader = await scene.streaming()
        await scene.told()
        scene.process.tell(signal.SIGTERM)
        assert b'"code":"draining"' in await reader.rest()
        assert await scene.code() == 0
        assert scene.rows() == [("cut", "draining", 200)]

    play(tmp_path, LONG_S, act)


def test_with_nothing_under_way_it_stops_at_once(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.caller()
        await scene.told(signal.SIGINT)
        assert await scene.code() == 0

    play(tmp_path, LONG_S, act)
