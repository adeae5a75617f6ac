"""Waiting for a place at a target, and at the gateway."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.cast import AUTO, MID, SMALL, policy
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Says, Script, Stalls
from switchgear.config.setup import Queueing, Tenant
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Wishes
from switchgear.domain.errors import Draining, Overloaded, SwitchgearError
from switchgear.domain.fact import Skipped, Waited
from switchgear.domain.priority import Priority
from switchgear.domain.turn import Text
from switchgear.domain.units import Seconds
from switchgear.pipeline.lane import lengths, spent, turns
from switchgear.ports.handler import Trail

ONE = msgspec.structs.replace(SMALL, max_concurrent=1)
OTHER = msgspec.structs.replace(MID, max_concurrent=1)
LANES = Queueing(waiting=8, in_lane=6, at_gateway=8, longest_wait=Seconds(20.0), heavy_from=2000)
HEAVY = Text("many words " * 1000)
SOON = Says("hi", after=Seconds(1.0))


def a_stage(*targets: object, slots: int = 99, **changes: object) -> Stage:
    """A target that takes one call at a time, each for a second."""
    these = [ONE, *targets] if targets else [ONE]
    wanted = msgspec.structs.replace(LANES, **changes)
    tenants = {"big": Tenant(weight=3.0)}
    around = Scenery(slots=slots, lanes=wanted, tenants=tenants)
    rules = policy(these, aliases={"auto": AUTO})  # type: ignore[arg-type]  # all are targets
    return Stage({"small": SOON, "mid": SOON}, rules, around)


def by(tenant: str = "", lane: Priority | None = None, patience: float | None = None) -> Caller:
    wait = None if patience is None else Seconds(patience)
    key = Key(id=tenant or "k", tenant=tenant)
    return Caller(key=key, wishes=Wishes(priority=lane, patience=wait))


async def served(stage: Stage, call: Call, trail: Trail | None = None) -> str:
    """Return who answered; the answer is read to its end."""
    call = msgspec.structs.replace(call, began=Seconds(asyncio.get_running_loop().time()))
    reply = await stage.handler(call, trail or Trail())
    try:
        async for _ in reply:
            pass
    finally:
        reply.close()
    return reply.head.target


def alive(life: Callable[[], Awaitable[None]], *stages: Stage) -> None:
    """Run it; afterwards no place is taken anywhere, and nobody waits."""

    async def all_of_it() -> None:
        await life()
        for stage in stages:
            await stage.nursery.aclose()

    run(all_of_it())
    for stage in stages:
        for lane in (stage.slots.lane, *stage.lanes):
            assert (lane.queue.held, lane.queue.waiting) == (0, 0)
            assert lane._timer is None
        assert stage.slots.taken == 0


def test_a_call_waits_for_a_place_and_it_is_not_our_own_time() -> None:
    stage, trail = a_stage(), Trail()

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(served(stage, a_call("c1")))
            await asyncio.sleep(0.5)
            group.create_task(served(stage, a_call("c2"), trail))

    alive(life, stage)
    [waited] = [each.span for each in trail.facts if isinstance(each, Waited)]
    entry = stage.entry("c2")
    assert waited == entry.waited == 0.5
    assert (entry.own, entry.first_content, entry.target) == (0.0, 1.5, "small")
    assert stage.entry("c1").waited == 0.0
    [lane] = stage.lanes
    assert lane.counts[Priority.INTERACTIVE].served == 1
    assert lane.counts[Priority.INTERACTIVE].waited == 0.5


def test_while_another_target_of_the_plan_has_room_nobody_waits() -> None:
    stage, trail = a_stage(OTHER), Trail()
    took: list[str] = []

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(served(stage, a_call(f"c{number}"), trail)) for number in range(3)
            ]
        took.extend(each.result() for each in tasks)

    alive(life, stage)
    assert took == ["small", "mid", "small"]
    assert Skipped("small", "overloaded") in trail.facts
    assert stage.entry("c3"[:1] + "2").waited == 1.0


def test_who_waits_too_long_is_told_when_to_come_again() -> None:
    stage = a_stage(longest_wait=Seconds(0.25))

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(served(stage, a_call("c1")))
            await asyncio.sleep(0)
            with pytest.raises(Overloaded, match="no place at small came free in time") as told:
                await served(stage, a_call("c2"))
            assert told.value.retry_after is not None

    alive(life, stage)
    assert (stage.entry("c2").waited, stage.entry("c2").code) == (0.25, "overloaded")


def test_a_caller_waits_no_longer_than_it_said() -> None:
    stage = a_stage()

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(served(stage, a_call("c1")))
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                await served(stage, a_call("c2", caller=by(patience=0.75)))

    alive(life, stage)
    assert stage.entry("c2").waited == 0.75


async def crowd(stage: Stage, *calls: Call) -> list[str]:
    """Let the calls come in their order; return their names in the order of their ends."""
    ended: list[str] = []

    async def one(call: Call) -> None:
        try:
            await served(stage, call)
        except SwitchgearError as error:
            ended.append(f"{call.id} {error.code}")
        else:
            ended.append(call.id)

    async with asyncio.TaskGroup() as group:
        for call in calls:
            group.create_task(one(call))
            await asyncio.sleep(0.001)
    return ended


def test_higher_lanes_go_first() -> None:
    stage = a_stage()
    order: list[str] = []
    calls = [
        a_call("first"),
        a_call("batch", caller=by(lane=Priority.BATCH)),
        a_call("standard", caller=by(lane=Priority.STANDARD)),
        a_call("plain"),
    ]

    async def life() -> None:
        order.extend(await crowd(stage, *calls))

    alive(life, stage)
    assert order == ["first", "plain", "standard", "batch"]


def test_tenants_share_by_their_weights() -> None:
    stage = a_stage(waiting=40, in_lane=40)
    order: list[str] = []
    calls = [
        a_call(f"{tenant}{number}", caller=by(tenant))
        for number in range(12)
        for tenant in ("big", "low")
    ]

    async def life() -> None:
        order.extend(await crowd(stage, *calls))

    alive(life, stage)
    early = [each[:3] for each in order[1:13]]
    assert (early.count("big"), early.count("low")) == (9, 3)


def test_the_lowest_lane_makes_room_first_and_may_come_again() -> None:
    stage = a_stage(waiting=2, in_lane=2)
    order: list[str] = []
    low = by(lane=Priority.BATCH)
    calls = [
        a_call("c0"),
        a_call("low1", caller=low),
        a_call("low2", caller=low),
        a_call("low3", caller=low),
        a_call("high"),
    ]

    async def life() -> None:
        order.extend(await crowd(stage, *calls))

    alive(life, stage)
    assert order == ["low3 overloaded", "low2 overloaded", "c0", "high", "low1"]
    [lane] = stage.lanes
    told = dict(turns(stage.slots.lane, lane))
    assert told["small", "batch", "shed"] == told["", "batch", "refused"] == 1
    assert told["small", "batch", "served"] == told["small", "interactive", "served"] == 1
    assert dict(spent(lane))["small", "interactive"] == pytest.approx(0.996)
    assert {level for _, level in lengths(lane)} == {0}


def test_small_calls_go_past_heavy_ones() -> None:
    four = msgspec.structs.replace(SMALL, max_concurrent=4)
    wanted = msgspec.structs.replace(LANES, waiting=20, in_lane=20)
    stage = Stage(
        {"small": SOON},
        policy([four], aliases={"auto": AUTO}),
        Scenery(slots=99, lanes=wanted),
    )
    order: list[str] = []
    heavy = [a_call(f"heavy{number}", HEAVY) for number in range(9)]

    async def life() -> None:
        order.extend(await crowd(stage, *heavy, a_call("light")))

    alive(life, stage)
    assert stage.entry("light").waited == 0.0
    assert order[:4] == ["heavy0", "heavy1", "heavy2", "light"]


def test_a_full_gateway_lets_calls_wait_and_refuses_when_its_queue_is_full() -> None:
    stage = Stage(
        {"small": SOON}, around=Scenery(slots=1, lanes=msgspec.structs.replace(LANES, at_gateway=2))
    )
    order: list[str] = []

    async def life() -> None:
        assert not stage.slots.full()
        order.extend(await crowd(stage, *[a_call(f"c{number}") for number in range(4)]))

    alive(life, stage)
    assert order == ["c2 overloaded", "c3 overloaded", "c0", "c1"]
    assert stage.entry("c1").waited == pytest.approx(0.999)
    assert stage.entry("c1").own == pytest.approx(0.0)


def test_a_gateway_knows_that_no_target_can_take_more() -> None:
    stage = a_stage(waiting=1, in_lane=1)
    full: list[bool] = []

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                full.append(stage.slots.full())
                group.create_task(served(stage, a_call(f"c{number}")))
                await asyncio.sleep(0.01)
            full.append(stage.slots.full())
            with pytest.raises(Overloaded):
                await served(stage, a_call("c3"))

    alive(life, stage)
    assert full == [False, False, True]


def test_who_waits_when_the_server_stops_is_sent_to_another() -> None:
    stage = Stage({"small": SOON}, around=Scenery(slots=1, lanes=LANES))
    codes: list[str] = []
    emptied: list[int] = []

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(served(stage, a_call("c1")))
            await asyncio.sleep(0.1)
            waits = group.create_task(refused(stage, a_call("c2")))
            await asyncio.sleep(0.1)
            stage.slots.drain(lambda: emptied.append(1))
            codes.append(await waits)

    async def refused(stage: Stage, call: Call) -> str:
        with pytest.raises(Draining) as told:
            await served(stage, call)
        return told.value.code

    alive(life, stage)
    assert codes == ["draining"]
    assert emptied == [1]
    assert stage.entry("c1").code == ""


def test_a_target_that_loses_its_bound_lets_everybody_in() -> None:
    stage = a_stage()

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(served(stage, a_call(f"c{number}")))
            await asyncio.sleep(0.25)
            stage.health.expect([SMALL], stage.health._temper)
            stage.lanes.expect([SMALL], LANES)

    alive(life, stage)
    assert [stage.entry(f"c{number}").waited for number in range(3)] == [0.0, 0.25, 0.25]
    assert stage.lanes.find("small") is None


def test_a_bound_can_be_raised_while_calls_wait() -> None:
    stage = a_stage()
    two = msgspec.structs.replace(SMALL, max_concurrent=2)

    async def life() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                group.create_task(served(stage, a_call(f"c{number}")))
            await asyncio.sleep(0.25)
            stage.health.expect([two], stage.health._temper)
            stage.lanes.expect([two], LANES)

    alive(life, stage)
    assert stage.entry("c1").waited == 0.25


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(Priority),
            st.sampled_from(["big", "low"]),
            st.booleans(),
            st.sampled_from([None, 0.0005, 0.5, 1.0, 1.5, 2.0, 3.0]),
        ),
        min_size=1,
        max_size=14,
    )
)
def test_whoever_leaves_whenever_nobody_waits_for_ever(
    plan: list[tuple[Priority, str, bool, float | None]],
) -> None:
    """Each call ends: answered, refused, or cancelled at a time, also as its turn comes."""
    stage = a_stage(OTHER, slots=4)

    async def life() -> None:
        tasks: list[tuple[asyncio.Task[str], float | None]] = []
        for number, (lane, tenant, heavy, leaves) in enumerate(plan):
            parts = (HEAVY,) if heavy else ()
            call = a_call(f"c{number}", *parts, caller=by(tenant, lane))
            tasks.append((asyncio.ensure_future(served(stage, call)), leaves))
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        for task, leaves in tasks:
            if leaves is not None:
                loop.call_later(leaves, task.cancel)
        async with asyncio.timeout(60):
            ends = await asyncio.gather(*[task for task, _ in tasks], return_exceptions=True)
        for end, (_, leaves) in zip(ends, tasks, strict=True):
            fine = isinstance(end, str | Overloaded)
            assert fine or (leaves is not None and isinstance(end, asyncio.CancelledError))

    alive(life, stage)
    assert len(stage.memory.entries) == len(plan)


def test_a_call_that_breaks_off_gives_its_place_to_the_next() -> None:
    scripts: dict[str, Script] = {"small": Stalls("hi there", 1)}
    stage = Stage(scripts, policy([ONE]), Scenery(slots=99, lanes=LANES))

    async def life() -> None:
        held = await stage.handler(a_call("c1"), Trail())
        scripts["small"] = SOON
        waits = asyncio.ensure_future(served(stage, a_call("c2")))
        await asyncio.sleep(2.0)
        held.close()
        await waits

    alive(life, stage)
    assert stage.entry("c2").waited == 2.0
