"""An answer that is not good enough goes up, before anything of it has gone on."""

import asyncio

import msgspec
import pytest

from support.climbing import (
    GRAZ,
    NOTHING,
    ON,
    RIGHT,
    WRONG,
    asking,
    climbing,
    for_json,
    for_tools,
    row,
    told,
)
from support.stage import Stage
from support.virtual_time import run
from switchgear.adapters.opinions.memory import MemoryOpinions
from switchgear.adapters.upstreams.scripted import (
    Calls,
    Cuts,
    Gives,
    Refuses,
    Says,
    Script,
    Stalls,
)
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key, Mode, Wishes
from switchgear.domain.denial import Stopped
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import ContentFiltered, UpstreamBusy, UpstreamFailed
from switchgear.domain.escalation import Escalation
from switchgear.domain.event import Finished, Opened, RefusalDelta, Stop, TextDelta, Usage
from switchgear.domain.piece import Piece
from switchgear.domain.supervision import TaskSpent
from switchgear.domain.turn import AnswerFormat
from switchgear.domain.units import Seconds, Tokens

FINE = Says("hi there")
BROKEN = Says("no JSON at all")
OFF = Says('{"town": "Graz"}')
STUCK = Says("and so on and on " * 40)
OPENED = Opened(id="x", model="m")
CHECKER = "tests:good"


def refused(stop: Stop) -> Gives:
    events = (OPENED, RefusalDelta("No."), Finished(stop=stop, usage=Usage()))
    return Gives((Piece(b"{}", events),))


def cut(text: str, output: int) -> Gives:
    usage = Usage(input=Tokens(10), output=Tokens(output))
    events = (OPENED, TextDelta(text), Finished(stop=Stop.LENGTH, usage=usage))
    return Gives((Piece(b"{}", events),))


def lived(stage: Stage, call: Call) -> tuple[str, Stage]:
    """Return who answered, or the code of the error."""

    async def life() -> str:
        found = await told(stage, call)
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == 0
        return found.by or found.error

    return run(life()), stage


