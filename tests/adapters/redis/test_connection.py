"""The way to Redis, and around it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support.redis import Proxy, Server, with_redis
from switchgear.adapters.redis import connection
from switchgear.adapters.redis.connection import Redis, Script, StoreDown
from switchgear.domain.secret import Secret
from switchgear.domain.units import Seconds

ECHO = Script("return {KEYS[1], ARGV[1], tonumber(ARGV[2])}")
COUNT = Script("return redis.call('INCR', KEYS[1])")
TELL = Script("return redis.call('PUBLISH', KEYS[1], ARGV[1])")
WRONG = Script("return redis.call('NOSUCHCOMMAND')")
PASSWORD = "pa55-of-the-store"


def test_a_script_gets_its_keys_and_arguments_and_is_sent_whole_only_once(redis_url: str) -> None:
    async def visit(redis: Redis) -> None:
        assert await redis.call(ECHO, ["k"], ["ä", 7]) == [b"k", "ä".encode(), 7]
        assert await redis.call(ECHO, ["k"], ["b", 8]) == [b"k", b"b", 8]
        assert not redis.bypassed

    with_redis(redis_url, visit)


def test_calls_at_once_each_get_their_own_answer(redis_url: str) -> None:
    async def visit(redis: Redis) -> None:
        asked = [redis.call(ECHO, [f"k{at}"], [at, at]) for at in range(50)]
        found = await asyncio.gather(*asked)
        assert [each[2] for each in found] == list(range(50))
        await asyncio.gather(*[redis.call(COUNT, ["n"], []) for _ in range(50)])
        assert await redis.call(COUNT, ["n"], []) == 51

    with_redis(redis_url, visit)


def test_a_call_that_is_left_does_not_shift_the_answers_of_others(redis_url: str) -> None:
    async def visit(redis: Redis) -> None:
        left = asyncio.ensure_future(redis.call(ECHO, ["left"], ["x", 1]))
        await asyncio.sleep(0)
        left.cancel()
        assert (await redis.call(ECHO, ["k"], ["y", 2]))[0] == b"k"
        with pytest.raises(asyncio.CancelledError):
            await left

    with_redis(redis_url, visit)


def test_an_error_of_the_server_is_the_store_being_down_and_many_pass_it_by(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def visit(redis: Redis) -> None:
        for _ in range(3):
            with pytest.raises(StoreDown):
                await redis.call(WRONG, [], [])
        assert redis.bypassed

    with_redis(redis_url, visit)
    assert "ResponseError" in caplog.text
    assert "NOSUCHCOMMAND" not in caplog.text


def test_after_three_late_answers_nothing_is_asked_until_it_is_quick_again(
    redis_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REST", Seconds(0.02))

    async def visit(redis: Redis, proxy: Proxy) -> None:
        proxy.silent = True
        for _ in range(3):
            assert not redis.bypassed
            with pytest.raises(StoreDown):
                await redis.call(COUNT, ["n"], [])
        assert redis.bypassed
        with pytest.raises(StoreDown):
            await redis.call(COUNT, ["n"], [])
        proxy.silent = False
        monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))
        await _until(lambda: not redis.bypassed)
        assert await redis.call(ECHO, ["k"], ["y", 2])

    _through_proxy(redis_server, tmp_path, visit)


def test_one_late_answer_among_many_passes_nothing_by(
    redis_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def visit(redis: Redis, proxy: Proxy) -> None:
        for _ in range(2):
            monkeypatch.setattr(connection, "LIMIT", Seconds(0.05))
            proxy.delay = 0.1
            with pytest.raises(StoreDown):
                await redis.call(COUNT, ["n"], [])
            proxy.delay = 0.0
            monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))
            for _ in range(10):
                assert await redis.call(COUNT, ["n"], [])
        assert not redis.bypassed
        assert proxy.connections == 1

    _through_proxy(redis_server, tmp_path, visit)


def test_whoever_waits_when_the_connection_breaks_is_told_and_it_is_made_anew(
    redis_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REST", Seconds(0.02))
    monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))

    async def visit(redis: Redis, proxy: Proxy) -> None:
        proxy.silent = True
        asked = asyncio.ensure_future(redis.call(COUNT, ["n"], []))
        await asyncio.sleep(0.01)
        await proxy.cut()
        with pytest.raises(StoreDown):
            await asked
        assert redis.bypassed
        proxy.silent = False
        await _until(lambda: not redis.bypassed)
        assert await redis.call(COUNT, ["n"], [])

    _through_proxy(redis_server, tmp_path, visit)


def test_more_than_can_be_waited_for_is_refused_at_once(
    redis_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MOST_WAITING", 2)
    monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))

    async def visit(redis: Redis, proxy: Proxy) -> None:
        proxy.silent = True
        asked = [asyncio.ensure_future(redis.call(COUNT, ["n"], [])) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(StoreDown):
            await redis.call(COUNT, ["n"], [])
        await proxy.cut()
        await asyncio.gather(*asked, return_exceptions=True)

    _through_proxy(redis_server, tmp_path, visit)


def test_where_nobody_listens_it_opens_all_the_same_and_tells_no_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def visit(redis: Redis) -> None:
        assert redis.bypassed
        with pytest.raises(StoreDown) as told:
            await redis.call(COUNT, ["n"], [])
        assert PASSWORD not in repr(told.value) + repr(redis)

    with_redis(f"unix://{tmp_path}/nobody?password={PASSWORD}", visit)
    assert "by-passed" in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(
    "url", [f"http://:{PASSWORD}@host", f"redis://:{PASSWORD}@host:{PASSWORD}", "", PASSWORD]
)
def test_an_address_that_is_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValueError, match="redis://") as told:
        Redis(Secret(url))
    assert PASSWORD not in str(told.value)
    assert told.value.__cause__ is None


def test_a_listener_hears_all_and_is_told_whenever_it_has_joined_again(
    redis_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REST", Seconds(0.02))
    monkeypatch.setattr(connection, "LIMIT", Seconds(5.0))
    monkeypatch.setattr(connection, "QUIET", Seconds(0.15))
    monkeypatch.setattr(connection, "CONNECT", Seconds(0.1))
    heard: list[bytes] = []
    joined: list[int] = []

    async def hear(said: bytes) -> None:
        heard.append(said)

    async def join() -> None:
        joined.append(len(heard))

    async def visit(redis: Redis, proxy: Proxy) -> None:
        await redis.subscribe("news", hear, join)
        await _until(lambda: len(joined) == 1)
        await redis.call(TELL, ["news"], ["one"])
        await redis.call(TELL, ["others"], ["not for us"])
        await asyncio.sleep(0.25)  # quiet for so long, and asked, and still there
        await redis.call(TELL, ["news"], ["two"])
        await _until(lambda: len(heard) == 2)
        assert len(joined) == 1
        proxy.silent = True
        await asyncio.sleep(0.4)
        proxy.silent = False
        await _until(lambda: len(joined) >= 2)
        await _until(lambda: not redis.bypassed)
        await redis.call(TELL, ["news"], ["three"])
        await _until(lambda: len(heard) == 3)

    _through_proxy(redis_server, tmp_path, visit)
    assert heard == [b"one", b"two", b"three"]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5.0):
        while not holds():  # noqa: ASYNC110  (what changes is another's)
            await asyncio.sleep(0.005)


def _through_proxy(
    server: Server, folder: Path, visit: Callable[[Redis, Proxy], Awaitable[None]]
) -> None:
    async def life() -> None:
        proxy = Proxy(folder / "proxy.sock", server)
        await proxy.open()
        redis = Redis(Secret(proxy.url))
        await redis.open()
        try:
            await visit(redis, proxy)
        finally:
            await redis.aclose()
            await proxy.aclose()

    asyncio.run(life())
