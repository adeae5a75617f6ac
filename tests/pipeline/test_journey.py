"""A call on its way through its plan: pauses, waits, time and leave to try again."""

import asyncio

import msgspec
import pytest

from support.cast import MID, SMALL, policy
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import InTurn, Refuses, Says, Script, Stalls
from switchgear.domain.attempt import Role
from switchgear.domain.caller import Caller, Wishes
from switchgear.domain.errors import (
    ContextTooLong,
    OutOfTime,
    SwitchgearError,
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
)
from switchgear.domain.target import Target
from switchgear.domain.units import Seconds, Tokens
from switchgear.ports.handler import Trail

FINE = Says("hi there")


def stage_of(scripts: dict[str, Script], *targets: Target) -> Stage:
    known = targets or tuple(each for each in policy().targets if each.id in scripts)
    return Stage(scripts, policy(known))


async def answer(stage: Stage, name: str = "c1", patience: Seconds | None = None) -> Seconds:
    """Return how long one call took; it is told as an error what it got instead."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    caller = Caller(wishes=Wishes(patience=patience))
    call = msgspec.structs.replace(a_call(name, caller=caller), began=Seconds(began))
    reply = await stage.handler(call, Trail())
    try:
        async for _ in reply.pieces:
            pass
    finally:
        reply.close()
    return Seconds(loop.time() - began)


def took(stage: Stage, patience: Seconds | None = None) -> Seconds:
    return run(answer(stage, patience=patience))


def failed(stage: Stage, patience: Seconds | None = None) -> tuple[SwitchgearError, float]:
    async def life() -> tuple[SwitchgearError, float]:
        with pytest.raises(SwitchgearError) as caught:
            await answer(stage, patience=patience)
        assert stage.upstream.open_answers == 0
        return caught.value, asyncio.get_running_loop().time()

    return run(life())


def busy(seconds: float | None) -> Refuses:
    error = UpstreamBusy()
    error.retry_after = None if seconds is None else Seconds(seconds)
    return Refuses(error, status=429)


def test_where_room_is_short_another_target_is_asked_at_once() -> None:
    stage = stage_of({"small": busy(5.0), "mid": FINE})
    assert took(stage) == 0.0
    assert stage.upstream.sent == ["small", "mid"]


def test_where_there_is_no_other_the_call_waits_exactly_as_long_as_was_said() -> None:
    stage = stage_of({"small": InTurn((busy(5.0), FINE))})
    assert took(stage) == pytest.approx(5.0, abs=0.01)
    assert [each.role for each in stage.entry().attempts] == [Role.FIRST, Role.RETRY]


def test_of_several_without_room_the_first_to_have_some_is_waited_for() -> None:
    stage = stage_of({"small": InTurn((busy(9.0), FINE)), "mid": InTurn((busy(4.0), FINE))})
    assert took(stage) == pytest.approx(4.0, abs=0.01)
    assert stage.upstream.sent == ["small", "mid", "mid"]


def test_while_one_call_sees_whether_there_is_room_again_the_others_wait_for_it() -> None:
    slow = Says("hi there", after=Seconds(0.5))

    async def life(stage: Stage) -> list[Seconds]:
        return await asyncio.gather(*[answer(stage, f"c{number}") for number in range(3)])

    scripts = {"small": InTurn((*[busy(1.0)] * 3, slow, FINE))}
    stage = Stage(scripts, policy([SMALL]), Scenery(slots=9))
    found = run(life(stage))
    assert max(found) < 2.0, found
    assert stage.upstream.sent == ["small"] * 6


def test_a_wait_that_the_caller_has_no_time_for_is_not_begun() -> None:
    error, at = failed(stage_of({"small": busy(50.0)}), patience=Seconds(20.0))
    assert isinstance(error, UpstreamBusy)
    assert error.retry_after == 50.0
    assert at == 0


def test_a_wait_longer_than_the_owner_allows_is_not_begun() -> None:
    error, at = failed(stage_of({"small": busy(61.0)}))
    assert isinstance(error, UpstreamBusy)
    assert at == 0


def test_a_target_without_room_is_never_tried_more_than_twice_in_three_seconds() -> None:
    async def life() -> list[float]:
        stage = stage_of({"small": busy(None)})
        loop, times = asyncio.get_running_loop(), []
        enter = stage.upstream.enter

        def noting(order: object) -> object:
            times.append(loop.time())
            return enter(order)  # type: ignore[arg-type]  # passed through

        stage.upstream.enter = noting  # type: ignore[method-assign, assignment]  # sees each order
        for number in range(40):
            try:
                await answer(stage, f"c{number}")
            except SwitchgearError:
                await asyncio.sleep(0.3)
        return times

    times = run(life())
    assert len(times) >= 4
    assert all(third - first >= 3 for first, third in zip(times, times[2:], strict=False))


def test_after_a_context_that_is_too_long_only_larger_windows_are_tried() -> None:
    same = msgspec.structs.replace(MID, id="same")
    large = msgspec.structs.replace(MID, id="wide", window=Tokens(200_000), quality=0.6)
    scripts: dict[str, Script] = {"small": Refuses(ContextTooLong), "same": FINE, "wide": FINE}
    rules = policy((SMALL, same, large))
    alias = msgspec.structs.replace(rules.aliases["auto"], targets=("small", "same", "wide"))
    stage = Stage(scripts, msgspec.structs.replace(rules, aliases={"auto": alias}))
    run(answer(stage))
    assert stage.upstream.sent == ["small", "wide"]


def test_nobody_larger_and_the_caller_is_told() -> None:
    stage = stage_of({"small": Refuses(ContextTooLong), "mid": FINE})
    assert isinstance(failed(stage)[0], ContextTooLong)
    assert stage.upstream.sent == ["small"]


def test_the_callers_time_ends_a_silent_attempt_and_teaches_nothing() -> None:
    stage = stage_of({"small": Stalls(after=-1), "mid": FINE})
    error, at = failed(stage, patience=Seconds(5.0))
    assert isinstance(error, OutOfTime)
    assert 5 <= at <= 5.5
    assert stage.upstream.sent == ["small"]
    assert stage.health._pulses["small"].breaker.failures == 0


def test_no_attempt_begins_that_cannot_end_in_time() -> None:
    slow = msgspec.structs.replace(MID, first_content_s=Seconds(10.0))
    stage = stage_of({"small": Refuses(UpstreamGarbled), "mid": FINE}, SMALL, slow)
    assert isinstance(failed(stage, patience=Seconds(9.0))[0], UpstreamGarbled)
    assert stage.upstream.sent == ["small"]


def test_when_everything_fails_second_tries_stay_a_fifth_and_a_few() -> None:
    async def life() -> int:
        stage = stage_of({"small": Refuses(UpstreamFailed)})
        stage.health._temper = msgspec.structs.replace(
            stage.health._temper, failures=1_000_000, share=1.1
        )
        for number in range(200):
            with pytest.raises(UpstreamError):
                await answer(stage, f"c{number}")
        return len(stage.upstream.sent) - 200

    assert 20 <= run(life()) <= 60
