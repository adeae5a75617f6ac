"""Requests for vectors to a provider."""

import asyncio

import pytest

from support.cast import target
from support.town import saying, town
from switchgear.adapters.upstreams.embed import EmbedAnswer
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import NothingFits, UpstreamUnreachable
from switchgear.ports.upstream import Order
from switchgear.wire.embedding.body import parse

BODY = parse(b'{"model":"e","input":"a"}')


def test_a_provider_that_has_no_way_to_embed_is_told_of() -> None:
    async def life() -> None:
        async with town({"one": (Dialect.ANTHROPIC_MESSAGES, saying(b"{}"))}) as place:
            upstream = place.running._upstreams.http
            order = Order(target=target("t", provider="one"), body=BODY, endpoint=Endpoint.EMBED)
            answer = upstream.begin(order)
            assert isinstance(answer, EmbedAnswer)
            assert answer.dialect is Dialect.OPENAI_CHAT
            with pytest.raises(NothingFits, match="one has no way to embed"):
                await answer.open()

    asyncio.run(life())


def test_a_provider_that_is_gone_is_not_reached() -> None:
    async def life() -> None:
        order = Order(target=target("t"), body=BODY, endpoint=Endpoint.EMBED)
        with pytest.raises(UpstreamUnreachable):
            await EmbedAnswer(None, order).open()

    asyncio.run(life())
