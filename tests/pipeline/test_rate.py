"""No more is let in of a key and its tenant than their rates allow."""

import asyncio

import pytest

from support.stage import LoopClock, Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.meters.memory import MemoryMeters
from switchgear.adapters.upstreams.scripted import Refuses, Says, Script, Stalls
from switchgear.config.setup import Tenant
from switchgear.domain.caller import Caller, Key, Maker
from switchgear.domain.denial import BeyondRate, RateLimited
from switchgear.domain.errors import NoTarget, SwitchgearError, UpstreamFailed
from switchgear.domain.fact import Admitted
from switchgear.domain.rate import Rates
from switchgear.domain.units import Seconds, Tokens
from switchgear.pipeline.rate import Refusals, metered, rate
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Reply, Trail
from switchgear.ports.meter import Metered

TENANTS = {"acme": Tenant(rates=Rates(requests=3))}


class Door:
    """The layer before a stage."""

    def __init__(self, script: Script = Says("hi there"), slots: int = 100) -> None:  # noqa: B008  (frozen)
        self.stage = Stage({"small": script}, around=Scenery(slots=slots))
        self.meters = MemoryMeters(LoopClock())
        self.refusals = Refusals()
        layer = rate(self.meters, TENANTS, self.refusals)
        self.handler = stack([layer], self.stage.handler)
        self.trail = Trail()

    async def ask(self, key: Key, name: str) -> Reply:
        self.trail = Trail()
        return await self.handler(a_call(name, caller=Caller(key=key)), self.trail)

    async def finish(self, key: Key, *names: str) -> None:
        for name in names:
            reply = await self.ask(key, name)
            async for _ in reply.pieces:
                pass
            reply.close()

    async def refused(self, key: Key, name: str) -> SwitchgearError:
        with pytest.raises(SwitchgearError) as told:
            await self.ask(key, name)
        return told.value


def test_a_key_is_refused_when_its_minute_is_used_up_and_told_when_to_come_again() -> None:
    async def life() -> None:
        door, key = Door(), Key(id="k1", rates=Rates(requests=2))
        await door.finish(key, "c1", "c2")
        error = await door.refused(key, "c3")
        assert isinstance(error, RateLimited)
        assert "this key (k1)" in error.message
        assert "2 requests a minute" in error.message
        assert 0 < (error.retry_after or 0) <= 30
        assert door.refusals == {("key", "requests"): 1}
        await asyncio.sleep(error.retry_after or 0)
        await door.finish(key, "c4")

    run(life())


def test_a_tenants_rate_holds_for_all_its_keys_together() -> None:
    async def life() -> None:
        door = Door()
        one, other, stranger = Key(id="a", tenant="acme"), Key(id="b", tenant="acme"), Key(id="c")
        await door.finish(one, "c1", "c2")
        await door.finish(other, "c3")
        error = await door.refused(other, "c4")
        assert "tenant (acme)" in error.message
        await door.finish(stranger, "c5")

    run(life())


def test_a_childs_calls_count_in_its_makers_rates() -> None:
    maker = Key(id="m", rates=Rates(requests=2))
    child = Key(id="ch", rates=Rates(requests=5), makers=(Maker("m", maker.rates), Maker("r")))

    async def life() -> None:
        door = Door()
        await door.finish(child, "c1", "c2")
        assert "(m)" in (await door.refused(child, "c3")).message
        assert "(m)" in (await door.refused(maker, "c4")).message

    run(life())


def test_what_counts_in_what_is_looked_up_once_and_nothing_is_where_nothing_is_set() -> None:
    assert metered(Key(id="k"), TENANTS) == []
    assert metered(Key(id="k", tenant="other"), TENANTS) == []
    assert metered(Key(id="k", tenant="acme"), TENANTS) == [
        Metered("tenant/acme", Rates(requests=3))
    ]


def test_tokens_are_taken_by_an_estimate_and_put_right_at_the_end() -> None:
    async def life() -> None:
        door, key = Door(), Key(id="k1", rates=Rates(tokens=Tokens(1000)))
        reply = await door.ask(key, "c1")
        first = _told(door.trail).tokens
        assert first is not None
        assert first.left < 600  # the usual length of an answer is off
        reply.close()
        await door.finish(key, "c2")
        second = _told(door.trail).tokens
        assert second is not None
        await door.finish(key, "c3")
        third = _told(door.trail).tokens
        assert third is not None
        assert third.left > 500  # what was not used is back

    run(life())


def test_a_call_that_is_more_than_the_whole_minute_is_not_to_be_sent_again() -> None:
    async def life() -> None:
        door, key = Door(), Key(id="k1", rates=Rates(tokens=Tokens(100)))
        error = await door.refused(key, "c1")
        assert isinstance(error, BeyondRate)
        assert not error.worth_retrying
        assert error.retry_after is None

    run(life())


@pytest.mark.parametrize("ending", ["finish", "close", "fail"])
def test_a_place_is_given_back_however_the_call_ends(ending: str) -> None:
    async def life() -> None:
        door = Door(Refuses(UpstreamFailed) if ending == "fail" else Says("hi there"))
        key = Key(id="k1", rates=Rates(concurrent=1))
        for name in ("c1", "c2"):
            if ending == "fail":
                assert isinstance(await door.refused(key, name), UpstreamFailed | NoTarget)
                continue
            reply = await door.ask(key, name)
            error = await door.refused(key, f"{name}-beside")
            assert "1 calls at once" in error.message
            assert error.retry_after == Seconds(1.0)
            if ending == "finish":
                async for _ in reply.pieces:
                    pass
            reply.close()
        await door.stage.nursery.aclose()

    run(life())


def test_a_caller_that_leaves_while_it_waits_gives_its_place_back() -> None:
    async def life() -> None:
        door, key = Door(Stalls(after=-1)), Key(id="k1", rates=Rates(concurrent=1))
        waits = asyncio.ensure_future(door.ask(key, "c1"))
        await asyncio.sleep(1)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        again = asyncio.ensure_future(door.ask(key, "c2"))
        await asyncio.sleep(1)
        assert not again.done()
        again.cancel()
        with pytest.raises(asyncio.CancelledError):
            await again
        await door.stage.nursery.aclose()

    run(life())


def test_what_is_left_is_told_also_to_who_is_refused() -> None:
    async def life() -> None:
        door, key = Door(), Key(id="k1", rates=Rates(requests=1))
        await door.finish(key, "c1")
        admitted = _told(door.trail).requests
        await door.refused(key, "c2")
        refused = _told(door.trail).requests
        assert admitted is not None
        assert refused is not None
        assert [(each.limit, each.left) for each in (admitted, refused)] == [(1, 0), (1, 0)]
        assert 59 < refused.reset <= 60

    run(life())


def test_where_no_limit_is_set_nothing_is_said_of_any() -> None:
    async def life() -> None:
        door = Door()
        await door.finish(Key(id="k1"), "c1")
        assert not [fact for fact in door.trail.facts if isinstance(fact, Admitted)]

    run(life())


def _told(trail: Trail) -> Admitted:
    found = [fact for fact in trail.facts if isinstance(fact, Admitted)]
    assert len(found) == 1
    return found[0]
