"""Rates that nodes share, and what each does where Redis is slow or gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from support.redis import Proxy, Server
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.redis import connection, meter
from switchgear.adapters.redis.connection import Redis
from switchgear.adapters.redis.meter import RedisMeters
from switchgear.domain.rate import Rates
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds, Tokens
from switchgear.ports.meter import LetIn, Metered, NoRoom

NONE = Tokens(0)


@asynccontextmanager
async def node(url: str, name: str = "n1") -> AsyncIterator[RedisMeters]:
    redis = Redis(Secret(url))
    await redis.open()
    meters = RedisMeters(redis, SystemClock(), name)
    meters.begin()
    try:
        yield meters
    finally:
        await meters.aclose()
        await redis.aclose()


@asynccontextmanager
async def proxied(server: Server, folder: Path) -> AsyncIterator[Proxy]:
    proxy = Proxy(folder / "proxy.sock", server)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.aclose()


def some(**rates: int) -> list[Metered]:
    tokens = rates.pop("tokens", None)
    return [Metered("key/a", Rates(tokens=None if tokens is None else Tokens(tokens), **rates))]


async def let_in(meters: RedisMeters, first: str, count: int, of: list[Metered]) -> int:
    takes = [meters.take(f"{first}{at}", of, NONE) for at in range(count)]
    return sum(isinstance(each, LetIn) for each in await asyncio.gather(*takes))


def test_nodes_share_their_rates_and_places_exactly(redis_url: str) -> None:
    async def life() -> None:
        async with node(redis_url, "n1") as one, node(redis_url, "n2") as other:
            for of, most in ((some(requests=7), 7), ([Metered("b", Rates(concurrent=5))], 5)):
                found = await asyncio.gather(
                    let_in(one, f"x{most}", 20, of), let_in(other, f"y{most}", 20, of)
                )
                assert sum(found) == most

    asyncio.run(life())


def test_a_place_of_a_node_that_is_gone_is_free_again_and_one_of_a_long_call_stays(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "LEASE", Seconds(0.3))
    monkeypatch.setattr(meter, "EACH_BEAT", Seconds(0.05))

    async def life() -> None:
        of = some(concurrent=2)
        async with node(redis_url, "n1") as stays:
            async with node(redis_url, "n2") as goes:
                assert await let_in(stays, "a", 1, of) == 1
                assert await let_in(goes, "b", 1, of) == 1
            await asyncio.sleep(0.5)
            assert await let_in(stays, "c", 2, of) == 1

    asyncio.run(life())


def test_nodes_know_how_many_there_are(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "GONE", Seconds(0.2))
    monkeypatch.setattr(meter, "EACH_BEAT", Seconds(0.02))

    async def life() -> None:
        async with node(redis_url, "n1") as one:
            async with node(redis_url, "n2"), node(redis_url, "n3"):
                await _until(lambda: one.nodes == 3)
            await _until(lambda: one.nodes == 1)

    asyncio.run(life())


def test_where_redis_is_silent_each_node_goes_by_its_share_and_comes_back(
    redis_server: Server, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REST", Seconds(0.02))
    monkeypatch.setattr(meter, "EACH_BEAT", Seconds(0.02))

    async def life() -> None:
        of = some(requests=20, concurrent=8)
        async with (
            proxied(redis_server, tmp_path) as proxy,
            node(proxy.url, "n1") as one,
            node(redis_url, "n2"),
        ):
            await _until(lambda: one.nodes == 2)
            monkeypatch.setattr(connection, "LIMIT", Seconds(0.05))
            proxy.silent = True
            assert await let_in(one, "a", 20, of) == 4  # half of its places
            for at in range(20):
                one.settle(f"a{at}", None)
            assert await let_in(one, "b", 20, of) == 4
            for at in range(20):
                one.settle(f"b{at}", None)
            assert await let_in(one, "c", 20, of) == 2  # ten requests are half
            monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))
            proxy.silent = False
            await _until(lambda: not one.bypassed)
            found = await one.take("back", of, NONE)
            assert isinstance(found, LetIn)
            assert found.requests is not None
            assert found.requests.limit == 20

    asyncio.run(life())


def test_by_itself_a_node_lets_a_large_call_in_that_the_whole_limit_allows(
    redis_server: Server, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert redis_url

    async def life() -> None:
        async with proxied(redis_server, tmp_path) as proxy, node(proxy.url, "n1") as one:
            monkeypatch.setattr(connection, "LIMIT", Seconds(0.05))
            proxy.silent = True
            one.nodes = 4
            of = some(tokens=1000)
            assert isinstance(await one.take("large", of, Tokens(900)), LetIn)
            refused = await one.take("next", of, Tokens(200))
            assert isinstance(refused, NoRoom)
            assert refused.ever
            one.settle("large", Tokens(900))
            owing = await one.take("then", of, Tokens(1))
            assert isinstance(owing, NoRoom)
            assert (owing.wait or 0) > 60
            beyond = await one.take("beyond", of, Tokens(1001))
            assert beyond == NoRoom(name="key/a", what="tokens", ever=False)

    asyncio.run(life())


def test_a_caller_that_leaves_while_redis_is_asked_holds_no_place(redis_url: str) -> None:
    async def life() -> None:
        of = some(concurrent=1)
        async with node(redis_url) as one:
            for at in range(5):
                asked = asyncio.ensure_future(one.take(f"left{at}", of, NONE))
                await asyncio.sleep(0)
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
            await asyncio.sleep(0.02)
            assert isinstance(await one.take("then", of, NONE), LetIn)

    asyncio.run(life())


def test_what_a_late_answer_took_is_given_back(
    redis_server: Server, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def life() -> None:
        of = some(concurrent=1)
        async with proxied(redis_server, tmp_path) as proxy, node(proxy.url, "n1") as one:
            monkeypatch.setattr(connection, "LIMIT", Seconds(0.05))
            proxy.delay = 0.1
            assert isinstance(await one.take("late", of, NONE), LetIn)  # by itself
            one.settle("late", None)
            proxy.delay = 0.0
            monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))
            await asyncio.sleep(0.2)
            async with node(redis_url, "n2") as other:
                assert isinstance(await other.take("then", of, NONE), LetIn)

    asyncio.run(life())


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5.0):
        while not holds():  # noqa: ASYNC110  (what changes is another's)
            await asyncio.sleep(0.005)
