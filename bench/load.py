"""The load: raw connections that count what comes back, and ``wrk`` for whole answers."""

import asyncio
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from bench.process import LOAD_CORE, NotMeasured

PROMPT_BYTES = 1700
PATIENCE_S = 60.0
SENTENCE = "A baker sells 12 loaves at 3 dollars and 7 cakes at 15 dollars; what is left over? "
CONTENT = b'"content":"The'
LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)")
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
FAULTS = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")

WRK_SCRIPT = """
wrk.method = "POST"
wrk.body = [[%s]]
%s
"""


def prompt(model: str, *, wish: str = "", stream: bool = False, size: int = PROMPT_BYTES) -> bytes:
    """Return a chat completions body of ``size`` bytes; ``wish`` is for the simulated upstream."""
    words = f"{wish} {SENTENCE * (size // len(SENTENCE) + 1)}"
    turn = {"role": "user", "content": ""}
    body = {"model": model, "messages": [turn], "max_tokens": 300, "stream": stream}
    turn["content"] = words[: size - len(msgspec.json.encode(body))]
    return msgspec.json.encode(body)


def request(
    body: bytes, headers: Sequence[tuple[str, str]] = (), path: str = "/v1/chat/completions"
) -> bytes:
    """Return a whole HTTP request."""
    fields = [
        ("host", "127.0.0.1"),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        *headers,
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


class Line(asyncio.Protocol):
    """One connection: one request at a time, counted and timed as its answer comes."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.chunks = 0
        """Content deltas since the connection was made."""
        self.first = 0.0
        """When the first content of this answer came."""
        self._held = b""
        self._done: asyncio.Future[bool] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[explicit-override]  # hot path: no decorators
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a client gets a full transport

    def connection_lost(self, exc: Exception | None) -> None:  # type: ignore[explicit-override]  # as above
        """Say that the answer will not be whole."""
        del exc
        if self._done is not None and not self._done.done():
            self._done.set_result(False)

    def send(self, data: bytes) -> "asyncio.Future[bool]":
        """Send a request; the future tells whether its answer came whole, with status 200."""
        self._held, self.first = b"", 0.0
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return self._done

    def close(self) -> None:
        """Break the connection off."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]  # as above
        """Count, and see whether this is the end."""
        found = data.count(CONTENT)
        if found:
            self.chunks += found
            self.first = self.first or time.perf_counter()
        self._held += data
        self._look(self._held)

    def _look(self, held: bytes) -> None:
        end = held.find(b"\r\n\r\n")
        if end < 0 or self._done is None or self._done.done():
            return
        length = LENGTH.search(held, 0, end)
        whole = held.endswith(b"0\r\n\r\n")
        if length is not None:
            whole = len(held) >= end + 4 + int(length[1])
        elif len(held) > end + 4096:
            self._held = held[: end + 4] + held[-64:]  # only the head and the end matter
        if whole:
            self._done.set_result(held.startswith(b"HTTP/1.1 200"))


async def connect(port: int, count: int = 1) -> list[Line]:
    """Open connections."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Line, "127.0.0.1", port) for _ in range(count)]
    return [line for _, line in made]


async def one_by_one(port: int, data: bytes, count: int, *, first: bool = False) -> list[float]:
    """Return the times in ms of ``count`` answers in a row; ``first`` times the first content.

    Raises:
        NotMeasured: an answer was not whole.
    """
    [line] = await connect(port)
    spent = []
    for _ in range(count):
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            good = await line.send(data)
        if not good:
            raise NotMeasured("an answer was not whole while latency was measured")
        spent.append(((line.first if first else time.perf_counter()) - began) * 1000)
    line.close()
    return spent


async def streams(port: int, data: bytes, count: int, seconds: float) -> tuple[int, float]:
    """Return how many content chunks ``count`` streams, renewed at once, deliver in what time.

    Raises:
        NotMeasured: none was whole.
    """
    lines = await connect(port, count)
    end = time.perf_counter() + seconds

    async def keep_on(line: Line) -> None:
        while time.perf_counter() < end:
            async with asyncio.timeout(PATIENCE_S):
                if not await line.send(data):
                    raise NotMeasured("a stream broke off while streams were measured")

    began = time.perf_counter()
    await asyncio.gather(*map(keep_on, lines))
    spent = time.perf_counter() - began
    for line in lines:
        line.close()
    return sum(line.chunks for line in lines), spent


def wrk(
    port: int, body: bytes, headers: Sequence[tuple[str, str]], folder: Path, span_s: int
) -> float:
    """Return the whole answers per second that 32 connections get.

    Raises:
        NotMeasured: wrk is missing, or answers were not good.
    """
    fields = [("content-type", "application/json"), *headers]
    lines = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in fields)
    script = folder / "load.lua"
    script.write_text(WRK_SCRIPT % (body.decode(), lines))
    words = [
        "taskset",
        "-c",
        str(LOAD_CORE),
        "wrk",
        "-t1",
        "-c32",
        f"-d{span_s}s",
        "-s",
        str(script),
    ]
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    try:
        done = subprocess.run([*words, url], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NotMeasured("wrk is not installed; `make bench-peers` does that") from error
    rate, fault = RATE.search(done.stdout), FAULTS.search(done.stdout)
    if rate is None or fault is not None:
        raise NotMeasured(f"wrk says {fault[0] if fault else done.stdout + done.stderr}")
    return float(rate[1])
