"""A provider that is bad for a minute: nobody notices, and it has its traffic back soon after."""

import asyncio

import msgspec
import pytest
from typing_extensions import override

from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import (
    Act,
    Cuts,
    Refuses,
    Says,
    ScriptedUpstream,
    Stalls,
)
from switchgear.domain.entry import End
from switchgear.domain.errors import (
    SwitchgearError,
    UpstreamBusy,
    UpstreamFailed,
    UpstreamUnreachable,
)
from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds
from switchgear.engine.temper import Temper
from switchgear.ports.handler import Trail
from switchgear.ports.upstream import Order

WELL = Says("hi there", after=Seconds(0.5))
BEGAN, ENDED, BACK = 100.0, 160.0, 190.0
"""Seconds: the bad minute, and when the traffic is back at the latest."""
EVERY = 4.0
LAST = 220.0

busy = UpstreamBusy()
busy.retry_after = Seconds(1.0)
BAD: dict[str, Act] = {
    "unreachable": Refuses(UpstreamUnreachable),
    "failing": Refuses(UpstreamFailed, 503),
    "cut before content": Cuts("hi", 0),
    "hanging": Stalls(after=-1),
    "slow": Says("hi there", after=Seconds(5.0)),
    "busy, without a time": Refuses(UpstreamBusy, 429),
    "busy, for a second": Refuses(busy, 429),
}


class Weather(ScriptedUpstream):
    """One target is bad for a minute."""

    def __init__(self, bad: Act) -> None:
        super().__init__({"small": WELL, "mid": WELL})
        self._bad = bad
        self.tries: list[float] = []
        """When the one that is bad was called."""

    @override
    def enter(self, order: Order) -> Act:
        now = asyncio.get_running_loop().time()
        act = super().enter(order)
        if order.target.id != "small":
            return act
        self.tries.append(now)
        return self._bad if BEGAN <= now < ENDED else act


class Minute(msgspec.Struct, frozen=True):
    """What came of a bad minute."""

    tries: list[float]
    served: list[tuple[float, str]]
    """When each call began, and who answered it."""


async def minute(bad: Act, *, stream: bool) -> Minute:
    weather = Weather(bad)
    stage = Stage({"small": WELL, "mid": WELL}, around=Scenery(slots=99, upstream=weather))
    stage.health.expect(stage.setup.policy.targets, Temper())
    served: list[tuple[float, str]] = []

    async def call(name: str) -> None:
        began = asyncio.get_running_loop().time()
        reply = await stage.handler(a_call(name, stream=stream), Trail())
        async for _ in reply.pieces:
            pass
        reply.close()
        assert stage.entry(name).end is End.ANSWERED
        served.append((began, stage.entry(name).target))

    async with asyncio.TaskGroup() as group:
        for number in range(int(LAST / EVERY)):
            group.create_task(call(f"c{number}"))
            await asyncio.sleep(EVERY)
    await stage.nursery.aclose()
    assert stage.health.situation().readings["small"].availability is Availability.ADMITTING
    return Minute(weather.tries, served)


# A whole answer may take ten minutes, so nobody can say within one that it hangs.
MINUTES = [
    (name, how) for name in BAD for how in ("stream", "whole") if name + how != "hangingwhole"
]


@pytest.mark.parametrize(("name", "how"), MINUTES)
def test_every_call_is_answered_and_the_traffic_is_back_within_half_a_minute(
    name: str, how: str
) -> None:
    came = run(minute(BAD[name], stream=how == "stream"))
    assert len(came.served) == LAST / EVERY
    assert {who for at, who in came.served if at < BEGAN - EVERY} == {"small"}
    assert {who for at, who in came.served if at >= BACK} == {"small"}
    spared = [at for at, who in came.served if BEGAN + 35 <= at < ENDED and who == "mid"]
    assert len(spared) >= 4


@pytest.mark.parametrize("name", ["unreachable", "failing"])
def test_a_dead_target_is_probed_a_few_times_in_a_minute_and_not_more(name: str) -> None:
    tries = [at for at in run(minute(BAD[name], stream=True)).tries if BEGAN <= at < ENDED]
    assert len(tries) <= 14


@pytest.mark.parametrize("name", ["busy, without a time", "busy, for a second"])
def test_a_target_without_room_gets_no_more_than_two_tries_in_three_seconds(name: str) -> None:
    tries = [at for at in run(minute(BAD[name], stream=True)).tries if BEGAN <= at < ENDED]
    for first, third in zip(tries, tries[2:], strict=False):
        assert third - first >= 3


def test_who_finds_the_only_target_without_room_is_told_when_there_will_be_some() -> None:
    async def life() -> list[float | None]:
        full = {"small": Refuses(UpstreamBusy, 429)}
        stage = Stage(full, around=Scenery(slots=99))
        waits = list[float | None]()
        for number in range(4):
            with pytest.raises(SwitchgearError) as told:
                await stage.handler(a_call(f"c{number}"), Trail())
            waits.append(told.value.retry_after)
        await stage.nursery.aclose()
        return waits

    waits = run(life())
    assert all(each is not None and 0.5 < each < 30 for each in waits), waits
