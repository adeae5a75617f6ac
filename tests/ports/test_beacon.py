"""What every beacon does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

import pytest

from switchgear.adapters.beacons.memory import Ether, MemoryBeacon
from switchgear.adapters.redis.beacon import RedisBeacon
from switchgear.adapters.redis.connection import Redis
from switchgear.domain.secret import Secret
from switchgear.ports.beacon import Beacon

LOOKS, PAUSE_S = 400, 0.01
NODES = count()
Light = Callable[[], Awaitable[Beacon]]
Sea = Callable[[], AbstractAsyncContextManager[Light]]


def in_memory() -> Sea:
    @asynccontextmanager
    async def sea() -> AsyncIterator[Light]:
        ether = Ether()

        async def light() -> Beacon:
            return MemoryBeacon(ether)

        yield light

    return sea


def over_redis(url: str) -> Sea:
    @asynccontextmanager
    async def sea() -> AsyncIterator[Light]:
        made: list[Redis] = []

        async def light() -> Beacon:
            redis = Redis(Secret(url))
            await redis.open()
            made.append(redis)
            return RedisBeacon(redis, next(NODES))

        try:
            yield light
        finally:
            for each in made:
                await each.aclose()

    return sea


@pytest.fixture(params=["memory", "redis"])
def sea(request: pytest.FixtureRequest) -> Sea:
    if request.param == "memory":
        return in_memory()
    return over_redis(request.getfixturevalue("redis_url"))


class Ear:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []

    async def __call__(self, topic: str, word: bytes) -> None:
        self.heard.append((topic, word))

    async def hears(self, word: bytes) -> None:
        for _ in range(LOOKS):
            if word in [each for _, each in self.heard]:
                return
            await asyncio.sleep(PAUSE_S)
        raise AssertionError(f"{word!r} never came, only {self.heard}")


def test_all_others_hear_it_and_who_says_it_does_not(sea: Sea) -> None:
    async def life() -> None:
        async with sea() as light:
            one, two, three = await light(), await light(), await light()
            ears = [Ear(), Ear(), Ear()]
            for each, ear in zip((one, two, three), ears, strict=True):
                await each.listen("halts", ear)
            other = Ear()
            await two.listen("hints", other)
            await _until_listening(one, ears[1:])
            assert await one.tell("halts", b"stop\0\xff")
            for ear in ears[1:]:
                await ear.hears(b"stop\0\xff")
            assert ears[0].heard == []
            assert other.heard == []
            for each in (one, two, three):
                await each.aclose()

    asyncio.run(life())


async def _until_listening(beacon: Beacon, ears: list[Ear]) -> None:
    """Say something until all hear it: to listen takes a moment."""
    for _ in range(LOOKS):
        await beacon.tell("halts", b"ready?")
        await asyncio.sleep(PAUSE_S)
        if all(ear.heard for ear in ears):
            return
    raise AssertionError("nobody listens")


def test_who_comes_later_hears_what_was_said_last(sea: Sea) -> None:
    async def life() -> None:
        async with sea() as light:
            first, ear = await light(), Ear()
            await first.tell("halts", b"old")
            await first.tell("halts", b"new")
            await (await light()).listen("halts", ear)
            await ear.hears(b"new")
            assert ear.heard == [("halts", b"new")]

    asyncio.run(life())
