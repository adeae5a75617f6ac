"""So many calls at once."""

import pytest

from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Refuses, Says
from switchgear.domain.errors import Draining, Overloaded, UpstreamBusy
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
