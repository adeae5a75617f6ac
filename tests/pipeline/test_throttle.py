"""What a target takes over all callers."""

import asyncio

import pytest

from support.stage import LoopClock, Scenery, Stage, a_call
from support.telling import Telling, Window
from support.virtual_time import run
from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.adapters.upstreams.scripted import Says
from switchgear.domain.attempt import Role
from switchgear.domain.decision import Verdict
from switchgear.domain.errors import SwitchgearError, UpstreamBusy
from switchgear.domain.rate import Rates
from switchgear.domain.units import Seconds, Tokens
from switchgear.pipeline.rate import Refusals
from switchgear.pipeline.throttle import Throttle
from switchgear.ports.handler import Trail

PAUSE = Says("hi there", after=Seconds(0.5))


class Scene:
    """A stage whose targets have rates of their owner's, or limits of their own."""

    def __init__(self, rates: dict[str, Rates], windows: dict[str, Window] | None = None) -> None:
        self.refusals = Refusals()
        self.upstream = Telling({"small": PAUSE, "mid": PAUSE}, windows or {})
        toll = Late()
        around = Scenery(slots=1000, tolls=(toll,), upstream=self.upstream)
        self.stage = Stage({"small": PAUSE, "mid": PAUSE}, around=around)
        meters = MemoryMeters(LoopClock())
        toll.throttle = Throttle(meters, rates, self.stage.quotas, self.refusals)

    async def ask(self, name: str) -> str:
        """Answer a call, and return who did, or the code of what went wrong."""
        try:
            reply = await self.stage.handler(a_call(name), Trail())
        except SwitchgearError as error:
            return error.code
        async for _ in reply.pieces:
            pass
        reply.close()
        return reply.head.target

    async def ask_all(self, count: int, first: int = 0) -> list[str]:
        names = [f"c{first + at}" for at in range(count)]
        return await asyncio.gather(*map(self.ask, names))


class Late(Throttle):
    """A throttle that is made once there is a stage."""

    throttle: Throttle

    def __init__(self) -> None:
        pass

    pay = property(lambda self: self.throttle.pay)


def test_where_one_target_has_no_room_the_next_is_tried_and_the_row_says_why() -> None:
    async def life() -> None:
        scene = Scene({"small": Rates(requests=2)})
        assert await scene.ask_all(4) == ["small", "small", "mid", "mid"]
        entry = scene.stage.entry("c3")
        assert entry.skipped == ("small(upstream_busy)",)
        assert scene.refusals == {("target", "requests"): 2}

    run(life())


def test_where_nobody_has_room_the_call_waits_for_who_has_it_first() -> None:
    async def life() -> None:
        scene = Scene({"small": Rates(requests=2), "mid": Rates(requests=6)})
        assert await scene.ask_all(8) == ["small"] * 2 + ["mid"] * 6
        began = LoopClock().now()
        assert await scene.ask("late") == "mid"
        assert 8 < LoopClock().now() - began < 11
        entry = scene.stage.entry("late")
        assert [each.role for each in entry.attempts] == [Role.FIRST]

    run(life())


def test_where_nobody_will_have_room_in_time_the_caller_is_told_when() -> None:
    async def life() -> None:
        scene = Scene({"small": Rates(concurrent=0), "mid": Rates(tokens=Tokens(401))})
        assert await scene.ask("c1") == "upstream_busy"
        with pytest.raises(UpstreamBusy) as told:
            await scene.stage.handler(a_call("c2"), Trail())
        assert told.value.retry_after is not None
        assert "limit set for it" in told.value.message

    run(life())


def test_places_and_tokens_of_a_target_are_put_right_when_its_attempt_ends() -> None:
    async def life() -> None:
        scene = Scene({"small": Rates(concurrent=1, tokens=Tokens(450))})
        for at in range(3):
            assert await scene.ask(f"c{at}") == "small"

    run(life())


def test_a_target_is_asked_no_more_than_it_says_it_takes() -> None:
    async def life() -> None:
        window = Window(5, Seconds(20.0))
        scene = Scene({}, {"small": window})
        assert await scene.ask("first") == "small"
        found = await scene.ask_all(10)
        assert found == ["small"] * 4 + ["mid"] * 6
        assert window.refused == 0
        assert await scene.ask("after") == "mid"
        verdicts = {it.target: it.detail for it in _verdicts(scene, "after")}
        assert verdicts["small"] == "spent"
        await asyncio.sleep(21)
        assert await scene.ask("then") == "small"
        assert window.refused == 0

    run(life())


def test_where_all_have_said_enough_a_call_waits_for_the_first_that_is_new() -> None:
    async def life() -> None:
        windows = {"small": Window(1, Seconds(30.0)), "mid": Window(1, Seconds(12.0))}
        scene = Scene({}, windows)
        assert await scene.ask("c1") == "small"
        assert await scene.ask("c2") == "mid"
        began = LoopClock().now()
        assert await scene.ask("c3") == "mid"
        assert 10 < LoopClock().now() - began < 13
        assert [each.refused for each in windows.values()] == [0, 0]

    run(life())


def _verdicts(scene: Scene, name: str) -> list[Verdict]:
    decision = scene.stage.entry(name).decision
    assert decision is not None
    return list(decision.verdicts)
