"""Two attempts at one call."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from support.cast import AUTO, policy
from support.interruption import strike
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import InTurn, Refuses, Says, Script, Stalls
from switchgear.domain.attempt import Role
from switchgear.domain.entry import End
from switchgear.domain.errors import SwitchgearError, UpstreamFailed, UpstreamSilent
from switchgear.domain.units import Seconds
from switchgear.ports.handler import Trail

HEDGED = policy(
    [each for each in policy().targets if each.id in {"small", "mid"}],
    aliases={"auto": msgspec.structs.replace(AUTO, hedge=True)},
)
USUAL = [Says("hi", after=Seconds(1.0))] * 12
"""Enough answers for the target's p95 to be known: a second."""


def late(span: float) -> Says:
    return Says("hi", after=Seconds(span))


def hedged(last: Script, *others: Script) -> Stage:
    """Return a stage on which ``small`` takes a second as a rule, and does ``last`` then."""
    assert not isinstance(last, InTurn)
    scripts: dict[str, Script] = {"small": InTurn((*USUAL, last))}
    scripts |= dict(zip(["mid"], others, strict=False))
    known = [each for each in HEDGED.targets if each.id in scripts]
    return Stage(scripts, msgspec.structs.replace(HEDGED, targets=tuple(known)))


async def answered(stage: Stage, name: str = "c1") -> float:
    """Return how long one call took."""
    loop = asyncio.get_running_loop()
    call = msgspec.structs.replace(a_call(name), began=Seconds(loop.time()))
    began = loop.time()
    reply = await stage.handler(call, Trail())
    try:
        async for _ in reply.pieces:
            pass
    finally:
        reply.close()
    return loop.time() - began


async def warmed(stage: Stage) -> None:
    for number in range(len(USUAL)):
        await answered(stage, f"w{number}")
    await asyncio.sleep(1)


def after_warming(stage: Stage) -> tuple[float, Sequence[tuple[str, Role, str]]]:
    """Return how long the call after the usual ones took, and its attempts."""

    async def life() -> float:
        await warmed(stage)
        took = await answered(stage)
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0
        return took

    took = run(life())
    return took, [(each.target, each.role, each.code) for each in stage.entry().attempts]


def test_a_slow_target_is_overtaken_by_the_next_and_closed() -> None:
    took, attempts = after_warming(hedged(late(20.0), late(0.5)))
    assert took < 2.5
    assert attempts == [("small", Role.FIRST, "hedge_lost"), ("mid", Role.HEDGE, "")]


def test_a_target_in_its_usual_time_is_not_hedged() -> None:
    _, attempts = after_warming(hedged(late(0.9), late(0.1)))
    assert attempts == [("small", Role.FIRST, "")]


def test_the_first_may_still_win_and_the_hedge_is_closed() -> None:
    took, attempts = after_warming(hedged(late(1.5), late(9.0)))
    assert took == pytest.approx(1.5)
    assert attempts == [("small", Role.FIRST, ""), ("mid", Role.HEDGE, "hedge_lost")]


def test_where_there_is_only_one_target_it_is_asked_twice() -> None:
    scripts: dict[str, Script] = {"small": InTurn((*USUAL, late(20.0), late(0.5)))}
    stage = Stage(scripts, msgspec.structs.replace(HEDGED, targets=HEDGED.targets[:1]))
    _, attempts = after_warming(stage)
    assert [each[:2] for each in attempts] == [("small", Role.FIRST), ("small", Role.HEDGE)]


def test_without_being_asked_for_nothing_is_hedged() -> None:
    plain = Stage({"small": InTurn((*USUAL, late(5.0))), "mid": late(0.5)})
    took, attempts = after_warming(plain)
    assert took == pytest.approx(5.0)
    assert len(attempts) == 1


def test_a_hedge_that_fails_leaves_the_first_alone() -> None:
    took, attempts = after_warming(hedged(late(3.0), Refuses(UpstreamFailed)))
    assert took == pytest.approx(3.0)
    assert [each[2] for each in attempts] == ["", "upstream_failed"]


def test_a_first_that_fails_while_the_hedge_runs_waits_for_it() -> None:
    stage = hedged(Stalls(after=-1), late(29.5))
    took, attempts = after_warming(stage)
    assert took > 30
    assert attempts == [("small", Role.FIRST, "upstream_silent"), ("mid", Role.HEDGE, "")]


def test_when_both_fail_it_is_the_firsts_failure() -> None:
    async def life() -> None:
        stage = hedged(Stalls(after=-1), Refuses(UpstreamFailed))
        await warmed(stage)
        with pytest.raises(UpstreamSilent):
            await answered(stage)
        assert stage.upstream.open_answers == 0
        assert stage.entry().end is End.FAILED

    run(life())


def test_hedges_are_bounded_by_the_allowance() -> None:
    async def life() -> int:
        scripts: dict[str, Script] = {"small": InTurn((*USUAL, late(30.0))), "mid": late(0.1)}
        stage = Stage(scripts, HEDGED, Scenery(slots=200))
        await warmed(stage)
        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(answered(stage, f"c{number}"))
        calls = [each for name, each in stage.memory.entries.items() if name.startswith("c")]
        return sum(each.role is Role.HEDGE for call in calls for each in call.attempts)

    assert 15 <= run(life()) <= 27


def test_a_race_that_is_cancelled_anywhere_leaves_nothing_open() -> None:
    for at in range(1, 40):

        async def life(point: int) -> None:
            stage = hedged(late(20.0), late(0.5))
            await warmed(stage)

            async def caller() -> None:
                try:
                    await answered(stage)
                except SwitchgearError:
                    raise AssertionError from None

            await strike(caller(), lambda now: now == point)
            await stage.nursery.aclose()
            assert stage.upstream.open_answers == 0
            assert stage.slots.taken == 0
            assert not stage.means.watchdog._watches
            assert "c1" in stage.memory.entries

        run(life(at))
