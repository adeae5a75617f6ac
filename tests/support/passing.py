"""A simulated provider of what is passed through: files, batches, speech, pictures."""

import asyncio
from contextlib import suppress

import msgspec

from switchgear.domain.units import Seconds

FILE = {
    "id": "file-1",
    "object": "file",
    "bytes": 3,
    "created_at": 1,
    "filename": "a.txt",
    "purpose": "batch",
    "status": "processed",
}
BATCH = {
    "id": "batch_1",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "input_file_id": "file-1",
    "completion_window": "24h",
    "status": "validating",
    "created_at": 1,
}
COUNTS = {"canceled": 0, "errored": 0, "expired": 0, "processing": 1, "succeeded": 0}
MESSAGE_BATCH = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": "2026-01-02T00:00:00Z",
    "processing_status": "ended",
    "request_counts": COUNTS,
    "results_url": "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results",
}
RESULT = {
    "custom_id": "one",
    "result": {"type": "canceled"},
}
BETA_FILE = {
    "id": "file_1",
    "type": "file",
    "created_at": "2026-01-01T00:00:00Z",
    "filename": "a.txt",
    "mime_type": "text/plain",
    "size_bytes": 3,
    "downloadable": True,
}
IMAGE = {
    "created": 1,
    "data": [{"b64_json": "QUJD"}],
    "usage": {
        "input_tokens": 10,
        "output_tokens": 100,
        "total_tokens": 110,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 0},
    },
}
MODERATION = {"id": "modr-1", "model": "omni", "results": []}
SPEECH = [b"\x00\x01" * 500, b"\xff" * 700, b"\r\n\r\ndata: no event\n\n"]

ANSWERS: dict[tuple[str, str], object] = {
    ("GET", "/v1/files"): {"object": "list", "data": [FILE], "has_more": False},
    ("POST", "/v1/files"): FILE,
    ("GET", "/v1/files/file-1"): FILE,
    ("DELETE", "/v1/files/file-1"): {"id": "file-1", "object": "file", "deleted": True},
    ("POST", "/v1/batches"): BATCH,
    ("GET", "/v1/batches/batch_1"): {**BATCH, "usage": {"input_tokens": 9, "output_tokens": 9}},
    ("POST", "/v1/batches/batch_1/cancel"): BATCH,
    ("POST", "/v1/audio/transcriptions"): {"text": "hello"},
    ("POST", "/v1/images/generations"): IMAGE,
    ("POST", "/v1/moderations"): MODERATION,
    ("POST", "/v1/messages/batches"): MESSAGE_BATCH,
    ("GET", "/v1/messages/batches/msgbatch_1"): MESSAGE_BATCH,
}
BETA_ANSWERS: dict[tuple[str, str], object] = {
    ("GET", "/v1/files"): {"data": [BETA_FILE], "has_more": False},
    ("POST", "/v1/files"): BETA_FILE,
}


class Provider:
    """Says what is expected of it, and remembers what it was asked."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.sizes: list[int] = []
        self.keeps = True
        """Bodies are kept, not only counted."""
        self.status = 200
        self.held = asyncio.Event()
        """Nothing is read of a body before this."""
        self.held.set()
        self.halting = False
        """It stops after the first words of a speech, until it is left."""
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self.port = 0
        self._server: asyncio.Server

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._host, "127.0.0.1", 0, limit=2**16)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.held.set()
        self._server.close()

    async def _host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                self.asked.set()
                await self._take(head, reader)
                await self._answer(head, writer, reader)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            self.left.set()
        finally:
            writer.close()

    async def _take(self, head: bytes, reader: asyncio.StreamReader) -> None:
        lower = head.lower()
        kept, size = bytearray(), 0
        if b"transfer-encoding: chunked" in lower:
            while length := int(await reader.readuntil(b"\r\n"), 16):
                part = (await reader.readexactly(length + 2))[:-2]
                size, kept = size + len(part), kept + part
            await reader.readexactly(2)
        else:
            told = lower.partition(b"content-length: ")[2].partition(b"\r\n")[0] or b"0"
            while size < int(told):
                await self.held.wait()
                part = await reader.read(min(65_536, int(told) - size))
                if not part:
                    raise ConnectionError
                size += len(part)
                kept += part if self.keeps else b""
        self.bodies.append(bytes(kept))
        self.sizes.append(size)

    async def _answer(
        self, head: bytes, writer: asyncio.StreamWriter, reader: asyncio.StreamReader
    ) -> None:
        method, _, rest = head.decode("latin-1").partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        known = BETA_ANSWERS if b"anthropic-version" in head and path == "/v1/files" else ANSWERS
        if self.status != 200:
            _say(writer, b'{"error":{"message":"no, said sk-provider-secret"}}', status=self.status)
        elif (method, path) in known:
            _say(writer, msgspec.json.encode(known[method, path]))
        elif path.endswith("/content"):
            _say(writer, b"a\0b", kind="text/html")
        elif path.endswith("/results"):
            _say(writer, msgspec.json.encode(RESULT) + b"\n", kind="application/binary")
        elif path == "/v1/audio/speech":
            await self._speak(writer, reader)
        else:
            _say(writer, b'{"error":{"message":"no such file","code":"missing"}}', status=404)

    async def _speak(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for at, part in enumerate(SPEECH):
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
            if at == 0 and self.halting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(Seconds(5.0)):
                        if not await reader.read(1):
                            raise ConnectionError
        writer.write(b"0\r\n\r\n")


def _say(
    writer: asyncio.StreamWriter, body: bytes, *, status: int = 200, kind: str = "application/json"
) -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
