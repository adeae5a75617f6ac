"""One HTTP request, as the endpoints see it."""

from collections.abc import Mapping
from typing import Any

from switchgear.domain.caller import ANONYMOUS, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import ConflictingCredentials, MalformedRequest
from switchgear.domain.units import Seconds
from switchgear.surfaces.http.asgi import ANSWER, Headers, Receive, Scope, Send
from switchgear.surfaces.http.gateway import Gateway
from switchgear.surfaces.http.response import Response
from switchgear.wire.tongue import Tongue

CREDENTIALS = {b"authorization", b"x-api-key"}
SINGLE = {b"content-type", b"content-length", b"content-encoding"}
ANTHROPIC_MARK = b"anthropic-version"
ANTHROPIC_PATH = "/v1/messages"
BELOW_IT = ANTHROPIC_PATH + "/"
RESPONSES_PATH = "/v1/responses"
BELOW_RESPONSES = RESPONSES_PATH + "/"
NONE: Mapping[str, Any] = {}

Tongues = Mapping[Dialect, Tongue]


class Request:
    """What came, what it is answered with, and in which dialect."""

    __slots__ = (
        "allowed",
        "at",
        "began",
        "dialect",
        "extensions",
        "gateway",
        "headers",
        "id",
        "key",
        "method",
        "path",
        "receive",
        "response",
        "rest",
        "scope",
        "task",
        "tongues",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the parts; nothing is judged yet."""
        self.scope = scope
        self.receive = receive
        self.extensions: Mapping[str, Any] = scope.get("extensions") or NONE
        """What the server can do beside ASGI."""
        self.response = Response(send, self.extensions.get(ANSWER))
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.rest = ""
        """What follows the route's own path."""
        self.allowed = b""
        """The methods that the path takes, once it is known that this is none of them."""
        self.task = ""
        """Id of the task that it belongs to, once that is known."""
        self.key = ANONYMOUS
        """The caller's rights, once they are known to be enough for the route."""
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.dialect = spoken(self.path, self.headers)
        """Which errors are worded in."""

    def enter(self, gateway: Gateway, tongues: Tongues) -> None:
        """Meet one version of the app, get an id, and note the time."""
        self.gateway = gateway
        self.tongues = tongues
        self.id = gateway.new_id()
        self.at = gateway.clock.date()
        self.began = gateway.clock.now()

    @property
    def age(self) -> Seconds:
        """How long ago it came."""
        return Seconds(self.gateway.clock.now() - self.began)

    @property
    def tongue(self) -> Tongue:
        """The caller's dialect."""
        return self.tongues[self.dialect]

    def header(self, name: bytes) -> str:
        """Return a header; empty when it is not there."""
        return self.headers.get(name, b"").decode("latin-1")

    def join_doubled(self) -> None:
        """Put headers together that came more than once.

        Raises:
            ConflictingCredentials: a credential came twice, and they differ.
            MalformedRequest: so did a header of which there can be only one.
        """
        if len(self.headers) != len(self.scope["headers"]):
            self.headers = _joined(self.scope["headers"])

    def authenticate(self) -> Key:
        """Return the caller's rights.

        Raises:
            UnknownKey: the credential is not known here, or there is none.
            ConflictingCredentials: there are two different ones.
        """
        bearer, plain = self.headers.get(b"authorization"), self.headers.get(b"x-api-key")
        return self.gateway.authenticate(
            None if bearer is None else bearer.decode("latin-1"),
            None if plain is None else plain.decode("latin-1"),
        )


def spoken(path: str, headers: Mapping[bytes, bytes]) -> Dialect:
    """Return the dialect in which a caller expects errors."""
    if path == RESPONSES_PATH or path.startswith(BELOW_RESPONSES):
        return Dialect.OPENAI_RESPONSES
    if ANTHROPIC_MARK in headers or path == ANTHROPIC_PATH or path.startswith(BELOW_IT):
        return Dialect.ANTHROPIC_MESSAGES
    return Dialect.OPENAI_CHAT


def _joined(headers: Headers) -> dict[bytes, bytes]:
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        old = joined.get(name, value)
        if old == value:
            joined[name] = value
        elif name in CREDENTIALS:
            raise ConflictingCredentials
        elif name in SINGLE:
            raise MalformedRequest(f"The header {name.decode()} came twice, with different values.")
        else:
            joined[name] = old + b", " + value  # RFC 9110, 5.3
    return joined
