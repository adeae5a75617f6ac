"""An answer that breaks off after the caller had some of it."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from support.cast import MID, SMALL, policy
from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import (
    Act,
    Calls,
    Cuts,
    Gives,
    InTurn,
    Refuses,
    Says,
    Script,
    ScriptedUpstream,
    Stalls,
)
from switchgear.domain.attempt import Role
from switchgear.domain.call import Call
from switchgear.domain.decision import Rescue
from switchgear.domain.edit import Append, CapOutput, Prefill
from switchgear.domain.entry import End
from switchgear.domain.errors import (
    ContentFiltered,
    UpstreamError,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamRejected,
)
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
from switchgear.domain.piece import Piece
from switchgear.domain.target import Capability
from switchgear.domain.turn import AnswerFormat
from switchgear.domain.turn import Role as Speaker
from switchgear.engine.splice import Splice
from switchgear.pipeline.rescue import MOST_CHARS, PROMPT, Delivered, edits
from switchgear.pipeline.rescue import Rescue as Mending
from switchgear.ports.handler import Trail
from switchgear.ports.upstream import Order

STORY = "Once upon a time there was a very small router that never lost a single word of a tale."
REST = "a single word of a tale."
HALF = STORY.removesuffix(REST)
OPENED = Opened(id="x", model="m")


class Continuing(ScriptedUpstream):
    """Where it is asked to go on, it says the rest of the story, with the last words again."""

    def __init__(self, scripts: Mapping[str, Script], back: int) -> None:
        super().__init__(scripts)
        self._back = back

    @override
    def enter(self, order: Order) -> Act:
        act = super().enter(order)
        so_far = said_before(order)
        if so_far is None or not isinstance(act, Says | Cuts):
            return act
        start = max(0, len(so_far) - self._back)
        return msgspec.structs.replace(act, text=act.text[start:])


def said_before(order: Order) -> str | None:
    for edit in order.edits:
        if isinstance(edit, Prefill):
            return edit.text
        if isinstance(edit, Append):
            (part,) = edit.turns[0].parts
            return getattr(part, "text", None)
    return None


def stage_of(scripts: Mapping[str, Script], rescue: Rescue = Rescue.CONTINUE) -> Stage:
    rules = policy([each for each in policy().targets if each.id in scripts], rescue=rescue)
    return Stage(scripts, rules)


def told(stage: Stage, call: Call | None = None) -> tuple[list[Event], UpstreamError | None]:
    """Read one answer; return its events, and what it broke off with."""

    async def life() -> tuple[list[Event], UpstreamError | None]:
        events: list[Event] = []
        failure = None
        reply = await stage.handler(call or a_call(), Trail())
        try:
            async for piece in reply.pieces:
                events += piece.seen
        except UpstreamError as error:
            failure = error
        finally:
            reply.close()
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0
        return events, failure

    return run(life())


def words(events: list[Event]) -> str:
    return "".join([each.text for each in events if isinstance(each, TextDelta)])


def roles(stage: Stage) -> list[tuple[str, Role, str]]:
    return [(each.target, each.role, each.code) for each in stage.entry().attempts]


@pytest.mark.parametrize("broken", [Cuts, Stalls], ids=["cut", "stalled"])
def test_another_target_goes_on_where_one_broke_off(broken: type[Cuts | Stalls]) -> None:
    stage = stage_of({"small": broken(STORY, 13), "mid": Says(REST)})
    events, failure = told(stage)
    assert failure is None
    assert words(events) == STORY
    assert isinstance(events[-1], Finished)
    code = "upstream_lost" if broken is Cuts else "upstream_silent"
    assert roles(stage) == [("small", Role.FIRST, code), ("mid", Role.RESCUE, "")]
    assert (stage.entry().end, stage.entry().target) == (End.ANSWERED, "small")


def words_through(rescue: type[Mending], cut: int, second: int, back: int) -> str:
    """Return what the caller has when the first breaks off after ``cut`` words, and the second."""
    scripts: dict[str, Script]
    scripts = {"small": Cuts(STORY, cut), "mid": Cuts(STORY, second), "large": Says(STORY)}

    async def life() -> str:
        stage = Stage(scripts, around=Scenery(upstream=Continuing(scripts, back)))
        call, trail = a_call(), Trail()
        journey = stage.router.journey(call, trail, stage.router.decide(call))
        attempt = await journey.committed()
        assert attempt is not None
        reading = rescue(journey, attempt, call.body.conversation)
        events: list[Event] = []
        while (piece := await reading.read()) is not None:
            events += piece.seen
        reading.close()
        assert stage.upstream.open_answers == 0
        return words(events)

    return run(life())


CUTS = st.integers(1, 17)
BACKS = st.just(0) | st.integers(12, 40)


@given(cut=CUTS, second=st.integers(0, 17), back=BACKS)
def test_whoever_breaks_off_wherever_the_caller_has_each_word_once(
    cut: int, second: int, back: int
) -> None:
    assert words_through(Mending, cut, second, back) == STORY


class Doubling(Mending):
    """Passes on all that a rescuer says."""

    @override
    def _joined(self, piece: Piece, splice: Splice) -> Piece | None:
        return Piece(None, piece.seen)


class Forgetting(Mending):
    """Does not count as delivered what a rescuer said."""

    @override
    async def read(self) -> Piece | None:
        piece = await super().read()
        if piece is not None and piece.raw is None:
            self._delivered = Delivered()
        return piece


@pytest.mark.parametrize("twin", [Doubling, Forgetting])
def test_a_broken_rescue_is_found_by_that(twin: type[Mending]) -> None:
    found = [words_through(twin, 3, 5, back) for back in (0, 15)]
    assert found != [STORY, STORY]


def test_the_rest_is_asked_for_as_a_prefill_where_the_target_can_else_by_a_prompt() -> None:
    talk = a_call().body.conversation
    (prefill,) = edits(SMALL, talk, "so far \n")
    assert prefill == Prefill("so far")
    plain = msgspec.structs.replace(SMALL, capabilities=frozenset())
    (prompt,) = edits(plain, talk, "so far \n")
    assert isinstance(prompt, Append)
    assert [turn.role for turn in prompt.turns] == [Speaker.ASSISTANT, Speaker.USER]
    assert getattr(prompt.turns[1].parts[0], "text", "") == PROMPT
    assert edits(SMALL, talk, " ") == ()


def test_a_target_that_thinks_gets_no_prefill() -> None:
    talk = msgspec.structs.replace(a_call().body.conversation, effort="high")
    assert isinstance(edits(SMALL, talk, "so far")[0], Append)


def test_what_was_said_counts_against_the_callers_limit() -> None:
    talk = msgspec.structs.replace(a_call().body.conversation, max_output=100)
    cap = edits(SMALL, talk, "x" * 200)[0]
    assert isinstance(cap, CapOutput)
    assert 30 <= cap.tokens <= 60


def test_a_rescuers_rejection_never_hides_the_first_failure() -> None:
    stage = stage_of({"small": Cuts(STORY, 3), "mid": Refuses(UpstreamRejected("no prefill"))})
    _, failure = told(stage)
    assert isinstance(failure, UpstreamLost)
    assert (stage.entry().end, stage.entry().code) == (End.CUT, "upstream_lost")


def test_after_one_rescuer_the_next_is_asked() -> None:
    stage = stage_of(
        {"small": Cuts(STORY, 13), "mid": Refuses(UpstreamRejected), "large": Says(REST)}
    )
    events, failure = told(stage)
    assert (words(events), failure) == (STORY, None)


def test_where_there_is_nobody_else_the_same_target_is_asked_once() -> None:
    stage = stage_of({"small": InTurn((Cuts(STORY, 13), Says(REST)))})
    events, failure = told(stage)
    assert (words(events), failure) == (STORY, None)
    again = stage_of({"small": Cuts(STORY, 3)})
    assert isinstance(told(again)[1], UpstreamLost)
    assert again.upstream.sent == ["small", "small"]


def test_one_who_begins_anew_with_other_words_is_not_passed_on() -> None:
    anew = HALF[:60] + "and then everything was different, in other words altogether, to the end."
    stage = stage_of({"small": Cuts(STORY, 13), "mid": Says(anew), "large": Says(REST)})
    events, failure = told(stage)
    assert (words(events), failure) == (STORY, None)
    assert roles(stage)[1] == ("mid", Role.RESCUE, "upstream_garbled")


def test_a_refusal_is_never_gone_on_with() -> None:
    refusing = Gives((Piece(b"1", (OPENED, RefusalDelta("I will"))),))
    stage = stage_of({"small": refusing, "mid": Says("sure")})
    assert isinstance(told(stage)[1], UpstreamLost)
    assert stage.upstream.sent == ["small"]


def test_a_filter_that_strikes_in_the_middle_is_not_routed_around() -> None:
    stage = stage_of({"small": Cuts(STORY, 3, ContentFiltered), "mid": Says(REST)})
    assert isinstance(told(stage)[1], ContentFiltered)
    assert stage.upstream.sent == ["small"]


TOOL = Piece(b"2", (ToolStarted(index=0, id="t", name="f"),))
PART = Piece(b"3", (ToolDelta(index=0, json='{"a":'),))


def test_a_tool_call_that_breaks_off_is_made_anew_and_its_beginning_never_seen() -> None:
    said = Piece(b"1", (OPENED, TextDelta("I look. ")))
    stage = stage_of({"small": Gives((said, TOOL, PART)), "mid": Calls("f", '{"a":1}', id="t2")})
    events, failure = told(stage)
    assert failure is None
    assert words(events) == "I look. "
    assert [each.id for each in events if isinstance(each, ToolStarted)] == ["t2"]
    assert "".join([each.json for each in events if isinstance(each, ToolDelta)]) == '{"a":1}'


def test_an_answer_that_is_only_a_tool_call_is_made_anew_before_anything_is_seen() -> None:
    stage = stage_of({"small": Gives((TOOL, PART)), "mid": Calls("f", '{"a":1}', id="t2")})
    events, failure = told(stage)
    assert failure is None
    assert [each.id for each in events if isinstance(each, ToolStarted)] == ["t2"]
    assert stage.entry().target == "mid"


def test_thinking_alone_is_gone_on_with_without_thinking_twice() -> None:
    thought = Piece(b"1", (OPENED, ThinkingDelta("hm")))
    stage = stage_of(
        {
            "small": Gives((thought,)),
            "mid": Gives((thought, Piece(b"2", (TextDelta("yes"), Finished(stop=Stop.END))))),
        }
    )
    events, failure = told(stage)
    assert failure is None
    assert [each for each in events if isinstance(each, ThinkingDelta)] == [ThinkingDelta("hm")]
    assert words(events) == "yes"


def test_with_hold_nothing_is_seen_before_all_is_there() -> None:
    stage = stage_of({"small": Cuts(STORY, 13), "mid": Says(STORY)}, rescue=Rescue.HOLD)
    events, failure = told(stage)
    assert (words(events), failure) == (STORY, None)
    assert roles(stage)[-1] == ("mid", Role.FALLBACK, "")
    assert stage.entry().target == "mid"


def test_with_error_the_caller_is_told_and_nobody_else_is_asked() -> None:
    stage = stage_of({"small": Cuts(STORY, 3), "mid": Says(REST)}, rescue=Rescue.ERROR)
    _, failure = told(stage)
    assert isinstance(failure, UpstreamLost)
    assert stage.upstream.sent == ["small"]


def test_an_answer_that_must_be_json_is_made_anew_and_never_spliced() -> None:
    call = a_call()
    talk = msgspec.structs.replace(call.body.conversation, format=AnswerFormat())
    call = msgspec.structs.replace(
        call,
        body=msgspec.structs.replace(call.body, conversation=talk),  # type: ignore[type-var]  # a test's body
    )
    stage = stage_of({"small": Cuts('{"a": 1, "b": 2}', 2), "mid": Says('{"a": 3}')})
    events, _ = told(stage, call)
    assert words(events) == '{"a": 3}'


def test_usage_counts_what_the_first_had_said() -> None:
    stage = stage_of({"small": Cuts(STORY, 13), "mid": Says(REST)})
    events, _ = told(stage)
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.usage is not None
    assert end.usage.output > 5, "the rescuer alone said 5"
    first = stage.entry().attempts[0]
    assert first.estimated
    assert first.cost > 0, "what it said before it broke may be billed"


def test_pieces_of_a_rescuer_have_no_bytes_and_the_first_says_what_came_before() -> None:
    async def life() -> list[Piece]:
        stage = stage_of({"small": Cuts(STORY, 13), "mid": Says(REST)})
        reply = await stage.handler(a_call(), Trail())
        pieces = [piece async for piece in reply.pieces]
        reply.close()
        return pieces

    pieces = run(life())
    later = [piece for piece in pieces if piece.raw is None]
    assert words(list(later[0].before)) == HALF
    assert not any(piece.before for piece in later[1:])


def test_a_very_long_answer_is_not_kept() -> None:
    delivered = Delivered()
    delivered.note([TextDelta("x" * MOST_CHARS)])
    assert delivered.resumable
    delivered.note([TextDelta("x")])
    assert not delivered.resumable


def test_leaving_while_somebody_is_asked_to_go_on_closes_all() -> None:
    async def life() -> None:
        stage = stage_of({"small": Cuts(STORY, 1), "mid": Stalls(after=-1)})
        reply = await stage.handler(a_call(), Trail())

        async def read() -> None:
            async for _ in reply.pieces:
                pass

        async with asyncio.TaskGroup() as group:
            reader = group.create_task(read())
            await asyncio.sleep(1)
            reader.cancel()
        reply.close()
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0
        assert stage.entry().end is End.LEFT

    run(life())


def test_garbage_in_the_middle_is_rescued_too() -> None:
    stage = stage_of({"small": Cuts(STORY, 13, UpstreamGarbled), "mid": Says(REST)})
    assert words(told(stage)[0]) == STORY


def test_the_rescuer_that_takes_a_prefill_gets_it() -> None:
    able = msgspec.structs.replace(MID, capabilities=frozenset({Capability.PREFILL}))
    unable = msgspec.structs.replace(MID, capabilities=frozenset())
    for target, edit in ((able, Prefill), (unable, Append)):
        stage = Stage({"small": Cuts(STORY, 13), "mid": Says(REST)}, policy([SMALL, target]))
        told(stage)
        assert isinstance(stage.upstream.orders[1].edits[0], edit)
