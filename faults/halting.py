"""The kill switch under load: how long after it is thrown a target still sees a byte."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from faults.cell import Cell, cell, noted
from faults.served import Served, serving, target

from switchgear.adapters.halts.file import FileBoard
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs

BAR_S = 1.0
"""After the switch no target may see or send one byte more."""
LOAD_S, AFTER_S = 1.0, 2.5
CALLERS = 4
"""Of each kind; each calls again as soon as it is answered."""
TRICKLE_S = 0.02
ROUNDS = 3
CALL: dict[str, object] = {
    "model": "up/m",
    "messages": [{"role": "user", "content": "hi"}],
    "max_tokens": 99,
}
INPUT: dict[str, object] = {"model": "up/m", "input": "hi"}
PART = b"--x\r\ncontent-disposition: form-data; name=purpose\r\n\r\nbatch\r\n"
KINDS: dict[str, tuple[str, dict[str, object] | None]] = {
    "chat completions, streamed": ("/v1/chat/completions", {**CALL, "stream": True}),
    "chat completions, whole": ("/v1/chat/completions", CALL),
    "messages, streamed": ("/v1/messages", {**CALL, "stream": True}),
    "messages, whole": ("/v1/messages", CALL),
    "responses, streamed": ("/v1/responses", {**INPUT, "stream": True}),
    "responses, whole": ("/v1/responses", INPUT),
    "embeddings": ("/v1/embeddings", {**INPUT, "model": "up/e"}),
    "token counts": ("/v1/messages/count_tokens", {**CALL, "model": "up/a"}),
    "uploads, passed through": ("/v1/files", None),
    "speech, passed through": ("/v1/audio/speech", {"input": "hi", "voice": "a"}),
}
"""What is asked, and with which body; None sends one without end, part by part."""
CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
FRAME = (
    "data: " + json.dumps({**CHUNK, "choices": [{"index": 0, "delta": {"content": "w "}}]}) + "\n\n"
).encode()


class Trickle:
    """A provider that never comes to an end, and notes when the last byte went either way."""

    def __init__(self) -> None:
        """Nothing has come."""
        self.last = 0.0
        self.requests = 0
        self.open = 0

    async def host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read what comes and trickle an answer, until the gateway closes the connection."""
        asked = 0
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            asked = 1  # a connection on which nothing was asked is the pool's, for later
            self.requests += 1
            self.open += 1
            self.last = time.monotonic()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(reader, group))
                if b" /v1/files " not in head:
                    group.create_task(self._write(writer, head))
        except* (OSError, asyncio.IncompleteReadError, EOFError):
            pass
        finally:
            self.open -= asked
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, _: asyncio.TaskGroup) -> None:
        while part := await reader.read(65_536):
            del part
            self.last = time.monotonic()
        raise EOFError

    async def _write(self, writer: asyncio.StreamWriter, head: bytes) -> None:
        sse = b"/chat/completions " in head
        kind = b"text/event-stream" if sse else b"application/json"
        if b"/audio/" in head:
            kind = b"audio/mpeg"
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n" % kind
        )
        while True:
            part = FRAME if sse else b"sound"
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
            self.last = time.monotonic()
            await asyncio.sleep(TRICKLE_S)


async def halting() -> list[Cell]:
    """Throw the switch under every kind of call, and by two workers."""
    found = [await _one(name, 1) for name in KINDS]
    found.append(await _one("chat completions, streamed", 2))
    return found


async def _one(name: str, workers: int) -> Cell:
    began, worst, requests, flaws = time.monotonic(), 0.0, 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        async with _stage(Path(folder), workers) as (served, provider):
            for number in range(ROUNDS):
                late, wrong = await _round(name, number, served, provider)
                worst = max(worst, late)
                flaws += wrong
            requests = provider.requests
    if worst > BAR_S:
        flaws.append(f"a byte {worst:.2f} s after the switch")
    if not requests:
        flaws.append("no call reached the target")
    title = f"{name} · {workers} worker{'s' * (workers > 1)}"
    spent = time.monotonic() - began
    found = cell("halt", title, flaws, attempts=requests, seconds=spent)
    return noted(found, f"last byte {worst * 1000:.0f} ms after the switch at the worst")


@asynccontextmanager
async def _stage(folder: Path, workers: int) -> AsyncIterator[tuple[Served, Trickle]]:
    provider = Trickle()
    host = await asyncio.start_server(provider.host, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{host.sockets[0].getsockname()[1]}/v1"
    embeds = {"capabilities": ["embeddings"]}
    content = {
        "providers": {
            "up": {"dialect": "openai-chat", "base_url": url},
            "counts": {"dialect": "anthropic-messages", "base_url": url.removesuffix("/v1")},
        },
        "targets": {
            "up/m": target("up", "m"),
            "up/e": {**target("up", "e"), **embeds},
            "up/a": target("counts", "a"),
        },
        "passthrough": {"files": "up/m", "audio": "up/m"},
    }
    async with serving(folder, content, workers=workers) as served:
        yield served, provider
    host.close()


async def _round(
    name: str, number: int, served: Served, provider: Trickle
) -> tuple[float, list[str]]:
    """Load, stop, look, and let go again; return how late the last byte was."""
    board = FileBoard(served.folder / "halts.json")
    at = UnixMs(2 * number + 1)
    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(_caller(served.port, name)) for _ in range(CALLERS)]
        await asyncio.sleep(LOAD_S)
        before = provider.requests
        thrown = time.monotonic()
        await board.post([Halt(kind=Halted.EVERYTHING, at=at)])
        await asyncio.sleep(AFTER_S)
        late = max(0.0, provider.last - thrown)
        flaws = [] if before else ["the load never came to the target"]
        if provider.open:
            flaws.append(f"{provider.open} connections to the target are still open")
        await board.post([Halt(kind=Halted.EVERYTHING, at=UnixMs(at + 1), on=False)])
        for caller in callers:
            caller.cancel()
    await asyncio.sleep(2 * 0.25)
    return late, flaws


async def _caller(port: int, name: str) -> None:
    """Call, and call again, until cancelled."""
    path, body = KINDS[name]
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            if body is None:
                await _upload(path, reader, writer)
            else:
                raw = json.dumps(body).encode()
                head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                writer.write(
                    f"{head}content-length: {len(raw)}\r\nconnection: close\r\n\r\n".encode()
                )
                writer.write(raw)
                await reader.read()
        except OSError:
            pass
        finally:
            writer.close()
        await asyncio.sleep(TRICKLE_S)


async def _upload(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=x\r\n"
    writer.write(f"{head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n".encode())
    answered = asyncio.get_running_loop().create_task(reader.read())
    try:
        while not answered.done():
            writer.write(b"%x\r\n%b\r\n" % (len(PART), PART))
            await writer.drain()
            await asyncio.sleep(TRICKLE_S)
    finally:
        answered.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await answered
