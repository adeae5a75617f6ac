import asyncio
import threading

import pytest

from switchgear.adapters.clock import ManualClock
from switchgear.adapters.upstreams.renewal import PAUSE, Renewal
from switchgear.domain.errors import UpstreamDenied


class Source:
    """Gives numbers, one after the other, as soon as it may; or refuses."""

    def __init__(self) -> None:
        self.asked = 0
        self.refuses = False
        self.may = threading.Event()
        self.may.set()

    def fetch(self) -> int:
        self.asked += 1
        self.may.wait(5)
        if self.refuses:
            raise UpstreamDenied("no")
        return self.asked


def test_however_many_wait_it_is_fetched_once() -> None:
    async def life() -> None:
        source = Source()
        source.may.clear()
        renewal = Renewal(source.fetch, ManualClock(), "late")
        for _ in range(3):
            renewal.begin()
        waiting = [asyncio.ensure_future(renewal.next()) for _ in range(3)]
        await asyncio.sleep(0)
        source.may.set()
        assert await asyncio.gather(*waiting) == [1, 1, 1]
        assert (source.asked, renewal.held) == (1, 1)

    asyncio.run(life())


def test_one_who_leaves_takes_it_from_nobody_else() -> None:
    async def life() -> None:
        source = Source()
        source.may.clear()
        renewal = Renewal(source.fetch, ManualClock(), "late")
        renewal.begin()
        leaves, stays = (asyncio.ensure_future(renewal.next()) for _ in range(2))
        await asyncio.sleep(0)
        leaves.cancel()
        source.may.set()
        assert await stays == 1

    asyncio.run(life())


def test_after_a_failure_it_rests_and_tells_everybody_the_same_error_anew() -> None:
    async def life() -> None:
        source, clock = Source(), ManualClock()
        source.refuses = True
        renewal = Renewal(source.fetch, clock, "late")
        errors = []
        for _ in range(2):
            renewal.begin()
            with pytest.raises(UpstreamDenied) as caught:
                await renewal.next()
            errors.append(caught.value)
        assert errors[0] is not errors[1]
        assert source.asked == 1
        source.refuses = False
        clock.advance(PAUSE)
        renewal.begin()
        assert await renewal.next() == 2

    asyncio.run(life())
