"""Lower lanes are held back while the loop is late."""

import asyncio

from support.stage import LoopClock
from support.virtual_time import LeapingLoop, run
from switchgear.domain.priority import Priority
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.queue import Bounds
from switchgear.engine.waiter import Standing
from switchgear.pipeline.lane import Lane, Wait
from switchgear.pipeline.restraint import TICK, TICKS, Restraint

BOUNDS = Bounds(places=40, waiting=40, in_lane=40, kept=0.0)


def a_wait(lane: Priority = Priority.BATCH) -> Wait:
    return Wait("a", Tokens(100), lane)


def stand_still(span: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, LeapingLoop)
    loop.stand_still(span)


async def spans(count: int, late: float = 0.0) -> None:
    """Let the number be set so often."""
    for _ in range(count * TICKS):
        stand_still(late)
        await asyncio.sleep(TICK)


def test_a_late_loop_holds_lower_lanes_back_and_lets_them_on_when_it_is_on_time() -> None:
    async def life() -> None:
        lane = Lane("here", BOUNDS, LoopClock())
        restraint = Restraint(lane)
        under_way = [a_wait() for _ in range(20)]
        for each in [*under_way, a_wait(Priority.INTERACTIVE)]:
            assert lane.take(each)
            restraint.begin()
        await spans(4, late=0.05)
        assert 4 <= lane.queue.most_low <= 14, "fewer than the twenty that there are"
        held_back = a_wait()
        assert not lane.take(held_back, Seconds(60.0))
        high = a_wait(Priority.INTERACTIVE)
        assert lane.take(high), "who is held back is in nobody's way"
        lane.leave(high)
        while len(under_way) > 1:
            lane.leave(under_way.pop())
        await spans(30)
        assert held_back.standing is Standing.HOLDING
        for each in [*under_way, held_back]:
            lane.leave(each)
        await spans(2)
        assert restraint._timer is None, "it does not tick for nothing"

    run(life())
