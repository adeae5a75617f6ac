"""A crowd at the pipeline on virtual time: what the bench measures over sockets, made small."""

import asyncio
from collections import Counter
from contextlib import suppress

import msgspec

from support.cast import AUTO, SMALL, policy
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Says
from switchgear.config.setup import Queueing, Tenant
from switchgear.domain.caller import Caller, Key
from switchgear.domain.errors import Overloaded
from switchgear.domain.priority import Priority
from switchgear.domain.units import Seconds
from switchgear.ports.handler import Trail

SPAN = 1.0
PLACES = 8


def a_stage(slots: int = 10_000, **changes: object) -> Stage:
    bounded = msgspec.structs.replace(SMALL, max_concurrent=PLACES)
    wanted = Queueing(waiting=4000, in_lane=4000, at_gateway=4000, longest_wait=Seconds(1000.0))
    tenants = {f"t{number}": Tenant(weight=1.0 + number % 2) for number in range(20)}
    around = Scenery(slots=slots, lanes=msgspec.structs.replace(wanted, **changes), tenants=tenants)
    rules = policy([bounded], aliases={"auto": AUTO})
    return Stage({"small": Says("hi", after=Seconds(SPAN))}, rules, around)


async def served(stage: Stage, name: str, caller: Caller) -> float:
    """Return how long the call took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    call = msgspec.structs.replace(a_call(name, caller=caller), began=Seconds(began))
    reply = await stage.handler(call, Trail())
    try:
        async for _ in reply:
            pass
    finally:
        reply.close()
    return loop.time() - began


def test_many_agents_with_many_calls_each_are_all_answered_in_fair_shares() -> None:
    stage = a_stage(slots=300)
    done: list[str] = []

    async def agent(number: int) -> None:
        tenant = f"t{number}"
        left = iter(range(30 * (1 + number % 2)))

        async def keep_on() -> None:
            for call in left:
                caller = Caller(key=Key(id=tenant, tenant=tenant))
                await served(stage, f"{tenant}-{call}", caller)
                done.append(tenant)

        await asyncio.gather(*[keep_on() for _ in range(24)])

    async def life() -> None:
        async with asyncio.timeout(1000):
            await asyncio.gather(*[agent(number) for number in range(20)])
        await stage.nursery.aclose()

    run(life())
    assert len(done) == 900
    half = Counter(done[PLACES : len(done) // 2])  # who came first found nobody to share with
    assert all(abs(half[f"t{number}"] - 15 * (1 + number % 2)) <= 2 for number in range(20)), half
    assert (stage.slots.taken, stage.lanes.find("small").queue.held) == (0, 0)  # type: ignore[union-attr]  # it is there


async def crowded(stage: Stage, beside: int) -> tuple[list[float], int]:
    """Return how long interactive calls took, one a second, and how many batch calls were served.

    So many batch calls come ``beside`` each of them.
    """
    took: list[float] = []
    answered: list[float] = []

    async def nightly(name: str) -> None:
        low = Caller(key=Key(id="b", priority=Priority.BATCH))
        with suppress(Overloaded):
            answered.append(await served(stage, name, low))

    async def interactive(name: str) -> None:
        took.append(await served(stage, name, Caller(key=Key(id="i"))))

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(interactive(f"i{number}"))
            for more in range(beside):
                group.create_task(nightly(f"b{number}-{more}"))
                await asyncio.sleep(1 / beside)
            await asyncio.sleep(0.0 if beside else 1.0)
    await stage.nursery.aclose()
    return took, len(answered)


def test_a_batch_tenant_with_ten_times_the_load_hardly_delays_interactive_calls() -> None:
    alone, _ = run(crowded(a_stage(in_lane=40), 0))
    beside, answered = run(crowded(a_stage(in_lane=40), 10))
    assert max(beside) <= 1.5 * max(alone)
    assert answered > 60 * (PLACES - 2) * 0.8, "batch has nearly all other places"
