"""Requests to the scripted upstream, and what it does with them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import msgspec

from switchgear.adapters.clock import SystemClock
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.ask import PATHS, Ask, read_ask
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.step import Send, Step

PATH_OF = {dialect: path for path, dialect in PATHS.items()}
SCHEMA = {"type": "object", "properties": {"city": {"enum": ["Bern"]}}, "required": ["city"]}


def an_ask(dialect: Dialect, *, stream: bool = True, **more: Any) -> Ask:
    body = {"model": "healthy", "messages": [], "stream": stream, **more}
    return read_ask(PATH_OF[dialect], {}, msgspec.json.encode(body))


def sent(steps: Iterable[Step], most: int = 10_000) -> bytes:
    return b"".join(step.data for step in islice(steps, most) if isinstance(step, Send))


@asynccontextmanager
async def served() -> AsyncIterator[Faultd]:
    daemon = Faultd(SystemClock().now)
    await daemon.start()
    try:
        yield daemon
    finally:
        await daemon.stop()


async def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Ask once, and return status and what the JSON says."""
    raw = b"" if body is None else msgspec.json.encode(body)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\ncontent-length: {len(raw)}\r\n\r\n".encode() + raw)
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    told = msgspec.json.decode(await reader.readexactly(int(length)))
    writer.close()
    return int(head.split(b" ")[1]), told
