"""A call on its way through the plan."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest

from support.cast import AUTO, MID, SMALL, Fixed, policy
from support.stage import REST, Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import (
    Calls,
    Cuts,
    InTurn,
    Refuses,
    Says,
    Script,
    Stalls,
)
from switchgear.domain.caller import Caller, Key, Mode
from switchgear.domain.entry import End
from switchgear.domain.errors import (
    NotAllowed,
    NoTarget,
    NothingFits,
    SwitchgearError,
    UnknownModel,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamFailed,
    UpstreamRejected,
)
from switchgear.domain.event import TextDelta
from switchgear.domain.situation import Availability
from switchgear.domain.turn import Image, ToolResult
from switchgear.engine.breaker import WELL
from switchgear.engine.policy import Rule, Then
from switchgear.ports.handler import Reply, Trail

FINE = Says("hi there")


async def text_of(reply: Reply) -> str:
    said = []
    async for piece in reply.pieces:
        said += [event.text for event in piece.seen if isinstance(event, TextDelta)]
    reply.close()
    return "".join(said)


def told(scripts: Mapping[str, Script], **call: object) -> tuple[str, Stage]:
    """Send one call; return what it was told, and the stage."""

    async def life() -> tuple[str, Stage]:
        stage = Stage(scripts)
        reply = await stage.handler(a_call(**call), Trail())  # type: ignore[arg-type]  # shorthand
        said = await text_of(reply)
        await stage.nursery.aclose()
        return said, stage

    return run(life())


@pytest.mark.parametrize("stream", [True, False])
def test_the_first_of_the_plan_answers(stream: bool) -> None:  # noqa: FBT001  (a parameter)
    said, stage = told({"small": FINE, "mid": FINE}, stream=stream)
    assert said.split() == ["hi", "there"]
    assert stage.tried() == [("small", "")]
    assert stage.entry().end is End.ANSWERED
    assert stage.entry().cost > 0


@pytest.mark.parametrize(
    ("script", "tries"),
    [
        (Refuses(UpstreamFailed), ["upstream_failed", "upstream_failed"]),
        (Refuses(UpstreamBusy), ["upstream_busy"]),
        (Cuts("hi", 0), ["upstream_lost", "upstream_lost"]),
        (Stalls("hi", 0), ["upstream_silent"]),
        (Stalls(after=-1), ["upstream_silent"]),
    ],
)
def test_what_fails_before_content_is_invisible_and_the_next_answers(
    script: Script, tries: list[str]
) -> None:
    said, stage = told({"small": script, "mid": FINE})
    assert said.split() == ["hi", "there"]
    assert stage.tried() == [*(("small", code) for code in tries), ("mid", "")]
    assert stage.upstream.open_answers == 0


def test_a_failure_that_passes_is_tried_again_at_the_same_target() -> None:
    said, stage = told({"small": InTurn((Refuses(UpstreamFailed), FINE)), "mid": FINE})
    assert said.split() == ["hi", "there"]
    assert stage.upstream.sent == ["small", "small"]


def test_the_pause_before_another_try_is_not_our_own_time() -> None:
    _, stage = told({"small": InTurn((Refuses(UpstreamFailed), FINE))})
    entry = stage.entry()
    assert entry.attempts[1].began > 0  # on the loop's virtual time, which only a pause moves
    assert entry.own == 0.0


def failure(stage: Stage, **call: object) -> SwitchgearError:
    async def life() -> SwitchgearError:
        with pytest.raises(SwitchgearError) as caught:
            await stage.handler(a_call(**call), Trail())  # type: ignore[arg-type]  # shorthand
        await stage.nursery.aclose()
        return caught.value

    return run(life())


def test_what_the_caller_caused_goes_nowhere_else() -> None:
    stage = Stage({"small": Refuses(UpstreamRejected("bad tool")), "mid": FINE})
    assert isinstance(failure(stage), UpstreamRejected)
    assert stage.upstream.sent == ["small"]
    assert stage.health._pulses["small"].breaker == WELL


def test_when_all_fail_the_last_failure_is_told() -> None:
    stage = Stage({"small": Refuses(UpstreamFailed), "mid": Refuses(UpstreamBusy)})
    assert isinstance(failure(stage), UpstreamBusy)
    assert stage.entry().end is End.FAILED
    assert (stage.entry().code, stage.entry().status) == ("upstream_busy", 429)


def test_an_unknown_name_is_the_callers_fault_and_is_recorded() -> None:
    stage = Stage({"small": FINE})
    error = failure(stage, model="smal")
    assert isinstance(error, UnknownModel)
    assert "'smal'; did you mean 'small'? GET /v1/models" in error.message
    assert stage.entry().code == "unknown_model"


def test_a_key_may_ask_only_for_its_models() -> None:
    caller = Caller(key=Key(id="k", models=frozenset({"small"})))
    stage = Stage({"small": FINE})
    assert isinstance(failure(stage, caller=caller), NotAllowed)


def test_what_nobody_here_can_do_is_told_as_final() -> None:
    blind = msgspec.structs.replace(SMALL, capabilities=frozenset())
    stage = Stage({"small": FINE}, policy((blind,), aliases={"auto": AUTO}))

    async def life() -> None:
        with pytest.raises(NothingFits, match="images"):
            await stage.handler(a_call("c1", Image(url="x")), Trail())

    run(life())


def test_what_nobody_may_do_now_is_told_as_passing() -> None:
    caller = Caller(key=Key(id="k", regions=frozenset({"mars"})))
    error = failure(Stage({"small": FINE}), caller=caller)
    assert isinstance(error, NoTarget)
    assert "wrong_region" in error.message


def test_a_target_whose_turn_comes_while_it_is_left_alone_was_not_admitted() -> None:
    async def life() -> str:
        stage = Stage({"small": Refuses(UpstreamDenied)})
        with pytest.raises(UpstreamDenied):
            await stage.handler(a_call("c1"), Trail())
        with pytest.raises(NoTarget) as caught:  # the snapshot is older than the refusal
            await stage.handler(a_call("c2"), Trail())
        return caught.value.message

    assert "small: not admitted" in run(life())


def test_a_sick_target_is_not_asked_until_it_has_rested() -> None:
    async def life() -> list[str]:
        stage = Stage({"small": InTurn((Refuses(UpstreamFailed),) * 2 + (FINE,)), "mid": FINE})
        for number in range(3):
            await text_of(await stage.handler(a_call(f"c{number}"), Trail()))
        await asyncio.sleep(1)
        assert stage.health.situation().readings["small"].availability is Availability.REFUSING
        await asyncio.sleep(REST)
        await text_of(await stage.handler(a_call("c9"), Trail()))
        return stage.upstream.sent

    assert run(life()) == ["small", "small", "mid", "mid", "mid", "small"]


def test_a_tool_loop_stays_with_the_target_that_began_it() -> None:
    async def life() -> tuple[list[str], bool]:
        rules = policy(rules=[Rule(name="first", when="x", then=Then(targets=frozenset({"mid"})))])
        stage = Stage(
            {"small": FINE, "mid": Calls("f", id="t1")}, rules, Scenery(conditions=Fixed(0))
        )
        stage.setup = msgspec.structs.replace(stage.setup, conditions=Fixed())
        await text_of(await stage.handler(a_call("c1"), Trail()))
        result = ToolResult(id="t1", parts=())
        router = type(stage.router)(stage.setup, stage.means, stage.router._chance)
        decided = router.decide(a_call("c2", result))
        stranger = Caller(key=Key(id="other"))
        assert not router.decide(a_call("c3", result, caller=stranger)).decision.sticky
        return list(decided.decision.plan), decided.decision.sticky

    assert run(life()) == (["mid", "small", "large"], True)


def test_a_displaced_task_goes_home_at_its_next_user_turn() -> None:
    async def life() -> list[str]:
        healed = InTurn((Refuses(UpstreamFailed), Refuses(UpstreamFailed), FINE))
        stage = Stage({"small": healed, "mid": InTurn((Calls("f", id="t1"), FINE))})
        await text_of(await stage.handler(a_call("c1"), Trail()))
        await asyncio.sleep(REST + 1)
        result = ToolResult(id="t1", parts=())
        await text_of(await stage.handler(a_call("c2", result), Trail()))
        await text_of(await stage.handler(a_call("c3"), Trail()))
        return stage.upstream.sent

    assert run(life()) == ["small", "small", "mid", "mid", "small"]


def test_where_the_only_target_rests_the_caller_is_told_for_how_long() -> None:
    async def life() -> None:
        stage = Stage({"small": Refuses(UpstreamFailed)})
        with pytest.raises(UpstreamFailed):
            await stage.handler(a_call("c1"), Trail())
        await asyncio.sleep(1)
        with pytest.raises(NoTarget) as caught:
            await stage.handler(a_call("c9"), Trail())
        assert caught.value.retry_after is not None
        assert 1 <= caught.value.retry_after <= REST
        assert stage.upstream.sent == ["small", "small"]

    run(life())


def test_observing_sends_the_call_where_it_asked_to_go_and_writes_down_the_rest() -> None:
    async def life() -> Stage:
        stage = Stage({"small": FINE, "mid": FINE, "large": FINE})
        caller = Caller(key=Key(id="k", mode=Mode.OBSERVE))
        reply = await stage.handler(a_call(caller=caller), Trail())
        assert reply.head.reason == "observing; would choose small"
        await text_of(reply)
        return stage

    stage = run(life())
    entry = stage.entry()
    assert stage.upstream.sent == ["large"]
    assert entry.mode is Mode.OBSERVE
    assert entry.decision is not None
    assert entry.decision.winner == "small"
    assert entry.baseline is not None
    assert entry.baseline > (entry.decision.verdicts[0].cost or 0)


def test_the_head_tells_who_answers_and_why() -> None:
    async def life() -> None:
        stage = Stage({"small": Refuses(UpstreamBusy), "mid": FINE})
        reply = await stage.handler(a_call(stream=False), Trail())
        head = reply.head
        assert (head.target, head.tier, head.attempts) == ("mid", "mid", 2)
        assert head.reason == "fallback after small"
        assert head.cost is not None
        assert head.cost > 0
        reply.close()

    run(life())


def test_a_fallback_keeps_the_models_own_name() -> None:
    said, stage = told({"small": Refuses(UpstreamBusy), "mid": FINE})
    assert said
    assert stage.entry().attempts[-1].model == MID.model
