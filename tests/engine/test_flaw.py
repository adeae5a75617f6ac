"""Answers that are of no use, and those that are."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Tool, ToolChoice
from switchgear.engine.flaw import (
    MOST_ARGUMENTS,
    MOST_TEXT,
    Flaw,
    Said,
    find_flaw,
    judge,
    judged,
    route_of,
    summed_up,
)

SCHEMA = b'{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
WEATHER = Tool(name="weather", schema=msgspec.Raw(SCHEMA))
CLOCK = Tool(name="clock")
TALK = Conversation(model="auto", turns=())
TOOLS = msgspec.structs.replace(TALK, tools=(WEATHER, CLOCK))
JSON = msgspec.structs.replace(TALK, format=AnswerFormat())
SHAPED = msgspec.structs.replace(TALK, format=AnswerFormat(schema=msgspec.Raw(SCHEMA)))
LARGE = msgspec.Raw(b'{"type":"object","description":"' + b"x" * MOST_ARGUMENTS + b'"}')
HUGE = msgspec.structs.replace(TALK, format=AnswerFormat(schema=LARGE))
GOOD = '{"city":"Graz"}'


def must(choice: Choice, name: str = "") -> Conversation:
    return msgspec.structs.replace(TOOLS, tool_choice=ToolChoice(choice=choice, name=name))


def words(*texts: str, stop: Stop = Stop.END) -> list[Event]:
    return [Opened(id="a", model="m"), *map(TextDelta, texts), Finished(stop=stop)]


def calling(*calls: tuple[str, str], stop: Stop = Stop.TOOL_USE) -> list[Event]:
    events: list[Event] = [Opened(id="a", model="m")]
    for at, (name, arguments) in enumerate(calls):
        events.append(ToolStarted(index=at, id=f"t{at}", name=name))
        events += [ToolDelta(index=at, json=each) for each in arguments]
    return [*events, Finished(stop=stop)]


REQUIRED, NAMED = must(Choice.REQUIRED), must(Choice.NAMED, "weather")


@pytest.mark.parametrize(
    ("talk", "events", "flaw"),
    [
        (TALK, words("hi"), None),
        (TALK, words(), Flaw.EMPTY),
        (TALK, words(" ", "\n"), Flaw.EMPTY),
        (TALK, [ThinkingDelta("hm"), *words()], Flaw.EMPTY),
        (TALK, [RefusalDelta("no"), *words()], None),
        (JSON, words('{"a"', ":1}"), None),
        (JSON, words('{"a"', ":1"), Flaw.BROKEN_JSON),
        (JSON, words("```json\n{}\n```"), Flaw.BROKEN_JSON),
        (JSON, words(), Flaw.EMPTY),
        (JSON, words("[" * 100_000), Flaw.BROKEN_JSON),
        (JSON, words("x" * (MOST_TEXT + 1)), None),
        (SHAPED, words('{"city":', '"Graz"}'), None),
        (SHAPED, words('{"city":3}'), Flaw.OFF_SCHEMA),
        (SHAPED, words("[]"), Flaw.OFF_SCHEMA),
        (SHAPED, words('{"city"'), Flaw.BROKEN_JSON),
        (HUGE, words("[]"), None),
        (TOOLS, words("no need"), None),
        (TOOLS, calling(("weather", GOOD)), None),
        (TOOLS, calling(("weather", GOOD), ("clock", "")), None),
        (TOOLS, calling(("weather", '{"city":3}')), Flaw.BAD_ARGUMENTS),
        (TOOLS, calling(("weather", "{}")), Flaw.BAD_ARGUMENTS),
        (TOOLS, calling(("weather", "")), Flaw.BAD_ARGUMENTS),
        (TOOLS, calling(("weather", '{"city":')), Flaw.BAD_ARGUMENTS),
        (TOOLS, calling(("weather", '["Graz"]')), Flaw.BAD_ARGUMENTS),
        (TOOLS, calling(("clock", '{"city":3}')), None),
        (TOOLS, calling(("clock", ""), ("weather", "null")), Flaw.BAD_ARGUMENTS),
        (TOOLS, calling(("wether", GOOD)), Flaw.UNKNOWN_TOOL),
        (TALK, calling(("weather", GOOD)), Flaw.UNKNOWN_TOOL),
        (TOOLS, calling(("weather", "x" * (MOST_ARGUMENTS + 1))), None),
        (REQUIRED, words("I will not"), Flaw.NO_TOOL),
        (REQUIRED, words(), Flaw.NO_TOOL),
        (REQUIRED, calling(("clock", "")), None),
        (NAMED, calling(("clock", "")), Flaw.NO_TOOL),
        (NAMED, calling(("clock", ""), ("weather", GOOD)), None),
        (NAMED, words("hm"), Flaw.NO_TOOL),
        (must(Choice.NONE), words("hm"), None),
    ],
)
def test_each_answer_is_what_it_is(
    talk: Conversation, events: list[Event], flaw: Flaw | None
) -> None:
    assert find_flaw(talk, events) is flaw


def test_every_flaw_is_found_somewhere_above() -> None:
    marks = test_each_answer_is_what_it_is.pytestmark  # type: ignore[attr-defined]  # pytest's
    assert {case[2] for case in marks[0].args[1]} == {*Flaw, None}


@pytest.mark.parametrize("stop", [each for each in Stop if each not in {Stop.END, Stop.TOOL_USE}])
def test_what_was_cut_short_filtered_or_refused_is_judged_by_nobody(stop: Stop) -> None:
    assert find_flaw(TALK, words(stop=stop)) is None
    assert find_flaw(JSON, words("{", stop=stop)) is None
    assert find_flaw(TOOLS, calling(("weather", "{"), stop=stop)) is None
    assert find_flaw(REQUIRED, words("hm", stop=stop)) is None


def test_tools_that_the_provider_runs_are_not_held_against_anybody() -> None:
    own = msgspec.structs.replace(REQUIRED, unread=("tools.web_search",))
    assert find_flaw(own, calling(("web_search", "{}"))) is None
    assert find_flaw(own, words("found it")) is None
    assert find_flaw(own, calling(("weather", "{}"))) is Flaw.BAD_ARGUMENTS


def test_a_schema_that_is_none_holds_nothing_against_anybody() -> None:
    for schema in (b"7", b"[]", b"true", b'{"type":"no such"}', b'{"$ref":"http://x/"}'):
        talk = msgspec.structs.replace(TALK, tools=(Tool(name="t", schema=msgspec.Raw(schema)),))
        assert find_flaw(talk, calling(("t", "{}"))) is None


def test_an_answer_without_an_end_is_not_judged() -> None:
    assert find_flaw(TALK, words()[:-1]) is None


@given(st.text(), st.text())
def test_routes_differ_by_name_and_by_rule(model: str, rule: str) -> None:
    assert route_of(model, "") == model
    assert (route_of(model, rule) == model) is (rule == "")


texts = st.text('{}[]":,a1 \n', max_size=20)
chunks = st.lists(
    st.one_of(
        texts.map(TextDelta),
        texts.map(ThinkingDelta),
        st.builds(ToolStarted, index=st.integers(0, 2), id=texts, name=st.sampled_from("abc")),
        st.builds(ToolDelta, index=st.integers(0, 3), json=texts),
    ),
    max_size=12,
)


@given(chunks, st.sampled_from(Stop), st.sampled_from([TALK, JSON, TOOLS, REQUIRED, NAMED]))
def test_any_answer_is_judged_and_how_it_was_cut_up_does_not_matter(
    events: list[Event], stop: Stop, talk: Conversation
) -> None:
    whole = [*events, Finished(stop=stop)]
    said = summed_up(whole)
    assert said is not None
    finer: list[Event] = []
    for event in whole:
        match event:
            case TextDelta():
                finer += [TextDelta(letter) for letter in event.text]
            case ToolDelta():
                finer += [ToolDelta(index=event.index, json=each) for each in event.json]
            case _:
                finer.append(event)
    flaw = find_flaw(talk, whole)
    assert flaw is find_flaw(talk, finer)
    assert flaw is judge(talk, said)
    assert flaw is None or judged(said)


@given(st.text(max_size=30))
def test_an_answer_of_words_alone_is_flawed_only_if_it_is_blank(text: str) -> None:
    said = Said(stop=Stop.END, spoke=text.strip() != "")
    assert (judge(TALK, said) is None) is (text.strip() != "")
