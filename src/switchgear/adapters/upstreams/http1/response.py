"""Reads the answers of one connection from its bytes, one answer at a time."""

import httptools

from switchgear.domain.errors import UpstreamGarbled

MAX_HEAD = 65_536
"""Bytes of header names and values; also of anything that brings no body, such as chunk
extensions. Node's default is 16 kB, Go's client takes 10 MB."""
MAX_FIELDS = 200
SWITCHING = 101


class Response:
    """One answer as it arrives. It holds no more than was fed and not taken."""

    __slots__ = (
        "_barren",
        "_fields",
        "_flaw",
        "_interim",
        "_name",
        "_parser",
        "_size",
        "body",
        "ended",
        "framed",
        "headed",
        "headers",
        "held",
        "keep",
        "received",
        "status",
        "stray",
    )

    def __init__(self, name: str) -> None:
        """Read for the provider ``name``."""
        self._name = name
        self._parser: httptools.HttpResponseParser = httptools.HttpResponseParser(self)
        self.begin()

    def begin(self) -> None:
        """Expect the next answer; the one before must have ended."""
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        """Names in lower case; a field that comes twice is joined with a comma."""
        self.headed = False
        """The head has come, and it is not an interim one."""
        self.ended = False
        self.framed = True
        """The answer says itself where it ends; else only the connection's end does."""
        self.keep = False
        """The provider lets the connection be used again."""
        self.stray = False
        """Bytes came after the answer's end."""
        self.body: list[bytes] = []
        self.held = 0
        """Bytes in ``body``."""
        self.received = 0
        """Bytes of any sort."""
        self._interim = False
        self._fields = self._size = self._barren = 0
        self._flaw = ""

    def feed(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            UpstreamGarbled: they are not HTTP/1.1, or more of it than we take.
        """
        before, size = self.held, len(data)
        self.received += size
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self.ended and not self._flaw:
                self.stray = True
                return
            flaw = self._flaw or f"breaks HTTP/1.1 ({error})"
            raise UpstreamGarbled(f"the answer of {self._name} {flaw}") from None
        if self.held > before:
            self._barren = 0
            return
        self._barren += size
        if self._barren > MAX_HEAD and not self.ended:
            raise UpstreamGarbled(f"the answer of {self._name} has more framing than content")

    def eof(self) -> None:
        """Take the connection's end: it ends an answer that has no other end."""
        if self.headed and not self.framed:
            self.ended = True

    def take(self) -> bytes:
        """Return the body that has come since the last time; empty when none has."""
        body, self.body, self.held = self.body, [], 0
        return body[0] if len(body) == 1 else b"".join(body)

    def release(self) -> None:
        """Let the parser go: it holds us, and we hold it."""
        del self._parser

    def on_message_begin(self) -> None:
        """Refuse whatever follows the answer."""
        if self.ended:
            raise ValueError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header, or count one trailer."""
        self._fields += 1
        self._size += len(name) + len(value)
        if self._fields > MAX_FIELDS or self._size > MAX_HEAD:
            self._refuse("has too many headers, or too large ones")
        if self.headed:
            return
        headers, name = self.headers, name.lower()
        headers[name] = headers[name] + b", " + value if name in headers else value

    def on_headers_complete(self) -> None:
        """Note how the answer ends, or pass over an interim head."""
        status = self._parser.get_status_code()
        if status < 200:  # noqa: PLR2004  (RFC 9110, 15.2: any number of interim answers)
            self._interim = True
            self.headers = {}
            if status == SWITCHING:
                self._refuse("changes the protocol, which was not asked for")
            return
        coding = self.headers.get(b"transfer-encoding", b"").lower()
        if coding not in {b"", b"chunked"}:
            self._refuse("has a transfer coding that was not asked for")
        if self.headers.get(b"content-encoding", b"identity").lower() not in {b"", b"identity"}:
            self._refuse("is compressed, which was not asked for")
        self.framed = bool(coding) or b"content-length" in self.headers or status in {204, 304}
        self.status = status
        self.headed = True

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self.body.append(body)
        self.held += len(body)

    def on_message_complete(self) -> None:
        """Note the end."""
        if self._interim:
            self._interim = False
            return
        self.ended = True
        self.keep = self.framed and self._parser.should_keep_alive()

    def _refuse(self, flaw: str) -> None:
        self._flaw = flaw
        raise ValueError(flaw)
