"""What exploring may spend is lent, never more than a day has, to all together."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.learning import Exploring
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.pipeline.learning.pocket import ACCOUNT, DAY_MS, SLICES, Pocket, allowed
from switchgear.ports.papers import Paper, PaperKind, Write

DAY = 20_000
START = DAY * DAY_MS
DAILY = NanoUsd(96_000)


def pocket(papers: MemoryPapers, daily: int = DAILY) -> Pocket:
    made = Pocket(papers)
    made.exploring = Exploring(share=0.1, daily=NanoUsd(daily))
    return made


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10**9),
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, DAY_MS - 1), st.floats(0, 1)), max_size=60
    ),
)
def test_however_many_spend_whenever_they_never_spend_more_than_a_day_has(
    daily: int, deeds: list[tuple[int, int, float]]
) -> None:
    async def life() -> None:
        papers = MemoryPapers()
        pockets = [pocket(papers, daily) for _ in range(3)]
        for who, at, share in sorted(deeds, key=lambda each: each[1]):
            now = UnixMs(START + at)
            await pockets[who].fill(now)
            pockets[who].spend(NanoUsd(int(pockets[who].now(now) * share)))
            assert sum(each.spent for each in pockets) <= allowed(NanoUsd(daily), now) <= daily

    asyncio.run(life())


def test_it_is_spread_over_the_day() -> None:
    assert allowed(DAILY, UnixMs(START)) == DAILY * 4 // SLICES
    assert allowed(DAILY, UnixMs(START + DAY_MS // 2)) == DAILY * 52 // SLICES
    assert allowed(DAILY, UnixMs(START + DAY_MS - 1)) == DAILY


def test_a_restart_gets_no_second_helping() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        for _ in range(10):
            one = pocket(papers)
            for _ in range(10):
                await one.fill(UnixMs(START))
        assert one.now(UnixMs(START)) == 0  # what was lent to those before is not lent again

    asyncio.run(life())


def test_what_was_not_spent_is_gone_the_next_day() -> None:
    async def life() -> None:
        one = pocket(MemoryPapers())
        await one.fill(UnixMs(START))
        assert one.now(UnixMs(START)) == 1_000
        assert one.now(UnixMs(START + DAY_MS)) == 0
        await one.fill(UnixMs(START + DAY_MS))
        assert one.now(UnixMs(START + DAY_MS)) == 1_000

    asyncio.run(life())


def test_an_account_that_cannot_be_read_lends_nothing() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        name = f"{ACCOUNT}{DAY}"
        paper = Paper(kind=PaperKind.BRAIN, id=name, made=UnixMs(1), body=b"{broken")
        await papers.write((Write(paper=paper),))
        one = pocket(papers)
        await one.fill(UnixMs(START))
        assert one.now(UnixMs(START)) == 0

    asyncio.run(life())


def test_nothing_is_lent_where_nothing_may_be_explored() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        one = pocket(papers, 0)
        await one.fill(UnixMs(START))
        assert one.now(UnixMs(START)) == 0
        assert await papers.find(PaperKind.BRAIN, f"{ACCOUNT}{DAY}") is None

    asyncio.run(life())


def test_more_than_there_is_cannot_be_spent() -> None:
    async def life() -> None:
        one = pocket(MemoryPapers())
        await one.fill(UnixMs(START))
        one.spend(NanoUsd(10**12))
        assert (one.now(UnixMs(START)), one.spent) == (0, 1_000)

    asyncio.run(life())
