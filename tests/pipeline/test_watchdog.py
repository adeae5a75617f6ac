"""One watchdog for all."""

import asyncio

from support.virtual_time import LeapingLoop, run
from switchgear.adapters.clock import ManualClock
from switchgear.domain.units import Seconds
from switchgear.pipeline.lag import Lag
from switchgear.pipeline.watchdog import TICK, Watchdog


def test_it_bites_once_after_the_deadline_and_within_a_tick() -> None:
    async def life() -> list[float]:
        bites, dog, loop = list[float](), Watchdog(), asyncio.get_running_loop()
        dog.watch(Seconds(1.0), lambda: bites.append(loop.time()))
        await asyncio.sleep(5)
        return bites

    bites = run(life())
    assert len(bites) == 1
    assert 1.0 <= bites[0] <= 1.0 + 2 * TICK


def test_a_watch_that_is_put_off_or_released_is_left_alone() -> None:
    async def life() -> list[str]:
        bites, dog = list[str](), Watchdog()
        late = dog.watch(Seconds(1.0), lambda: bites.append("put off"))
        gone = dog.watch(Seconds(1.0), lambda: bites.append("released"))
        dog.put_off(late, Seconds(3.0))
        dog.release(gone)
        dog.release(gone)
        await asyncio.sleep(2)
        assert bites == []
        await asyncio.sleep(2)
        return bites

    assert run(life()) == ["put off"]


def test_it_sleeps_while_there_is_nothing_to_watch() -> None:
    async def life() -> None:
        dog = Watchdog()
        dog.release(dog.watch(Seconds(9.0), lambda: None))
        await asyncio.sleep(1)
        assert dog._timer is None
        dog.watch(Seconds(0.1), lambda: None)
        assert dog._timer is not None
        await asyncio.sleep(1)
        assert dog._timer is None

    run(life())


def test_the_time_in_which_our_own_loop_stood_still_is_nobodys_silence() -> None:
    async def life() -> tuple[list[float], float]:
        bites, lag, loop = list[float](), Lag(ManualClock()), asyncio.get_running_loop()
        assert isinstance(loop, LeapingLoop)
        dog = Watchdog(lag)
        dog.watch(Seconds(3.0), lambda: bites.append(loop.time()))
        await asyncio.sleep(1.1)
        loop.stand_still(5.0)
        await asyncio.sleep(0)
        assert bites == []
        await asyncio.sleep(5)
        return bites, lag.now()

    bites, late = run(life())
    assert 7.5 <= bites[0] <= 8.5
    assert 4.5 <= late <= 5.0
