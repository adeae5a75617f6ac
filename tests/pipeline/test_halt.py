"""The kill switch on one node, with a scripted network."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest

from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Refuses, Says, Script, Stalls
from switchgear.config.setup import Queueing
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.decision import Reason
from switchgear.domain.denial import Stopped, TargetStopped
from switchgear.domain.entry import End
from switchgear.domain.errors import SwitchgearError, UpstreamBusy, UpstreamFailed
from switchgear.domain.event import TextDelta
from switchgear.domain.halt import Halt, Halted
from switchgear.domain.units import UnixMs
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.halt import stop
from switchgear.pipeline.limit import limit
from switchgear.pipeline.record import record
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Handler, Trail

CALLER = Caller(
    key=Key(id="child", tenant="acme", parent="between"), wishes=Wishes(agent="scraper")
)
FINE = {"small": Says("hi there you")}
EVERYTHING = Halt(kind=Halted.EVERYTHING)
HOLDING = (
    EVERYTHING,
    Halt(kind=Halted.TENANT, name="acme"),
    Halt(kind=Halted.KEY, name="child"),
    Halt(kind=Halted.KEY, name="between"),
    Halt(kind=Halted.KEY, name="maker"),
    Halt(kind=Halted.AGENT, name="scraper"),
    Halt(kind=Halted.AGENT, name="scraper", tenant="acme"),
)
OTHERS = (
    Halt(kind=Halted.TENANT, name="other"),
    Halt(kind=Halted.KEY, name="sister"),
    Halt(kind=Halted.AGENT, name="writer"),
    Halt(kind=Halted.AGENT, name="scraper", tenant="other"),
    Halt(kind=Halted.KEY, name="child", tenant="other"),
    Halt(kind=Halted.TARGET, name="mid"),
    msgspec.structs.replace(EVERYTHING, on=False),
)


def staged(scripts: Mapping[str, Script], around: Scenery = Scenery()) -> Stage:  # noqa: B008  (frozen)
    stage = Stage(scripts, around=around)
    stage.halts.maker = {"between": "maker", "maker": "between"}.get  # type: ignore[assignment]  # a circle, which no keyring has
    return stage


async def answered(handler: Handler, call: Call) -> tuple[str, str]:
    """Return what the caller got, and the code of the error that ended it."""
    got = ""
    try:
        reply = await handler(call, Trail())
        try:
            async for piece in reply.pieces:
                got += "".join(each.text for each in piece.seen if isinstance(each, TextDelta))
                got += "." if piece.finish is not None else ""
        finally:
            reply.close()
    except SwitchgearError as error:
        return got, error.code
    return got, ""


@pytest.mark.parametrize("halt", HOLDING)
def test_what_is_stopped_gets_403_and_nothing_is_sent(halt: Halt) -> None:
    async def life() -> None:
        stage = staged(FINE)
        stage.halts.learn([halt])
        for name, handler in (("c1", stage.handler), ("c2", stage.counting)):
            with pytest.raises(Stopped) as caught:
                await handler(a_call(name, caller=CALLER), Trail())
            assert caught.value.status == 403
            assert not caught.value.worth_retrying
        await stage.nursery.aclose()
        assert stage.upstream.orders == []
        assert stage.slots.taken == 0

    run(life())


@pytest.mark.parametrize("halt", OTHERS)
def test_what_somebody_else_is_stopped_for_stops_nobody_else(halt: Halt) -> None:
    async def life() -> None:
        stage = staged(FINE)
        stage.halts.learn([halt])
        assert await answered(stage.handler, a_call(caller=CALLER)) == ("hi there you.", "")
        await stage.nursery.aclose()

    run(life())


@pytest.mark.parametrize("halt", HOLDING)
def test_an_answer_under_way_ends_at_once_with_one_error_and_a_row_that_says_so(
    halt: Halt,
) -> None:
    async def life() -> None:
        stage = staged({"small": Stalls("hi there", 1), "mid": Says("rescue")})
        asyncio.get_running_loop().call_later(1.0, stage.halts.learn, [halt])
        assert await answered(stage.handler, a_call(caller=CALLER)) == ("hi ", "stopped")
        assert asyncio.get_running_loop().time() == 1.0
        await stage.nursery.aclose()
        row = stage.entry()
        assert (row.end, row.code) == (End.CUT, "stopped")
        assert stage.tried() == [("small", "stopped")]
        assert stage.halts.cut == 1

    run(life())


def test_a_reader_that_comes_back_after_the_switch_gets_nothing_that_was_held() -> None:
    async def life() -> None:
        stage = staged(FINE)
        reply = await stage.handler(a_call(caller=CALLER), Trail())
        await anext(reply.pieces)
        stage.halts.learn([EVERYTHING])
        with pytest.raises(Stopped):
            await anext(reply.pieces)
        reply.close()
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0

    run(life())


WAITING: dict[str, dict[str, Script]] = {
    "for its first content": {"small": Stalls("hi", 0)},
    "for a target that has room again": {"small": Refuses(UpstreamBusy)},
    "between two tries": {"small": Refuses(UpstreamFailed)},
}


@pytest.mark.parametrize("name", WAITING)
def test_a_call_that_waits_is_stopped_where_it_waits_and_not_tried_again(name: str) -> None:
    async def life() -> None:
        stage = staged(WAITING[name])
        loop = asyncio.get_running_loop()

        def throw() -> None:
            assert stage.upstream.sent == ["small"]
            stage.halts.learn([EVERYTHING])

        loop.call_later(0.01, throw)
        assert await answered(stage.handler, a_call()) == ("", "stopped")
        assert loop.time() == 0.01
        await stage.nursery.aclose()
        assert stage.upstream.sent == ["small"]
        assert stage.entry().status == 403
        assert stage.halts._live == {}

    run(life())


def test_a_call_that_waits_at_the_gateway_itself_is_stopped_there() -> None:
    async def life() -> None:
        stage = staged({"small": Stalls("hi", 0)})
        stage.slots.expect(Queueing(), {})
        handler = stack([limit(stage.slots, stage.halts.waiting)], stage.router)
        agents = Halt(kind=Halted.AGENT, name="scraper")
        asyncio.get_running_loop().call_later(1.0, stage.halts.learn, [agents])
        async with asyncio.TaskGroup() as group:
            first = group.create_task(answered(handler, a_call()))
            await asyncio.sleep(0.5)
            assert await answered(handler, a_call("c2", caller=CALLER)) == ("", "stopped")
            assert asyncio.get_running_loop().time() == 1.0
            first.cancel()
        assert stage.slots.taken == 0
        assert stage.halts._live == {}

    run(life())


class Slow:
    """A toll at which one waits long, as in a lane."""

    def __init__(self) -> None:
        self.waiting = 0

    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        del taken
        if bid.target.id == "small":
            self.waiting += 1
            try:
                await asyncio.sleep(60)
            finally:
                self.waiting -= 1
        return None


def test_a_call_that_waits_in_a_lane_is_stopped_there() -> None:
    async def life() -> None:
        lane = Slow()
        stage = staged(FINE, Scenery(tolls=(lane,)))
        asyncio.get_running_loop().call_later(1.0, stage.halts.learn, [EVERYTHING])
        assert await answered(stage.handler, a_call()) == ("", "stopped")
        assert asyncio.get_running_loop().time() == 1.0
        assert lane.waiting == 0
        await stage.nursery.aclose()

    run(life())


BOTH: dict[str, Script] = {"small": Says("hi"), "mid": Says("ho ho")}
SMALL_ONLY = Halt(kind=Halted.TARGET, name="small")


def test_a_target_that_is_stopped_is_struck_out_with_that_reason_and_another_answers() -> None:
    async def life() -> None:
        stage = staged(BOTH)
        stage.halts.learn([SMALL_ONLY])
        assert await answered(stage.handler, a_call()) == ("ho ho.", "")
        await stage.nursery.aclose()
        decision = stage.entry().decision
        assert decision is not None
        reasons = {each.target: each.reason for each in decision.verdicts}
        assert reasons["small"] is Reason.HALTED
        assert stage.upstream.sent == ["mid"]

    run(life())


@pytest.mark.parametrize("lane", [False, True])
def test_a_call_that_waits_for_a_target_goes_on_to_the_next_when_that_is_stopped(
    *, lane: bool
) -> None:
    async def life() -> None:
        scripts: dict[str, Script] = {"small": Stalls("hi", 0), "mid": Says("ho")}
        stage = staged(scripts, Scenery(tolls=(Slow(),) if lane else ()))
        asyncio.get_running_loop().call_later(1.0, stage.halts.learn, [SMALL_ONLY])
        assert await answered(stage.handler, a_call()) == ("ho.", "")
        assert asyncio.get_running_loop().time() == 1.0
        await stage.nursery.aclose()
        assert stage.entry().target == "mid"
        assert stage.health.situation().readings.get("small") is None  # it is not to blame

    run(life())


def test_where_every_target_is_stopped_the_caller_is_told_that_and_not_to_come_again() -> None:
    async def life() -> None:
        stage = staged(FINE)
        stage.halts.learn([SMALL_ONLY])
        with pytest.raises(TargetStopped) as caught:
            await stage.handler(a_call(), Trail())
        assert caught.value.status == 403
        assert not caught.value.worth_retrying
        await stage.nursery.aclose()
        assert stage.upstream.orders == []

    run(life())


def test_a_count_is_cut_too_and_one_of_a_stopped_target_is_our_estimate() -> None:
    async def life() -> None:
        stage = staged({"small": Stalls("", -1)})
        asyncio.get_running_loop().call_later(1.0, stage.halts.learn, [EVERYTHING])
        with pytest.raises(Stopped):
            await stage.counting(a_call(), Trail())
        stage.halts.learn([msgspec.structs.replace(EVERYTHING, on=False, at=UnixMs(1))])
        asyncio.get_running_loop().call_later(1.0, stage.halts.learn, [SMALL_ONLY])
        reply = await stage.counting(a_call("c2"), Trail())
        assert reply.head.reason == "estimated"
        reply.close()
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0

    run(life())


def test_who_is_let_go_again_is_served_again() -> None:
    async def life() -> None:
        stage = staged(FINE)
        assert stage.halts.learn([EVERYTHING])
        assert not stage.halts.learn([EVERYTHING])
        assert stage.halts.learn([msgspec.structs.replace(EVERYTHING, on=False, at=UnixMs(1))])
        assert await answered(stage.handler, a_call()) == ("hi there you.", "")
        await stage.nursery.aclose()

    run(life())


def test_the_outer_layer_gives_a_stopped_call_not_even_a_kept_answer() -> None:
    async def life() -> None:
        stage = staged(FINE)

        async def kept(call: Call, trail: Trail) -> None:
            raise AssertionError(call, trail)

        handler = stack([record(stage.desk), stop(stage.halts)], kept)  # type: ignore[arg-type]  # it is never asked
        stage.halts.learn([EVERYTHING])
        with pytest.raises(Stopped):
            await handler(a_call(), Trail())
        await stage.nursery.aclose()
        assert stage.entry().code == "stopped"

    run(life())
