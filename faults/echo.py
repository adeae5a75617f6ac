"""A provider that repeats all it was told in its errors: as it was, and in every encoding."""

import asyncio
import base64
import json
from urllib.parse import quote

SHAPES = ("json", "html", "event", "cut")
STATUSES = (200, 400, 401, 403, 404, 422, 429, 500, 503)
LONG = 290
"""Characters after which words are cut on their way on: a secret may stand just there."""


class Echo:
    """It listens on a port of its own; its paths begin with a status and a shape."""

    url = ""
    _server: asyncio.Server

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            await reader.readexactly(int(fields.get("content-length", "0")))
            _, status, shape, _ = lines[0].split(" ")[1].split("/", 3)
            writer.write(_answer(int(status), shape, [line for line in lines if line]))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()


def _answer(status: int, shape: str, told: list[str]) -> bytes:
    words = " ".join(told)
    said = [
        words,
        quote(words, safe=""),
        base64.b64encode(words.encode()).decode(),
        json.dumps(words),
    ]
    kind, body = "application/json", _json(said)
    if shape == "html":
        kind, body = "text/html", f"<h1>{' '.join(said)}</h1>"
    elif shape == "cut":
        secret = next((line for line in told if "key" in line or "uthorization" in line), words)
        body = _json(["x" * (LONG - len(secret)) + " " + secret])
    elif shape == "event":
        kind = "text/event-stream"
        body = f"event: error\ndata: {_json(said)}\n\n"
    raw = body.encode()
    echoed = words.encode("latin-1", "replace")
    return (
        (
            f"HTTP/1.1 {status} Odd\r\ncontent-type: {kind}\r\ncontent-length: {len(raw)}\r\n"
            "connection: close\r\n"
        ).encode()
        + b"x-request-id: "
        + echoed
        + b"\r\nretry-after: 0\r\n\r\n"
        + raw
    )


def _json(said: list[str]) -> str:
    message = " ".join(said)
    error = {"message": message, "type": "invalid_request_error", "code": said[0], "param": said[0]}
    return json.dumps({"type": "error", "error": error})
