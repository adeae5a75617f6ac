"""Whoever gives answers of no use rests on that route, and only there."""

import asyncio
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.cast import CALC, MID, SMALL, policy
from support.stage import LoopClock, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.upstreams.scripted import (
    Calls,
    InTurn,
    Refuses,
    Says,
    Script,
    Stalls,
)
from switchgear.config.setup import Tolerance
from switchgear.domain.attempt import Role
from switchgear.domain.call import Call
from switchgear.domain.errors import UpstreamRejected
from switchgear.domain.escalation import Escalation
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    Stop,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.situation import Availability, Reading, Situation
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Tool, ToolChoice
from switchgear.domain.units import Seconds
from switchgear.engine.flaw import MOST_ARGUMENTS, MOST_TEXT, Flaw, find_flaw
from switchgear.pipeline.flaw import MOST_PLACES, Flaws
from switchgear.ports.handler import Trail

PLACE = ("small", "auto")
REST = Tolerance().rest
SCHEMA = msgspec.Raw(b'{"type":"object","required":["city"]}')
WEATHER = Tool(name="weather", schema=SCHEMA)
TALK = Conversation(model="auto", turns=())
TALKS = (
    TALK,
    msgspec.structs.replace(TALK, format=AnswerFormat()),
    msgspec.structs.replace(TALK, tools=(WEATHER,)),
    msgspec.structs.replace(TALK, tools=(WEATHER,), tool_choice=ToolChoice(choice=Choice.REQUIRED)),
)
BAD, GOOD = Calls("weather", "{}"), Calls("weather", '{"city":"Graz"}')


def some() -> Flaws:
    return Flaws(LoopClock(), SeededChance())


def poor(flaws: Flaws, situation: Situation | None = None) -> dict[str, tuple[str, ...]]:
    readings = flaws.marked(situation or Situation()).readings
    return {name: each.poor for name, each in readings.items() if each.poor}


def test_after_three_in_a_row_it_rests_and_then_it_is_back() -> None:
    async def life() -> None:
        flaws = some()
        for _ in range(2):
            flaws.learn(PLACE, Flaw.EMPTY)
            assert not poor(flaws)
        flaws.learn(PLACE, Flaw.NO_TOOL)
        assert poor(flaws) == {"small": ("auto",)}
        await asyncio.sleep(REST - 1)
        assert poor(flaws)
        await asyncio.sleep(2)
        assert not poor(flaws)
        flaws.learn(PLACE, Flaw.EMPTY)
        assert not poor(flaws), "its first new flaw is not its fourth"

    run(life())


@given(st.lists(st.sampled_from([None, *Flaw]), max_size=30), st.integers(1, 4))
def test_it_rests_after_so_many_in_a_row_and_not_before(
    found: list[Flaw | None], after: int
) -> None:
    async def life() -> None:
        flaws = some()
        flaws.tolerance = Tolerance(after=after)
        row = 0
        for flaw in found:
            flaws.learn(PLACE, flaw)
            row = 0 if flaw is None else row + 1
            if row == after:
                assert poor(flaws)
                return
            assert not poor(flaws)

    run(life())


def test_other_routes_and_other_targets_go_on() -> None:
    async def life() -> None:
        flaws = some()
        for _ in range(3):
            flaws.learn(PLACE, Flaw.EMPTY)
            flaws.learn(("small", "other"), None)
            flaws.learn(("mid", "auto"), Flaw.EMPTY)
            flaws.learn(("mid", "auto"), None)
        assert poor(flaws) == {"small": ("auto",)}

    run(life())


def test_a_situation_is_marked_once_and_keeps_what_it_says() -> None:
    async def life() -> None:
        flaws = some()
        refusing = Reading(availability=Availability.REFUSING)
        plain = Situation(id="s", readings={"small": refusing, "mid": refusing})
        assert flaws.marked(plain) is plain
        for _ in range(3):
            flaws.learn(PLACE, Flaw.EMPTY)
        marked = flaws.marked(plain)
        assert marked.id not in {"", "s"}
        assert marked.readings["mid"] is refusing
        assert marked.readings["small"].availability is Availability.REFUSING
        assert flaws.marked(plain) is marked
        assert flaws.marked(msgspec.structs.replace(plain, id="t")).id != marked.id

    run(life())


def test_what_is_remembered_has_a_bound() -> None:
    async def life() -> None:
        flaws = some()
        for number in range(MOST_PLACES + 5):
            flaws.learn((str(number), "auto"), Flaw.EMPTY)
        assert len(flaws._counts) == MOST_PLACES

    run(life())


texts = st.text('{}[]":,a1 \n', max_size=12)
events: st.SearchStrategy[list[Event]] = st.lists(
    st.one_of(
        texts.map(TextDelta),
        texts.map(ThinkingDelta),
        st.builds(
            ToolStarted, index=st.integers(0, 2), id=texts, name=st.sampled_from(["weather"])
        ),
        st.builds(ToolDelta, index=st.integers(0, 2), json=texts),
    ),
    max_size=10,
)


def heard(flaws: Flaws, talk: Conversation, told: list[Event]) -> str:
    ear = flaws.ear(SMALL, Role.FIRST, "auto", talk)
    end = None
    for event in told:
        match event:
            case TextDelta() | ThinkingDelta() | RefusalDelta():
                if ear.listens:
                    ear.hear_words(event)
            case ToolStarted() | ToolDelta():
                ear.hear_tool(event)
            case Finished():
                end = event
            case Opened():
                pass
    return ear.verdict(end)


