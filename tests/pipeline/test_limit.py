"""So many calls at once."""

import msgspec
import pytest

from support.cast import MID, SMALL, policy
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Refuses, Says
from switchgear.domain.errors import Draining, NoTarget, Overloaded, UpstreamBusy
from switchgear.domain.target import Target
from switchgear.engine.temper import Temper
from switchgear.ports.handler import Trail


def test_a_slot_is_held_from_the_start_to_the_close_of_the_reply() -> None:
    async def life() -> None:
        stage = Stage({"small": Says("hi")}, around=Scenery(slots=1))
        reply = await stage.handler(a_call("c1"), Trail())
        with pytest.raises(Overloaded):
            await stage.handler(a_call("c2"), Trail())
        reply.close()
        (await stage.handler(a_call("c3"), Trail())).close()
        assert stage.slots.taken == 0
        await stage.nursery.aclose()

    run(life())


def test_a_call_that_fails_gives_its_slot_back() -> None:
    async def life() -> None:
        stage = Stage({"small": Refuses(UpstreamBusy)})
        with pytest.raises(UpstreamBusy):
            await stage.handler(a_call(), Trail())
        assert stage.slots.taken == 0

    run(life())


def test_nothing_new_is_let_in_while_draining() -> None:
    async def life() -> None:
        stage = Stage({"small": Says("hi")})
        stage.slots.drain()
        with pytest.raises(Draining):
            await stage.handler(a_call(), Trail())
        assert stage.entry().code == "draining"

    run(life())


def test_who_drains_is_told_when_the_last_call_has_gone() -> None:
    async def life() -> None:
        stage = Stage({"small": Says("hi")})
        told: list[int] = []
        reply = await stage.handler(a_call("c1"), Trail())
        stage.slots.drain(lambda: told.append(stage.slots.taken))
        assert told == []
        reply.close()
        assert told == [0]
        stage.slots.drain(lambda: told.append(1))
        assert told == [0, 1]
        await stage.nursery.aclose()

    run(life())


def bounded(*targets: Target) -> Stage:
    stage = Stage({each.id: Says("hi") for each in targets}, policy(targets), Scenery(slots=9))
    stage.health.expect(targets, Temper())
    stage.slots.crowded = lambda _: stage.health.full()
    return stage


def test_a_target_takes_as_many_calls_as_it_may_and_then_the_next_does() -> None:
    async def life() -> None:
        stage = bounded(
            msgspec.structs.replace(SMALL, max_concurrent=1),
            msgspec.structs.replace(MID, max_concurrent=1),
        )
        first = await stage.handler(a_call("c1"), Trail())
        second = await stage.handler(a_call("c2"), Trail())
        assert [first.head.target, second.head.target] == ["small", "mid"]
        with pytest.raises(Overloaded) as told:
            await stage.handler(a_call("c3"), Trail())
        assert (told.value.retry_after, told.value.worth_retrying) == (1.0, True)
        assert stage.entry("c3").code == "overloaded"
        first.close()
        third = await stage.handler(a_call("c4"), Trail())
        assert third.head.target == "small"
        second.close()
        third.close()
        await stage.nursery.aclose()

    run(life())


def test_one_target_without_a_bound_keeps_the_door_open() -> None:
    async def life() -> None:
        stage = bounded(msgspec.structs.replace(SMALL, max_concurrent=1), MID)
        replies = [await stage.handler(a_call(f"c{number}"), Trail()) for number in range(4)]
        assert [it.head.target for it in replies] == ["small", "mid", "mid", "mid"]
        for reply in replies:
            reply.close()
        await stage.nursery.aclose()

    run(life())


def test_a_call_that_only_full_targets_could_serve_is_told_when_to_come_again() -> None:
    async def life() -> None:
        stage = bounded(msgspec.structs.replace(SMALL, max_concurrent=1), MID)
        first = await stage.handler(a_call("c1", model="small"), Trail())
        with pytest.raises(NoTarget) as told:
            await stage.handler(a_call("c2", model="small"), Trail())
        assert told.value.retry_after is not None
        first.close()
        await stage.nursery.aclose()

    run(life())
