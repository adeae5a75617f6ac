"""A caller of the gateway: one call a connection, its answer read as strictly as can be."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.ask import PATHS
from switchgear.rehearsal.seen import OK, Frames, Seen, read_whole

PATH_OF = {dialect: path for path, dialect in PATHS.items()}
MOST_WHOLE = 32_000_000
MOST_KEPT = 2_000
PROMPT = "Count to twelve."


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One call to make."""

    dialect: Dialect
    model: str
    stream: bool
    headers: Mapping[str, str] = {}
    more: Mapping[str, Any] = {}
    """Other fields of the body."""
    patience: float = 20.0
    """Seconds until the caller gives up."""

    def body(self) -> bytes:
        """Return the body."""
        talk = [{"role": "user", "content": PROMPT}]
        told: dict[str, Any] = {"model": self.model, "messages": talk, "stream": self.stream}
        if self.dialect is Dialect.ANTHROPIC_MESSAGES:
            told["max_tokens"] = 1000
        return msgspec.json.encode(told | dict(self.more))


async def call(port: int, wish: Wish, now: Callable[[], float]) -> Seen:
    """Make a call, and return what came of it; that nothing came is a flaw, no error."""
    seen, began = Seen(), now()
    try:
        async with asyncio.timeout(wish.patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
            try:
                writer.write(_request(wish))
                await _read_head(reader, seen)
                seen.first_s = now() - began
                await _read_body(reader, seen, wish)
            finally:
                writer.transport.abort()
    except TimeoutError:
        seen.flaw(f"nothing, or no end, in {wish.patience:g} s")
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        seen.flaw(f"the connection broke: {type(error).__name__}")
    seen.seconds = now() - began
    return seen


def _request(wish: Wish) -> bytes:
    body = wish.body()
    lines = [
        f"POST {PATH_OF[wish.dialect]} HTTP/1.1",
        "host: gateway",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in wish.headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _read_head(reader: asyncio.StreamReader, seen: Seen) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    seen.status = int(first.split(" ")[1])
    fields = (line.partition(":") for line in lines if line)
    seen.headers = {name.lower(): value.strip() for name, _, value in fields}


async def _read_body(reader: asyncio.StreamReader, seen: Seen, wish: Wish) -> None:
    streaming = wish.stream and seen.status == OK
    kind = seen.headers.get("content-type", "").partition(";")[0]
    if kind != ("text/event-stream" if streaming else "application/json"):
        seen.flaw(f"content type {kind!r}")
    frames = Frames(seen, wish.dialect)
    whole = bytearray()
    async for part in _parts(reader, seen):
        seen.raw = (seen.raw + part)[:MOST_KEPT] if len(seen.raw) < MOST_KEPT else seen.raw
        if streaming:
            frames.feed(part)
        else:
            whole += part
            if len(whole) > MOST_WHOLE:
                seen.flaw("the body is larger than anybody takes")
                return
    if streaming:
        frames.end()
    else:
        read_whole(seen, wish.dialect, bytes(whole))


async def _parts(reader: asyncio.StreamReader, seen: Seen) -> AsyncIterator[bytes]:
    """Yield the parts of a body, and end where it ends."""
    if seen.headers.get("transfer-encoding") != "chunked":
        yield await reader.readexactly(int(seen.headers.get("content-length", "0")))
        return
    while True:
        size = int(await reader.readuntil(b"\r\n"), 16)
        part = await reader.readexactly(size + 2)
        if not size:
            return
        yield part[:-2]