@pytest.mark.parametrize(
    ("call", "bad", "good", "flaw"),
    [
        (asking(), NOTHING, FINE, "empty"),
        (for_json(), BROKEN, GRAZ, "broken_json"),
        (for_json(), OFF, GRAZ, "off_schema"),
        (for_tools(), WRONG, RIGHT, "bad_arguments"),
        (for_tools(), Calls("wether"), RIGHT, "unknown_tool"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_of_no_use_goes_up_and_the_better_one_is_delivered(
    call: Call, bad: Script, good: Script, flaw: str, *, stream: bool
) -> None:
    talk = msgspec.structs.replace(call.body.conversation, stream=stream)
    body = msgspec.structs.replace(call.body, conversation=talk)  # type: ignore[type-var]  # a test's body
    call = msgspec.structs.replace(call, body=body)

    async def life() -> None:
        stage = climbing({"small": bad, "mid": good, "large": FINE})
        found = await told(stage, call)
        assert found.head is not None
        assert found.by == "mid"
        assert found.head.reason == f"escalated from small: {flaw}"
        assert found.head.attempts == 2
        assert found.text or found.arguments == '{"city":"Graz"}'
        assert row(stage) == [("small", "first", "", flaw), ("mid", "escalation", "", "")]
        entry = stage.entry()
        assert entry.target == "mid"
        assert entry.cost == sum(each.cost for each in entry.attempts) > 0
        await stage.nursery.aclose()

    run(life())


def test_it_is_the_answer_that_was_checked_byte_for_byte() -> None:
    async def life() -> None:
        alone = await told(climbing({"mid": GRAZ}), for_json(stream=True))
        after = await told(climbing({"small": BROKEN, "mid": GRAZ}), for_json(stream=True))
        assert after.raw == alone.raw
        weak = await told(climbing({"small": BROKEN}), for_json(stream=True))
        kept = await told(climbing({"small": BROKEN, "mid": BROKEN}), for_json(stream=True))
        assert kept.raw == weak.raw
        assert kept.by == "small"

    run(life())


def test_blanks_are_empty_too_unless_they_were_passed_on() -> None:
    for stream, by in ((False, "mid"), (True, "small")):
        stage = climbing({"small": Says(" \n"), "mid": FINE})
        assert lived(stage, asking(stream=stream))[0] == by
        assert row(stage)[0][3] == "empty"


def test_a_good_answer_goes_nowhere() -> None:
    assert lived(climbing({"small": GRAZ, "mid": GRAZ}), for_json())[0] == "small"
    by, stage = lived(climbing({"small": FINE, "mid": FINE}), asking())
    assert by == "small"
    assert row(stage) == [("small", "first", "", "")]


@pytest.mark.parametrize(
    "mid",
    [
        Refuses(UpstreamBusy),
        Refuses(UpstreamFailed),
        Refuses(ContentFiltered),
        Refuses(TaskSpent),
        Cuts("hi there", 1),
        Stalls("hi there", 1),
        BROKEN,
        OFF,
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_where_the_stronger_is_no_better_the_first_answer_is_delivered(
    mid: Script, *, stream: bool
) -> None:
    by, stage = lived(climbing({"small": BROKEN, "mid": mid}), for_json(stream=stream))
    assert by == "small"
    assert stage.entry().end.value == "answered"
    assert [each[:2] for each in row(stage)] == [("small", "first"), ("mid", "escalation")]
    assert stage.entry().code == ""


def test_one_that_is_a_little_better_is_delivered() -> None:
    assert lived(climbing({"small": NOTHING, "mid": BROKEN}), for_json())[0] == "mid"


def test_where_nobody_is_stronger_the_answer_stays() -> None:
    by, stage = lived(climbing({"mid": BROKEN, "small": GRAZ}), for_json())
    assert by == "small"
    by, stage = lived(climbing({"large": BROKEN}), for_json())
    assert by == "large"
    assert row(stage) == [("large", "first", "", "broken_json")]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_it_goes_up_so_often_and_no_oftener(most: int) -> None:
    wish = Escalation(on=True, most=most)
    bad = {"small": BROKEN, "mid": BROKEN, "large": GRAZ}
    by, stage = lived(climbing(bad, wish), for_json())
    assert by == ("small" if most == 1 else "large")
    assert [each[0] for each in row(stage)] == ["small", "mid", "large"][: most + 1]


def test_after_one_that_fails_the_next_is_asked_while_it_may() -> None:
    scripts: dict[str, Script] = {"small": BROKEN, "mid": Refuses(UpstreamFailed), "large": GRAZ}
    assert lived(climbing(scripts), for_json())[0] == "small"
    by, stage = lived(climbing(scripts, Escalation(on=True, most=2)), for_json())
    assert by == "large"
    assert [each[2] for each in row(stage)] == ["", "upstream_failed", ""]


def test_who_refuses_for_safety_is_not_gone_around() -> None:
    scripts: dict[str, Script] = {"small": BROKEN, "mid": Refuses(ContentFiltered), "large": GRAZ}
    assert lived(climbing(scripts, Escalation(on=True, most=3)), for_json())[0] == "small"
    for stop in (Stop.REFUSED, Stop.FILTERED, Stop.END):
        for when in (None, ("empty", "repeated", "unsure", "truncated", CHECKER)):
            wish = Escalation(on=True, when=when)
            stage = climbing({"small": refused(stop), "mid": GRAZ}, wish)
            stage.means.opinions.expect([])
            assert lived(stage, for_json())[0] == "small", (stop, when)


@pytest.mark.parametrize("stop", [Stop.REFUSED, Stop.FILTERED, Stop.END])
def test_a_refusal_goes_up_where_its_owner_says_so_by_name(stop: Stop) -> None:
    wish = Escalation(on=True, when=("refused",))
    by, stage = lived(climbing({"small": refused(stop), "mid": FINE}, wish), asking())
    assert by == "mid"
    assert row(stage)[0][3] == "refused"


def test_only_what_was_named_counts() -> None:
    wish = Escalation(on=True, when=("empty",))
    assert lived(climbing({"small": BROKEN, "mid": GRAZ}, wish), for_json())[0] == "small"


def test_one_that_goes_round_in_circles_goes_up_where_that_is_asked_for() -> None:
    assert lived(climbing({"small": STUCK, "mid": FINE}), asking())[0] == "small"
    wish = Escalation(on=True, when=("repeated",))
    by, stage = lived(climbing({"small": STUCK, "mid": FINE}, wish), asking())
    assert by == "mid"
    assert row(stage)[0][3] == "repeated", "it is on the row, although it was seen late"


@pytest.mark.parametrize(
    ("limit", "wrote", "by"),
    [(None, 50, "mid"), (100, 50, "mid"), (50, 50, "small"), (50, 60, "small"), (9, 0, "small")],
)
def test_an_answer_that_its_target_cut_short_goes_up_but_not_one_that_its_caller_did(
    limit: int | None, wrote: int, by: str
) -> None:
    wish = Escalation(on=True, when=("truncated",))
    stage = climbing({"small": cut("Once upon", wrote), "mid": FINE}, wish)
    assert lived(stage, asking(max_output=limit))[0] == by


@pytest.mark.parametrize(
    ("opinion", "by"), [(0.2, "mid"), (0.49, "mid"), (0.5, "small"), (None, "small")]
)
def test_the_owners_function_is_asked(opinion: float | None, by: str) -> None:
    said = {"hi there": opinion} if opinion is not None else {}
    opinions = MemoryOpinions(said)
    opinions.expect([CHECKER])
    stage = climbing({"small": FINE, "mid": Says("better")}, Escalation(on=True, when=(CHECKER,)))
    stage.router._cascade._means = msgspec.structs.replace(stage.means, opinions=opinions)
    found, _ = lived(stage, asking())
    assert found == by
    (name, viewed), *_ = opinions.asked
    assert name == CHECKER
    assert viewed.text == "hi there"
    assert viewed.facts["model"] == "auto"
    assert row(stage)[0][3] == (CHECKER if by == "mid" else "")


def test_of_two_that_the_function_finds_poor_the_better_is_delivered() -> None:
    for mid, by in ((0.3, "mid"), (0.1, "small")):
        opinions = MemoryOpinions({"hi there": 0.2, "better": mid})
        opinions.expect([CHECKER])
        wish = Escalation(on=True, when=(CHECKER,))
        stage = climbing({"small": FINE, "mid": Says("better")}, wish)
        stage.router._cascade._means = msgspec.structs.replace(stage.means, opinions=opinions)
        assert lived(stage, asking())[0] == by


def test_what_was_passed_on_is_never_taken_back() -> None:
    async def life() -> None:
        wish = Escalation(on=True, when=("broken_json", "repeated", "bad_arguments"))
        stage = climbing({"small": STUCK, "mid": FINE}, wish)
        found = await told(stage, asking(stream=True))
        assert found.by == "small"
        assert found.text == STUCK.text
        await stage.nursery.aclose()

    run(life())


def test_held_streams_are_checked_as_a_whole() -> None:
    wish = Escalation(on=True, when=("repeated",), hold=True)
    by, stage = lived(climbing({"small": STUCK, "mid": FINE}, wish), asking(stream=True))
    assert by == "mid"
    assert row(stage)[0][3] == "repeated"


def test_it_is_off_where_it_was_switched_off() -> None:
    off = Escalation(on=False)
    assert lived(climbing({"small": BROKEN, "mid": GRAZ}, off), for_json())[0] == "small"


def test_who_only_observes_is_left_alone() -> None:
    caller = Caller(key=Key(id="k", mode=Mode.OBSERVE))
    stage = climbing({"small": GRAZ, "mid": GRAZ, "large": BROKEN})
    by, stage = lived(stage, for_json(caller=caller))
    assert by == "large"
    assert len(row(stage)) == 1
    stage = climbing({"small": BROKEN, "mid": GRAZ})
    alias = msgspec.structs.replace(stage.setup.policy.aliases["auto"], stands_for="small")
    stage.setup.policy.aliases["auto"] = alias
    by, stage = lived(stage, for_json(caller=caller))
    assert by == "small"
    assert len(row(stage)) == 1


def test_vectors_are_left_alone() -> None:
    stage = climbing({"small": NOTHING, "mid": FINE})
    call = msgspec.structs.replace(asking(), endpoint=Endpoint.EMBED)
    assert lived(stage, call)[0] == "small"


def test_whoever_is_asked_for_by_name_answers() -> None:
    stage = climbing({"small": BROKEN, "mid": GRAZ})
    assert lived(stage, for_json(model="small"))[0] == "small"


def test_the_time_that_the_caller_gave_is_kept() -> None:
    caller = Caller(wishes=Wishes(patience=Seconds(1.0)))
    by, stage = lived(climbing({"small": BROKEN, "mid": GRAZ}), for_json(caller=caller))
    assert by == "small"
    assert stage.entry().skipped == ("mid(out_of_time)",)


def test_a_call_that_is_stopped_has_no_answer_whatever_there_was() -> None:
    by, stage = lived(climbing({"small": BROKEN, "mid": Refuses(Stopped)}), for_json())
    assert by == "stopped"
    assert stage.entry().end.value == "failed"


def test_the_caller_may_leave_while_the_stronger_is_asked() -> None:
    async def life() -> None:
        stage = climbing({"small": BROKEN, "mid": Stalls("", -1)})
        task = asyncio.ensure_future(told(stage, for_json()))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait({task})
        await stage.nursery.aclose(Seconds(1.0))
        assert stage.upstream.open_answers == 0
        assert stage.slots.taken == 0
        assert [each[2] for each in row(stage)] == ["", "client_left"]

    run(life())


def test_a_stronger_one_that_breaks_off_in_a_stream_of_words_was_not_passed_on() -> None:
    by, stage = lived(climbing({"small": NOTHING, "mid": Cuts("hi there", 1)}), asking(stream=True))
    assert by == "small"
    assert stage.entry().end.value == "answered"
    assert [each[1] for each in row(stage)] == ["first", "escalation"]


def test_json_without_a_schema_must_only_be_json() -> None:
    call = asking(format=AnswerFormat())
    assert lived(climbing({"small": OFF, "mid": GRAZ}), call)[0] == "small"
    assert ON.on
