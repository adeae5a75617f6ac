"""Request heads: made once for each provider and endpoint, finished with a length."""

import re
from collections.abc import Iterable, Sequence

from switchgear.adapters.upstreams.endpoint import MODEL, VERSION, filled, paths_of
from switchgear.adapters.upstreams.http1.origin import Location
from switchgear.config.service import Service
from switchgear.config.setup import Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import AskUsage, Edit, Prefill, UseModel
from switchgear.domain.errors import MalformedRequest
from switchgear.ports.upstream import Endpoint, Order

DEFAULTS: dict[tuple[Service, Dialect], tuple[tuple[str, str], ...]] = {
    (Service.PLAIN, Dialect.ANTHROPIC_MESSAGES): (("anthropic-version", "2023-06-01"),),
}
"""Headers that a service asks for, unless the owner or the caller sets them."""

BEARER = ("authorization", "Bearer {}")
AUTHORIZATION = {
    (Service.PLAIN, Dialect.ANTHROPIC_MESSAGES): ("x-api-key", "{}"),
    (Service.PLAIN, Dialect.GEMINI): ("x-goog-api-key", "{}"),
    (Service.AZURE, Dialect.OPENAI_CHAT): ("api-key", "{}"),
    (Service.AZURE, Dialect.OPENAI_RESPONSES): ("api-key", "{}"),
}
"""How an API key is sent; where it is not said here, as ``BEARER``."""

OURS = frozenset(
    {
        *("authorization", "cookie", "proxy-authorization"),
        *("api-key", "x-api-key", "x-goog-api-key"),
        *("accept-encoding", "content-encoding", "content-length", "content-type"),
        *("connection", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding"),
        *("upgrade", "user-agent"),
    }
)
"""Headers of a call that never pass: they belong to the connection, or are credentials."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""RFC 9110, 5.5: no line ends, no NUL, no other control characters."""


def edits_of(order: Order, provider: Provider, *, stream: bool) -> tuple[Edit, ...]:
    """Return what is changed in a request: as the order says, and as its provider needs it."""
    model = UseModel(order.target.model)
    if order.endpoint is Endpoint.COUNT:
        return (model, *order.edits)
    others = order.edits and tuple(
        Prefill(e.text, provider.prefill) if isinstance(e, Prefill) else e
        for e in order.edits
        if not isinstance(e, UseModel | AskUsage)
    )
    if not (stream and provider.ask_usage):
        return (model, *others)
    if order.body.conversation.wants_usage:
        return (model, *others)  # asked for by the caller, so nothing may be swallowed
    return (model, *others, AskUsage())


class RequestHead:
    """The head of the requests to one endpoint of one provider."""

    def __init__(self, provider: Provider, at: Location, endpoint: Endpoint) -> None:
        """Write all of it that does not differ between calls.

        Raises:
            ValueError: a header of the provider cannot be sent; the message has no value.
        """
        where = paths_of(provider)[endpoint]
        self._paths = {
            stream: _joined(at, where.of(stream=stream)).replace(VERSION, provider.api_version)
            for stream in (False, True)
        }
        """With the query; the model's name is not yet in them."""
        self._dialect = provider.dialect
        own = own_headers(provider)
        self._own = {
            "host": at.authority,
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "switchgear",
            **own,
        }
        self._set = frozenset(own) | OURS
        defaults = DEFAULTS.get((provider.service, provider.dialect), ())
        self._defaults = [each for each in defaults if each[0] not in own]
        lines = encode([*self._own.items(), *self._defaults])
        self._plain = {
            stream: b"POST %s HTTP/1.1\r\n%scontent-length: " % (path.encode(), lines)
            for stream, path in self._paths.items()
            if MODEL not in path
        }

    def write(self, order: Order, length: int, proof: Sequence[tuple[str, str]] = ()) -> bytes:
        """Return the head for a body of ``length`` bytes; ``proof`` is a credential's own headers.

        Raises:
            MalformedRequest: one of the call's headers cannot be sent.
        """
        plain = self._plain.get(streams(order))
        if plain is not None and not proof and (not order.headers or self._translates(order)):
            return plain + b"%d\r\n\r\n" % length
        lines = encode([*self.headers(order), *proof])
        path = self.path(order).encode()
        return b"POST %s HTTP/1.1\r\n%scontent-length: %d\r\n\r\n" % (path, lines, length)

    def _translates(self, order: Order) -> bool:
        return order.body.dialect is not self._dialect

    def path(self, order: Order) -> str:
        """Return what stands on the request line, with the query."""
        return filled(self._paths[streams(order)], order.target.model)

    def headers(self, order: Order) -> list[tuple[str, str]]:
        """Return all headers but a credential's own and the length.

        Raises:
            MalformedRequest: one of the call's headers cannot be sent.
        """
        carried = () if self._translates(order) else order.headers
        passed = [each for each in carried if each[0] not in self._set]
        names = {name for name, _ in passed}
        kept = [each for each in self._defaults if each[0] not in names]
        for name, value in passed:
            if not fits(name, value):
                raise MalformedRequest("a header of the call holds what no header may hold")
        return [*self._own.items(), *kept, *passed]


def streams(order: Order) -> bool:
    """Whether the answer to an order comes as a stream."""
    return order.body.stream and order.endpoint is Endpoint.ANSWER


def _joined(at: Location, path: str) -> str:
    """Return a path of the provider's, with the queries of both."""
    plain, _, query = path.partition("?")
    queries = [each for each in (at.query.removeprefix("?"), query) if each]
    return at.path + plain + ("?" + "&".join(queries) if queries else "")


def own_headers(provider: Provider) -> dict[str, str]:
    """Return the provider's credential and headers; the owner's headers win."""
    headers: dict[str, str] = {}
    if provider.api_key is not None:
        name, form = AUTHORIZATION.get((provider.service, provider.dialect), BEARER)
        headers[name] = form.format(provider.api_key.reveal())
    headers.update((name.lower(), secret.reveal()) for name, secret in provider.headers)
    for name, value in headers.items():
        if not fits(name, value):
            raise ValueError(f"provider {provider.id}: the header {name!r} cannot be sent")
    return headers


def fits(name: str, value: str) -> bool:
    """Whether a header can be sent."""
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))


def encode(headers: Iterable[tuple[str, str]]) -> bytes:
    """Return headers as lines."""
    return b"".join([f"{name}: {value}\r\n".encode("latin-1") for name, value in headers])
