"""A client that sends exactly these bytes."""

import socket
from contextlib import suppress

import msgspec


class Answer(msgspec.Struct):
    """One HTTP answer, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """The error's message."""
        found: str = msgspec.json.decode(self.body)["error"]["message"]
        return found


def request(
    path: str = "/v1/chat/completions", *lines: str, body: bytes = b"", method: str = "POST"
) -> bytes:
    """Return a request; a post says its type, and a body its length, unless ``lines`` do."""
    text = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: test", *lines]).lower()
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: test", *lines])
    if method == "POST" and "content-type" not in text:
        head += "\r\ncontent-type: application/json"
    if body and "content-length" not in text and "transfer-encoding" not in text:
        head += f"\r\ncontent-length: {len(body)}"
    return head.encode("latin-1") + b"\r\n\r\n" + body


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def read_all(line: socket.socket) -> bytes:
    """Read until the server closes, or there has been nothing for ten seconds."""
    got = b""
    with suppress(ConnectionResetError):
        while chunk := line.recv(65_536):
            got += chunk
    return got


def exchange(port: int, *sent: bytes) -> bytes:
    """Send, and return all that comes until the server closes."""
    with connect(port) as line:
        for part in sent:
            with suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(part)
        return read_all(line)


def ask(port: int, sent: bytes) -> Answer:
    """Send a request that asks for no more after it, and return its one answer."""
    head, _, rest = sent.partition(b"\r\n\r\n")
    found = answers(exchange(port, head + b"\r\nconnection: close\r\n\r\n" + rest))
    assert len(found) == 1, found
    return found[0]


def answers(raw: bytes) -> list[Answer]:
    """Take a connection's bytes apart, to the last one."""
    found = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = dict(line.split(": ", 1) for line in lines)
        if headers.get("transfer-encoding") == "chunked":
            body, raw = _chunks(raw)
        else:
            length = int(headers.get("content-length", "0"))
            assert len(raw) >= length, "the body is shorter than its head says"
            body, raw = raw[:length], raw[length:]
        found.append(Answer(status, headers, body))
    return found


def _chunks(raw: bytes) -> tuple[bytes, bytes]:
    body = b""
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size, 16)
        body, raw = body + raw[:length], raw[length + 2 :]
        if not length:
            return body, raw
    raise AssertionError("the chunked body has no end")
