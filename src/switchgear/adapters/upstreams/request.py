"""Request heads: made once for each provider and endpoint, finished with a length."""

import re
from collections.abc import Iterable

from switchgear.adapters.upstreams.http1.origin import Location
from switchgear.config.setup import Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedRequest
from switchgear.ports.upstream import Endpoint

PATHS = {
    (Dialect.OPENAI_CHAT, Endpoint.ANSWER): "/chat/completions",
    (Dialect.ANTHROPIC_MESSAGES, Endpoint.ANSWER): "/messages",
    (Dialect.ANTHROPIC_MESSAGES, Endpoint.COUNT): "/messages/count_tokens",
}
"""Under the provider's base URL. What is not here, the dialect does not have."""

DEFAULTS = {
    Dialect.OPENAI_CHAT: (),
    Dialect.ANTHROPIC_MESSAGES: (("anthropic-version", "2023-06-01"),),
}
"""Headers that the dialect asks for, unless the owner or the caller sets them."""

AUTHORIZATION = {
    Dialect.OPENAI_CHAT: ("authorization", "Bearer {}"),
    Dialect.ANTHROPIC_MESSAGES: ("x-api-key", "{}"),
}

OURS = frozenset(
    {
        *("authorization", "cookie", "proxy-authorization", "x-api-key"),
        *("accept-encoding", "content-encoding", "content-length", "content-type"),
        *("connection", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding"),
        *("upgrade", "user-agent"),
    }
)
"""Headers of a call that never pass: they belong to the connection, or are credentials."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""RFC 9110, 5.5: no line ends, no NUL, no other control characters."""


class RequestHead:
    """The head of the requests to one endpoint of one provider."""

    def __init__(self, provider: Provider, at: Location, endpoint: Endpoint) -> None:
        """Write all of it that does not differ between calls.

        Raises:
            ValueError: a header of the provider cannot be sent; the message has no value.
        """
        path = PATHS[provider.dialect, endpoint]
        lines = [
            f"POST {at.path}{path}{at.query} HTTP/1.1",
            f"host: {at.authority}",
            "content-type: application/json",
            "accept-encoding: identity",
            "user-agent: switchgear",
        ]
        own = _own_headers(provider)
        lines += [f"{name}: {value}" for name, value in own.items()]
        self._set = frozenset(own) | OURS
        self._defaults = [each for each in DEFAULTS[provider.dialect] if each[0] not in own]
        self._start = "\r\n".join(lines).encode("latin-1") + b"\r\n"
        self._plain = self._start + _encode(self._defaults) + b"content-length: "

    def write(self, length: int, headers: Iterable[tuple[str, str]] = ()) -> bytes:
        """Return the head for a body of ``length`` bytes.

        Raises:
            MalformedRequest: one of the call's headers cannot be sent.
        """
        passed = [each for each in headers if each[0] not in self._set]
        if not passed:
            return self._plain + b"%d\r\n\r\n" % length
        names = {name for name, _ in passed}
        kept = [each for each in self._defaults if each[0] not in names]
        for name, value in passed:
            if not _fits(name, value):
                raise MalformedRequest("a header of the call holds what no header may hold")
        return self._start + _encode(kept + passed) + b"content-length: %d\r\n\r\n" % length


def _own_headers(provider: Provider) -> dict[str, str]:
    """Return the provider's credential and headers; the owner's headers win."""
    headers: dict[str, str] = {}
    if provider.api_key is not None:
        name, form = AUTHORIZATION[provider.dialect]
        headers[name] = form.format(provider.api_key.reveal())
    headers.update((name.lower(), secret.reveal()) for name, secret in provider.headers)
    for name, value in headers.items():
        if not _fits(name, value):
            raise ValueError(f"provider {provider.id}: the header {name!r} cannot be sent")
    return headers


def _fits(name: str, value: str) -> bool:
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))


def _encode(headers: Iterable[tuple[str, str]]) -> bytes:
    return b"".join([f"{name}: {value}\r\n".encode("latin-1") for name, value in headers])
