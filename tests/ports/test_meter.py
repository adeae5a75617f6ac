"""What every meter does, in memory and in Redis."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.adapters.redis.connection import Redis
from switchgear.adapters.redis.meter import RedisMeters
from switchgear.domain.rate import Rates
from switchgear.domain.secret import Secret
from switchgear.domain.units import Tokens
from switchgear.ports.meter import LetIn, Metered, Meters, NoRoom

Visit = Callable[[Meters], Awaitable[None]]
Play = Callable[[Visit], None]
NONE = Tokens(0)


@pytest.fixture(params=["memory", "redis"])
def play(request: pytest.FixtureRequest) -> Play:
    """How a visit is paid to meters of one kind."""
    if request.param == "memory":
        return _in_memory
    url: str = request.getfixturevalue("redis_url")
    return lambda visit: _in_redis(url, visit)


def of(
    name: str = "key/a", *, r: int | None = None, t: int | None = None, c: int | None = None
) -> Metered:
    return Metered(name, Rates(requests=r, tokens=None if t is None else Tokens(t), concurrent=c))


def test_so_many_are_let_in_as_there_may_be_in_a_minute(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        for at in range(3):
            found = await meters.take(f"t{at}", [of(r=3)], NONE)
            assert isinstance(found, LetIn)
            assert found.requests is not None
            assert (found.requests.limit, found.requests.left) == (3, 2 - at)
            assert found.tokens is None
        refused = await meters.take("t3", [of(r=3)], NONE)
        assert isinstance(refused, NoRoom)
        assert (refused.name, refused.what) == ("key/a", "requests")
        assert 19 < (refused.wait or 0) <= 20

    play(visit)


def test_after_the_wait_there_is_room(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        some = [of(t=6000)]
        await meters.take("all", some, Tokens(6000))
        refused = await meters.take("again", some, Tokens(20))
        assert isinstance(refused, NoRoom)
        await asyncio.sleep(refused.wait or 0)
        assert isinstance(await meters.take("then", some, Tokens(20)), LetIn)

    play(visit)


def test_it_takes_everywhere_or_nowhere(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        both = [of("key/a", r=10, t=1000, c=5), of("tenant/x", r=10, t=100, c=5)]
        assert isinstance(await meters.take("t1", both, Tokens(80)), LetIn)
        refused = await meters.take("t2", both, Tokens(80))
        assert isinstance(refused, NoRoom)
        assert (refused.name, refused.what) == ("tenant/x", "tokens")
        found = await meters.take("t3", both[:1], Tokens(0))
        assert isinstance(found, LetIn)
        assert found.requests is not None
        assert found.requests.left == 8
        assert found.tokens is not None
        assert 920 <= found.tokens.left <= 925

    play(visit)


def test_the_tightest_level_is_told(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        both = [of("key/a", r=100, t=50_000), of("tenant/x", r=1000, t=7000)]
        found = await meters.take("t1", both, Tokens(1000))
        assert isinstance(found, LetIn)
        assert found.requests is not None
        assert found.tokens is not None
        assert (found.requests.limit, found.requests.left) == (100, 99)
        assert found.requests.reset == pytest.approx(0.6)
        assert (found.tokens.limit, found.tokens.left) == (7000, 6000)

    play(visit)


def test_tokens_are_put_right_when_it_is_settled_and_may_be_owed(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        some = [of(t=1000)]
        await meters.take("less", some, Tokens(900))
        meters.settle("less", Tokens(100))
        await _settled(meters)
        await meters.take("more", some, Tokens(100))
        meters.settle("more", Tokens(2000))
        await _settled(meters)
        refused = await meters.take("then", some, Tokens(1))
        assert isinstance(refused, NoRoom)
        assert 60 < (refused.wait or 0) <= 66.1

    play(visit)


def test_tokens_stay_as_they_were_taken_where_nobody_knows_better(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        await meters.take("t", [of(t=1000)], Tokens(900))
        meters.settle("t", None)
        await _settled(meters)
        assert isinstance(await meters.take("u", [of(t=1000)], Tokens(200)), NoRoom)

    play(visit)


def test_a_place_is_free_when_its_call_is_settled(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        some = [of(c=2)]
        for take in ("a", "b"):
            assert isinstance(await meters.take(take, some, NONE), LetIn)
        refused = await meters.take("c", some, NONE)
        assert refused == NoRoom(name="key/a", what="concurrent", wait=None)
        meters.settle("a", None)
        assert isinstance(await meters.take("c", some, NONE), LetIn)
        assert isinstance(await meters.take("d", some, NONE), NoRoom)

    play(visit)


def test_every_verb_may_be_said_again(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        some = [of(r=100, t=1000, c=2)]
        first = await meters.take("a", some, Tokens(500))
        again = await meters.take("a", some, Tokens(500))
        assert isinstance(first, LetIn)
        assert isinstance(again, LetIn)
        assert first.requests is not None
        assert again.requests is not None
        assert first.requests.left == again.requests.left == 99
        for _ in range(3):
            meters.settle("a", Tokens(0))
        await _settled(meters)
        found = await meters.take("b", some, Tokens(1000))
        assert isinstance(found, LetIn)
        assert isinstance(await meters.take("c", some, Tokens(0)), LetIn)
        assert isinstance(await meters.take("d", some, Tokens(0)), NoRoom)

    play(visit)


def test_who_was_never_let_in_gives_nothing_back(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        meters.settle("nobody", Tokens(0))
        assert isinstance(await meters.take("a", [of(c=1)], NONE), LetIn)
        assert isinstance(await meters.take("b", [of(c=1)], NONE), NoRoom)
        meters.settle("b", Tokens(0))
        await _settled(meters)
        assert isinstance(await meters.take("c", [of(c=1)], NONE), NoRoom)

    play(visit)


@pytest.mark.parametrize(
    ("rates", "tokens", "what"),
    [
        (Rates(requests=0), 0, "requests"),
        (Rates(tokens=Tokens(0)), 1, "tokens"),
        (Rates(tokens=Tokens(99)), 100, "tokens"),
        (Rates(concurrent=0), 0, "concurrent"),
    ],
)
def test_of_nought_and_beyond_the_whole_limit_there_never_is_any(
    play: Play, rates: Rates, tokens: int, what: str
) -> None:
    async def visit(meters: Meters) -> None:
        refused = await meters.take("a", [Metered("key/a", rates)], Tokens(tokens))
        assert refused == NoRoom(name="key/a", what=what, wait=None, ever=False)

    play(visit)


def test_without_limits_all_are_let_in(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        for at in range(50):
            assert await meters.take(f"t{at}", [of()], Tokens(10**12)) == LetIn()

    play(visit)


def test_absurd_amounts_are_counted_all_the_same(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        most = 1_000_000_000_000
        some = [of(r=most, t=most)]
        assert isinstance(await meters.take("a", some, Tokens(most)), LetIn)
        meters.settle("a", Tokens(most * 2))
        await _settled(meters)
        refused = await meters.take("b", some, Tokens(most))
        assert isinstance(refused, NoRoom)
        assert 119 < (refused.wait or 0) <= 120

    play(visit)


def test_the_longest_wait_is_told_where_there_is_room_at_neither(play: Play) -> None:
    async def visit(meters: Meters) -> None:
        both = [of("key/a", r=60, c=1), of("tenant/x", t=600)]
        for at in range(60):
            await meters.take(f"t{at}", [of("key/a", r=60)], NONE)
        await meters.take("t", both[1:], Tokens(600))
        refused = await meters.take("u", both, Tokens(600))
        assert isinstance(refused, NoRoom)
        assert (refused.name, refused.what) == ("tenant/x", "tokens")

    play(visit)


async def _settled(meters: Meters) -> None:
    """Let what is settled in the background be settled: what follows is asked behind it."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert isinstance(await meters.take("look", [of("key/look")], NONE), LetIn)
    meters.settle("look", None)


def _in_memory(visit: Visit) -> None:
    async def life() -> None:
        meters = MemoryMeters(SystemClock())
        await visit(meters)
        await meters.aclose()

    asyncio.run(life())


def _in_redis(url: str, visit: Visit) -> None:
    async def life() -> None:
        redis = Redis(Secret(url))
        await redis.open()
        meters = RedisMeters(redis, SystemClock(), "n1")
        meters.begin()
        try:
            await visit(meters)
            assert not redis.bypassed
        finally:
            await meters.aclose()
            await redis.aclose()

    asyncio.run(life())
