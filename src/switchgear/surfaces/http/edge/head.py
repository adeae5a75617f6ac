"""The head of one request: its target and headers, and the rules that they must keep."""

from collections.abc import Mapping
from urllib.parse import unquote

import httptools

from switchgear.domain.errors import HeadersTooLarge, MalformedRequest, NotPassed, WrongMethod
from switchgear.surfaces.http.asgi import Headers, Scope

MOST_HEADER_BYTES = 16_384
MOST_HEADERS = 100
SEPARATORS = 4
"""Bytes between a header's name and value, and at the end of its line."""
ASGI = {"version": "3.0", "spec_version": "2.3"}
NOTED = {b"host", b"upgrade", b"expect"}
"""Headers that mean something here."""
REALTIME = "/v1/realtime"
VERSIONS = {"1.1", "1.0"}


class Head:
    """Collects what the parser finds, and judges it when it is whole."""

    __slots__ = ("expects", "headers", "hosts", "upgrade", "url")

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.url = b""
        self.headers: Headers = []
        self.hosts = 0
        self.expects = False
        """The client waits for leave to send the body."""
        self.upgrade = b""

    @property
    def path(self) -> str:
        """The path as far as it was read, for the wording of a refusal."""
        return self.url.partition(b"?")[0].decode("latin-1")

    @property
    def crowded(self) -> bool:
        """Whether there are too many headers."""
        return len(self.headers) > MOST_HEADERS

    def weigh(self) -> None:
        """Count the bytes.

        Raises:
            HeadersTooLarge: there are too many.
        """
        size = sum(len(name) + len(value) + SEPARATORS for name, value in self.headers)
        if size + len(self.url) > MOST_HEADER_BYTES:
            raise HeadersTooLarge

    def check(self, version: str, method: bytes) -> None:
        """Judge the whole.

        Raises:
            HeadersTooLarge: there are too many.
            MalformedRequest: it breaks a rule of HTTP, or asks for what is not spoken here.
            WrongMethod: it takes us for a proxy.
        """
        if self.crowded:
            raise HeadersTooLarge
        for name, value in self.headers:
            if name in NOTED:
                self._note(name, value)
        if version not in VERSIONS:
            raise MalformedRequest("Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        if self.hosts != 1 and (self.hosts or version == "1.1"):
            raise MalformedRequest("Send exactly one Host header, and not an empty one.")
        if self.upgrade == b"websocket":
            raise self._no_websocket()
        if method == b"CONNECT":
            raise WrongMethod("This is no proxy: CONNECT is not served.")

    def _no_websocket(self) -> MalformedRequest | NotPassed:
        if self.path == REALTIME:
            return NotPassed("The realtime API is not passed through yet: it needs a WebSocket.")
        return MalformedRequest("WebSocket is not spoken here; send a plain HTTP request.")

    def plain(self, method: bytes) -> bytes:
        """Return the head with no upgrade asked for, which a server may always overlook.

        The parser takes what follows a request for an upgrade as another protocol's: the body
        would be lost.
        """
        lines = [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        return b"%b %b HTTP/1.1\r\n%b\r\n" % (method, self.url, b"".join(lines))

    def scope(self, version: str, method: bytes, places: Mapping[str, object]) -> Scope:
        """Return the request as ASGI has it, with what the connection knows."""
        path, _, query = self.url.partition(b"?")
        if not path.startswith(b"/"):
            target = httptools.parse_url(self.url)
            path, query = target.path or b"/", target.query or b""
        text = path.decode("latin-1")
        return {
            **places,
            "type": "http",
            "asgi": ASGI,
            "http_version": version,
            "method": method.decode("ascii"),
            "path": unquote(text) if "%" in text else text,
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": self.headers,
        }

    def _note(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self.hosts += 1 if value else 2
        elif name == b"upgrade":
            self.upgrade = value.lower()
        else:
            self.expects = value.lower() == b"100-continue"
