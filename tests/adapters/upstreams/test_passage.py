"""Requests that are passed through to a provider; most is shown in tests/scenario/test_passing."""

import asyncio

import pytest

from support.cast import target
from switchgear.adapters.upstreams.passage import RESULTS, HttpPassage, _named
from switchgear.domain.dialect import Dialect
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import UpstreamUnreachable
from switchgear.ports.passage import Passed, once
from switchgear.ports.upstream import Order


def test_a_provider_that_is_gone_is_not_reached() -> None:
    body = Passed(dialect=Dialect.OPENAI_CHAT, method="GET", path="/files", take=once(b""))

    async def life() -> None:
        order = Order(target=target("t"), body=body, endpoint=Endpoint.FILES)
        with pytest.raises(UpstreamUnreachable):
            await HttpPassage(None, order).open()

    asyncio.run(life())


def test_the_results_of_a_batch_are_looked_for_here_and_nothing_else_is_changed() -> None:
    raw = b'{"a":"https://x/messages/batches/b","results_url": "https://x/v1/messages/batches/b/r"}'
    found = RESULTS.sub(rb"\1/v1\2", raw)
    assert found == raw.replace(
        b'"https://x/v1/messages/batches/b/r"', b'"/v1/messages/batches/b/r"'
    )


def test_our_name_for_a_target_becomes_the_providers_and_the_rest_stays() -> None:
    raw = b'{"model":"ours", "x": {"y" : 1}}'

    async def life() -> None:
        for model, wanted in (("ours", b'{"model":"theirs","x":{"y" : 1}}'), ("other", raw)):
            body = Passed(
                dialect=Dialect.OPENAI_CHAT,
                method="POST",
                path="/x",
                json=raw,
                model=model,
                length=len(raw),
                take=once(raw),
            )
            found = await _named(body, target("ours", model="theirs"))
            assert (await found.take(), found.length) == (wanted, len(wanted))

    asyncio.run(life())
