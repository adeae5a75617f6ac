"""Calls models and agents over HTTP, in the dialect of their provider."""

import ssl
from collections.abc import Callable, Mapping
from importlib import import_module

import msgspec
from typing_extensions import override

from switchgear.adapters.upstreams.answer import HttpAnswer
from switchgear.adapters.upstreams.credential import Credential
from switchgear.adapters.upstreams.embed import EmbedAnswer
from switchgear.adapters.upstreams.endpoint import QUIRKS, paths_of
from switchgear.adapters.upstreams.http1.origin import Origin, locate
from switchgear.adapters.upstreams.http1.pool import MAX_OPEN, Pool
from switchgear.adapters.upstreams.line import Line
from switchgear.adapters.upstreams.passage import HttpPassage
from switchgear.adapters.upstreams.request import RequestHead
from switchgear.adapters.upstreams.veil import Veil
from switchgear.config.service import Service
from switchgear.config.setup import Patience, Provider
from switchgear.domain.dialect import Dialect
from switchgear.domain.quirk import PLAIN
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery
from switchgear.ports.upstream import Answer, Endpoint, Order, Upstream
from switchgear.wire.tongue import Tongue

Maker = Callable[[Provider, Clock], Credential | None]

CREDENTIALS = {
    Service.VERTEX: "switchgear.adapters.upstreams.google:google_credential",
    Service.BEDROCK: "switchgear.adapters.upstreams.sigv4:aws_credential",
}
"""For services whose credential is not a fixed header, or not always: the module and what makes it.
By name, because their libraries take longer to import than all the rest, and few need them."""


class HttpMeans(msgspec.Struct, frozen=True, kw_only=True):
    """What all providers are called with."""

    nursery: Nursery
    clock: Clock
    patience: Patience = Patience()
    tongues: Mapping[Dialect, Tongue]
    most: int = MAX_OPEN
    """Connections to one provider."""
    tls: ssl.SSLContext | None = None
    """Instead of the machine's trusted authorities."""


class HttpUpstream(Upstream):
    """Every provider of the configuration, with a pool of connections each.

    Proxies named in the environment are not used, and redirects are not followed: a call goes
    where the owner's file says, or nowhere.
    """

    def __init__(self, providers: Mapping[str, Provider], means: HttpMeans) -> None:
        """Make ready to call them; nothing is connected yet.

        Raises:
            ValueError: a base URL or a header cannot be used.
        """
        self._means = means
        self._tls = means.tls
        self._lines: dict[str, Line] = {}
        self.refresh(providers)

    def refresh(self, providers: Mapping[str, Provider]) -> None:
        """Call these from now on; connections to an unchanged address are kept.

        Raises:
            ValueError: a base URL or a header cannot be used; then nothing has changed.
        """
        lines = {name: self._line(each) for name, each in providers.items()}
        kept = {id(each) for line in lines.values() for each in (line.pool, line.credential)}
        for line in self._lines.values():
            if id(line.pool) not in kept:
                line.pool.retire()
            if line.credential is not None and id(line.credential) not in kept:
                line.credential.close()
        self._lines = lines

    def renewed(self, providers: Mapping[str, Provider]) -> "HttpUpstream":
        """Return an upstream for these providers that shares the connections to the others.

        This one still serves the calls that began with it; what only it knows is not kept warm.

        Raises:
            ValueError: a base URL or a header cannot be used; then nothing has changed.
        """
        other = HttpUpstream({}, self._means)
        other._tls, other._lines = self._tls, dict(self._lines)
        other.refresh(providers)
        return other

    @override
    def begin(self, order: Order) -> Answer:
        line = self._lines.get(order.target.provider)
        if order.endpoint.passed:
            return HttpPassage(line, order)
        return (EmbedAnswer if order.endpoint is Endpoint.EMBED else HttpAnswer)(line, order)

    def close(self) -> None:
        """Close every connection at once; answers under way break off."""
        for line in self._lines.values():
            line.pool.close()
            if line.credential is not None:
                line.credential.close()

    def _line(self, provider: Provider) -> Line:
        at = locate(provider.id, provider.base_url)
        house = (provider.service, provider.dialect)
        endpoints = paths_of(provider)
        old = self._lines.get(provider.id)
        same = old is not None and old.origin == at.origin
        return Line(
            provider=provider,
            origin=at.origin,
            authority=at.authority,
            pool=old.pool if old is not None and same else self._pool(at.origin),
            tongue=self._means.tongues[provider.dialect],
            heads={end: RequestHead(provider, at, end) for end in endpoints},
            quirks={end: provider.quirks + QUIRKS.get((*house, end), PLAIN) for end in endpoints},
            clock=self._means.clock,
            veil=Veil(provider),
            credential=self._credential(provider, old),
        )

    def _credential(self, provider: Provider, old: Line | None) -> Credential | None:
        """Return what proves who calls; the old one where nothing about it has changed."""
        if provider.service not in CREDENTIALS:
            return None
        if old is not None and old.provider == provider:
            return old.credential
        module, _, name = CREDENTIALS[provider.service].partition(":")
        make: Maker = getattr(import_module(module), name)
        return make(provider, self._means.clock)

    def _pool(self, origin: Origin) -> Pool:
        means = self._means
        if origin.tls and self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        connect = means.patience.connect
        pool = Pool(origin, connect, means.nursery, means.clock, most=means.most)
        pool.tls = self._tls if origin.tls else None
        return pool
