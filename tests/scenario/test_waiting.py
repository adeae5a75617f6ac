"""Cancel a call that waits for its turn, at every point there is: the next one gets the place."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest

from support.cast import AUTO, MID, SMALL, policy
from support.interruption import Strike, strike
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Refuses, Says, Script
from switchgear.config.setup import Queueing
from switchgear.domain.entry import End
from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.units import Seconds
from switchgear.ports.handler import Trail

LANES = Queueing(waiting=8, in_lane=8, at_gateway=8, longest_wait=Seconds(20.0))
SOON = Says("hi there", after=Seconds(1.0))
BLOWS: dict[str, Callable[[int], Strike]] = {
    "cancel": lambda at: lambda point: point == at,
    "double cancel": lambda at: lambda point: at <= point <= at + 1,
    "cancel with no end": lambda at: lambda point: point >= at,
}
PLACES: dict[str, tuple[int, dict[str, Script]]] = {
    "a place at the target": (99, {"small": SOON}),
    "a place at one of two targets": (99, {"small": SOON, "mid": SOON}),
    "a place at the target that is busy, then": (99, {"small": Refuses(UpstreamBusy), "mid": SOON}),
    "a place at the gateway": (1, {"small": SOON}),
}


async def play(name: str, when: Strike) -> tuple[int, Stage]:
    """Two calls have all places; one is struck as it waits, and one waits behind it."""
    slots, scripts = PLACES[name]
    targets = [
        msgspec.structs.replace(each, max_concurrent=1)
        for each in (SMALL, MID)
        if each.id in scripts
    ]
    rules = policy(targets, aliases={"auto": AUTO})
    stage = Stage(scripts, rules, Scenery(slots=slots, lanes=LANES))

    async def served(call: str) -> None:
        with suppress(SwitchgearError):
            reply = await stage.handler(a_call(call), Trail())
            try:
                async for _ in reply:
                    pass
            finally:
                reply.close()

    before = [asyncio.ensure_future(served(f"before{each.id}")) for each in targets]
    await asyncio.sleep(0.01)
    struck = asyncio.ensure_future(strike(served("struck"), when))
    await asyncio.sleep(0.01)
    behind = asyncio.ensure_future(served("behind"))
    async with asyncio.timeout(15):
        await asyncio.gather(*before, struck, behind)
    await stage.nursery.aclose()
    return struck.result(), stage


def in_order(stage: Stage) -> None:
    for lane in (stage.slots.lane, *stage.lanes):
        assert (lane.queue.held, lane.queue.waiting) == (0, 0)
    assert stage.upstream.open_answers == 0
    assert all(not each.in_flight for each in stage.health._pulses.values())


@pytest.mark.parametrize("blow", BLOWS)
@pytest.mark.parametrize("name", PLACES)
def test_a_call_cancelled_while_it_waits_leaves_its_turn_to_the_next(name: str, blow: str) -> None:
    points, whole = run(play(name, lambda _: False))
    in_order(whole)
    assert points >= 4
    for point in range(1, points + 1):
        _, stage = run(play(name, BLOWS[blow](point)))
        in_order(stage)
        assert stage.entry("struck").end in {End.LEFT, whole.entry("struck").end}, point
        assert stage.entry("behind").end is whole.entry("behind").end, point


def test_the_struck_call_and_the_one_behind_it_do_wait() -> None:
    for name in PLACES:
        _, stage = run(play(name, lambda _: False))
        if "busy" not in name:
            assert stage.entry("struck").waited > 0
            assert stage.entry("behind").waited > 0


@pytest.mark.parametrize("turn", range(6))
def test_a_wake_up_that_crosses_a_cancel_is_not_lost(turn: int) -> None:
    """The place comes free a few turns of the loop before or after the one who waits leaves."""

    async def life() -> Stage:
        rules = policy([msgspec.structs.replace(SMALL, max_concurrent=1)])
        stage = Stage({"small": Says("hi")}, rules, Scenery(slots=99, lanes=LANES))
        held = await stage.handler(a_call("held"), Trail())

        async def served(call: str) -> None:
            (await stage.handler(a_call(call), Trail())).close()

        leaves, stays = [asyncio.ensure_future(served(each)) for each in ("leaves", "stays")]
        await asyncio.sleep(1)
        loop = asyncio.get_running_loop()
        loop.call_later(0.001, leaves.cancel)
        loop.call_later(0.001, held.close)
        for _ in range(turn):
            await asyncio.sleep(0)
        if turn % 2:
            held.close()
        with suppress(asyncio.CancelledError):
            await leaves
        async with asyncio.timeout(5):
            await stays
        await stage.nursery.aclose()
        return stage

    in_order(run(life()))