@given(events, st.sampled_from(Stop), st.sampled_from(TALKS))
def test_what_an_ear_hears_is_judged_as_the_whole_answer(
    told: list[Event], stop: Stop, talk: Conversation
) -> None:
    whole = [*told, Finished(stop=stop)]
    started = [each.index for each in whole if isinstance(each, ToolStarted)]
    if len(started) == len(set(started)):
        flaw = find_flaw(talk, whole)
        assert heard(some(), talk, whole) == ("" if flaw is None else flaw.value)


def test_an_ear_holds_no_more_than_it_may_and_then_judges_nothing() -> None:
    flaws = some()
    for talk in TALKS:
        ear = flaws.ear(SMALL, Role.FIRST, "auto", talk)
        for _ in range(MOST_TEXT // 1000 + 9):
            if ear.listens:
                ear.hear_words(TextDelta(" " * 1000))
            ear.hear_tool(ToolDelta(index=0, json="x" * 1000))
        ear.hear_tool(ToolStarted(index=1, id="t", name="weather"))
        assert sum(map(len, ear._texts)) <= MOST_TEXT + 1000
        assert sum(len(each) for parts in ear._arguments.values() for each in parts) <= (
            MOST_ARGUMENTS + 1000
        )
        assert ear.verdict(Finished(stop=Stop.END)) == ""


def test_after_the_first_word_nothing_more_is_heard_of_plain_text() -> None:
    ear = some().ear(SMALL, Role.FIRST, "auto", TALK)
    ear.hear_words(TextDelta(" "))
    assert ear.listens
    ear.hear_words(TextDelta("hi"))
    assert not ear.listens


@pytest.mark.parametrize(
    ("target", "role", "route"),
    [(CALC, Role.FIRST, "auto"), (MID, Role.RESCUE, "auto"), (MID, Role.FIRST, "")],
)
def test_some_are_not_judged(target: object, role: Role, route: str) -> None:
    ear = some().ear(target, role, route, TALK)  # type: ignore[arg-type]  # a target
    assert not ear.listens
    assert ear.verdict(Finished(stop=Stop.END)) == ""


def asking(name: str, *, stream: bool = True) -> Call:
    call = a_call(name, stream=stream)
    talk = msgspec.structs.replace(call.body.conversation, tools=(WEATHER,))
    body = msgspec.structs.replace(call.body, conversation=talk)  # type: ignore[type-var]  # a test's body
    return msgspec.structs.replace(call, body=body)


async def answered(stage: Stage, call: Call) -> None:
    reply = await stage.handler(call, Trail())
    try:
        async for _ in reply.pieces:
            pass
    finally:
        reply.close()


@pytest.mark.parametrize("stream", [True, False])
def test_three_wrong_tool_calls_in_a_row_and_the_fourth_call_goes_to_the_stronger(
    stream: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    async def life() -> None:
        scripts: dict[str, Script] = {"small": InTurn((BAD, BAD, BAD, GOOD)), "mid": GOOD}
        stage = Stage(scripts, policy([SMALL, MID], escalate=Escalation(on=False)))
        for name in ("c1", "c2", "c3", "c4"):
            await answered(stage, asking(name, stream=stream))
        assert stage.upstream.sent == ["small", "small", "small", "mid"]
        assert [each.flaw for each in stage.entry("c3").attempts] == ["bad_arguments"]
        assert [each.flaw for each in stage.entry("c4").attempts] == [""]
        decision = stage.entry("c4").decision
        assert decision is not None
        assert "in place of small" in decision.why
        readings = stage.health.situation().readings
        assert readings.get("small", Reading()).availability is Availability.ADMITTING
        await asyncio.sleep(REST + 1)
        await answered(stage, asking("c5", stream=stream))
        assert stage.upstream.sent[-1] == "small"
        await stage.nursery.aclose()

    run(life())


def test_a_good_answer_ends_the_row_and_other_failures_do_not() -> None:
    async def life() -> None:
        wrong = Refuses(UpstreamRejected)
        stage = Stage({"small": InTurn((BAD, BAD, GOOD, BAD, BAD, wrong, BAD))})
        for number in range(7):
            with suppress(UpstreamRejected):
                await answered(stage, asking(f"c{number}"))
            assert bool(poor(stage.means.flaws)) is (number >= 6)
        await stage.nursery.aclose()

    run(life())


def test_a_caller_who_leaves_teaches_nothing() -> None:
    async def life() -> None:
        stage = Stage({"small": Stalls("no JSON at all", 2)})
        for number in range(5):
            call = a_call(f"c{number}")
            talk = msgspec.structs.replace(call.body.conversation, format=AnswerFormat())
            body = msgspec.structs.replace(call.body, conversation=talk)  # type: ignore[type-var]  # a test's body
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await answered(stage, msgspec.structs.replace(call, body=body))
        assert not poor(stage.means.flaws)
        await stage.nursery.aclose(Seconds(1.0))
        assert stage.entry("c4").attempts[0].flaw == ""

    run(life())


def test_words_are_enough_where_no_tool_had_to_be_called() -> None:
    async def life() -> None:
        stage = Stage({"small": Says("it is sunny")})
        for number in range(5):
            await answered(stage, asking(f"c{number}"))
        assert not poor(stage.means.flaws)
        await stage.nursery.aclose()

    run(life())
