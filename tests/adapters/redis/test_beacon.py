"""What a beacon over Redis does when Redis goes and comes back."""

import asyncio

from support.redis import Server
from switchgear.adapters.redis.beacon import RedisBeacon
from switchgear.adapters.redis.connection import Redis
from switchgear.domain.secret import Secret

LOOKS, PAUSE_S = 500, 0.01


def test_what_was_said_while_nobody_could_hear_is_heard_once_the_connection_is_back(
    redis_server: Server, redis_url: str
) -> None:
    heard: list[bytes] = []

    async def hear(_: str, word: bytes) -> None:
        heard.append(word)

    async def until(word: bytes) -> None:
        for _ in range(LOOKS):
            if word in heard:
                return
            await asyncio.sleep(PAUSE_S)
        raise AssertionError(f"{word!r} never came, only {heard}")

    async def opened() -> Redis:
        redis = Redis(Secret(redis_url))
        await redis.open()
        return redis

    async def life() -> None:
        first, second = await opened(), await opened()
        speaker = RedisBeacon(second, 2)
        assert await speaker.tell("halts", b"before")
        await RedisBeacon(first, 1).listen("halts", hear)
        await until(b"before")
        redis_server.stop()
        try:
            assert not await speaker.tell("halts", b"lost")
        finally:
            redis_server.start()
        third = await opened()
        assert await RedisBeacon(third, 3).tell("halts", b"said meanwhile")
        await until(b"said meanwhile")
        assert b"lost" not in heard
        for each in (first, second, third):
            await each.aclose()

    asyncio.run(life())
