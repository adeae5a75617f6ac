import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from support.recollected import ELSEWHERE, MINE, THEIRS, answer, tool_call, tool_result
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.recollections.crew import CrewRecollections
from switchgear.adapters.recollections.memory import MemoryRecollections
from switchgear.adapters.recollections.shelf import Bounds
from switchgear.adapters.recollections.sqlite import SqliteRecollections
from switchgear.domain.units import Seconds
from switchgear.ports.recollection import Recollection, Recollections
from switchgear.ports.worker import Post

HOUR = Seconds(3600.0)
Life = Callable[[Recollections, ManualClock], Awaitable[None]]


@asynccontextmanager
async def memory(bounds: Bounds, clock: ManualClock) -> AsyncIterator[Recollections]:
    yield MemoryRecollections(bounds, clock)


@asynccontextmanager
async def sqlite(bounds: Bounds, clock: ManualClock) -> AsyncIterator[Recollections]:
    with tempfile.TemporaryDirectory() as folder:
        kept = SqliteRecollections(bounds, clock, Path(folder) / "kept.db")
        yield kept
        await kept.aclose()


@asynccontextmanager
async def crew(bounds: Bounds, clock: ManualClock) -> AsyncIterator[Recollections]:
    """Two workers, of which one is told everything and the other is asked."""
    with tempfile.TemporaryDirectory() as folder:
        posts = [Post(number=number, of=2, folder=folder) for number in (1, 2)]
        told, asked = (CrewRecollections(MemoryRecollections(bounds, clock), it) for it in posts)
        await told.start()
        await asked.start()

        asked.keep = told.keep  # type: ignore[method-assign]  # another connection, another worker
        yield asked
        await told.aclose()
        await asked.aclose()


def on_each(life: Life, most_bytes: int = 1_000_000) -> None:
    async def with_each() -> None:
        for adapter in (memory, sqlite, crew):
            clock = ManualClock()
            async with adapter(Bounds(most_bytes=most_bytes, span=HOUR), clock) as kept:
                await life(kept, clock)

    asyncio.run(with_each())


def chain(length: int, size: int = 10) -> list[Recollection]:
    found: list[Recollection] = []
    for number in range(length):
        before = found[-1] if found else None
        found.append(answer(f"r{number}", f"{number} " + "x" * size, after=before))
    return found


def test_what_was_kept_is_found_as_it_was_with_all_that_led_to_it() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        first = answer("r0")
        second = tool_call("r1", first)
        third = tool_result("r2", second)
        for each in (first, second, third):
            await kept.keep(MINE, each)
        assert [await kept.find(MINE, each.id) for each in (first, second, third)] == [
            first,
            second,
            third,
        ]
        assert await kept.find(MINE, "r3") is None

    on_each(life)


def test_nobody_else_finds_or_forgets_it_and_the_same_id_may_be_others_too() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        await kept.keep(MINE, answer("r0", "mine"))
        for stranger in (THEIRS, ELSEWHERE):
            assert await kept.find(stranger, "r0") is None
            assert not await kept.forget(stranger, "r0")
        await kept.keep(THEIRS, answer("r0", "theirs"))
        assert await kept.find(MINE, "r0") == answer("r0", "mine")
        assert await kept.find(THEIRS, "r0") == answer("r0", "theirs")

    on_each(life)


def test_two_answers_may_go_on_from_one() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        first = answer("r0")
        ways = [answer(name, name, after=first) for name in ("one", "two")]
        for each in (first, *ways):
            await kept.keep(MINE, each)
        assert [await kept.find(MINE, each.id) for each in ways] == ways

    on_each(life)


def test_what_is_forgotten_is_not_found_but_what_went_on_from_it_is_whole() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        first, second = chain(2)
        await kept.keep(MINE, first)
        await kept.keep(MINE, second)
        assert await kept.forget(MINE, first.id)
        assert not await kept.forget(MINE, first.id)
        assert await kept.find(MINE, first.id) is None
        assert await kept.find(MINE, second.id) == second

    on_each(life)


def test_an_answer_whose_beginning_was_forgotten_meanwhile_is_kept_whole() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        first, second = chain(2)
        await kept.keep(MINE, second)
        third = answer("r2", after=second)
        await kept.keep(MINE, third)
        assert await kept.find(MINE, second.id) == second
        assert await kept.find(MINE, third.id) == third
        assert await kept.find(MINE, first.id) is None

    on_each(life)


def test_the_same_id_again_takes_the_place_of_the_first() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        await kept.keep(MINE, answer("r0", "old"))
        await kept.keep(MINE, answer("r0", "new"))
        assert await kept.find(MINE, "r0") == answer("r0", "new")
        assert await kept.forget(MINE, "r0")
        assert await kept.find(MINE, "r0") is None

    on_each(life)


def test_what_nobody_used_for_its_time_is_forgotten() -> None:
    async def life(kept: Recollections, clock: ManualClock) -> None:
        for each in chain(2):
            await kept.keep(MINE, each)
        clock.advance(Seconds(HOUR - 1))
        assert await kept.find(MINE, "r0")
        clock.advance(Seconds(2))
        assert await kept.find(MINE, "r0")
        assert await kept.find(MINE, "r1") is None
        assert not await kept.forget(MINE, "r1")
        clock.advance(HOUR)
        assert await kept.find(MINE, "r0") is None

    on_each(life)


def test_what_was_used_longest_ago_makes_room() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        await kept.keep(MINE, answer("old", "x" * 8_000))
        await kept.keep(MINE, answer("used", "x" * 8_000))
        assert await kept.find(MINE, "old")
        await kept.keep(MINE, answer("new", "x" * 8_000))
        assert await kept.find(MINE, "used") is None
        assert await kept.find(MINE, "old")
        assert await kept.find(MINE, "new")

    on_each(life, most_bytes=30_000)


def test_an_answer_larger_than_all_the_room_is_not_kept() -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        await kept.keep(MINE, answer("huge", "x" * 40_000))
        assert await kept.find(MINE, "huge") is None

    on_each(life, most_bytes=30_000)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from("kf")), max_size=30))
def test_whatever_is_kept_and_forgotten_each_answer_that_is_found_is_whole(
    acts: list[tuple[int, str]],
) -> None:
    async def life(kept: Recollections, _: ManualClock) -> None:
        known: list[Recollection] = [answer("first")]
        await kept.keep(MINE, known[0])
        for place, act in acts:
            which = known[place % len(known)]
            if act == "f":
                await kept.forget(MINE, which.id)
            else:
                known.append(answer(f"a{len(known)}", after=which))
                await kept.keep(MINE, known[-1])
        for each in known:
            found = await kept.find(MINE, each.id)
            assert found is None or found == each

    on_each(life, most_bytes=60_000)
