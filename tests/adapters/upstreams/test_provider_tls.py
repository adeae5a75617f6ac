"""Providers behind TLS: trusted ones are called, others get not one byte."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from support.provider import SECRET, Visit, whole
from support.tongue import PlainTongue
from support.upstream import make_order
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.upstreams.provider import HttpMeans, HttpUpstream
from switchgear.config.setup import Provider
from switchgear.domain.attempt import Sent
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamUnreachable
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds
from switchgear.ports.nursery import Nursery

PEMS = Path(__file__).parents[2] / "support" / "tls"
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Shop:
    """A provider with a certificate of its own, and the upstream that calls it."""

    def __init__(self, trust: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.nursery = Nursery()
        self._trust = trust

    async def host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        visit = Visit(reader, writer)
        while request := await visit.request():
            self.requests.append(request)
            await visit.say(whole())
        writer.close()

    async def open(self) -> tuple[HttpUpstream, asyncio.Server]:
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(PEMS / "cert.pem", PEMS / "key.pem")
        server = await asyncio.start_server(self.host, "127.0.0.1", 0, ssl=served)
        port = server.sockets[0].getsockname()[1]
        provider = Provider(
            id="sim",
            dialect=Dialect.OPENAI_CHAT,
            base_url=f"https://localhost:{port}/v1",
            api_key=Secret(SECRET),
        )
        means = HttpMeans(
            nursery=self.nursery,
            clock=SystemClock(),
            tongues={each: PlainTongue(each) for each in Dialect},
            tls=self._trust,
        )
        return HttpUpstream({"sim": provider}, means), server


def lived(loop: Callable[[], asyncio.AbstractEventLoop], shop: Shop, calls: int) -> list[Sent]:
    async def life() -> list[Sent]:
        upstream, server = await shop.open()
        sent = []
        try:
            for _ in range(calls):
                answer = upstream.begin(make_order("small", stream=False))
                try:
                    await answer.open()
                    assert await answer.read() is not None
                finally:
                    answer.close()
                    sent.append(answer.sent)
        finally:
            upstream.close()
            await shop.nursery.aclose(Seconds(2.0))
            server.close()
        return sent

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(life())


@pytest.mark.parametrize("name", LOOPS)
def test_a_trusted_provider_is_called_and_its_connection_is_kept(name: str) -> None:
    trust = ssl.create_default_context(cafile=PEMS / "cert.pem")
    shop = Shop(trust)
    assert lived(LOOPS[name], shop, calls=3) == [Sent.HEARD] * 3
    assert (shop.connections, len(shop.requests)) == (1, 3)
    assert SECRET.encode() in shop.requests[0]


@pytest.mark.parametrize("name", LOOPS)
def test_a_provider_whose_certificate_nobody_vouches_for_gets_nothing(name: str) -> None:
    shop = Shop(None)
    with pytest.raises(UpstreamUnreachable, match="sim") as caught:
        lived(LOOPS[name], shop, calls=1)
    assert shop.requests == []
    assert "certificate" in str(caught.value).lower()
    assert SECRET not in str(caught.value)
