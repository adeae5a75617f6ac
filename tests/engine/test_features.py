"""What is read from a conversation."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.ask import Step
from switchgear.domain.target import APART, Capability
from switchgear.domain.turn import (
    AnswerFormat,
    Conversation,
    Document,
    Image,
    Role,
    Text,
    Thinking,
    Tool,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.engine import features


def talk(*turns: Turn, **changes: object) -> Conversation:
    return msgspec.structs.replace(Conversation(model="auto", turns=turns), **changes)


def user(*texts: str) -> Turn:
    return Turn(Role.USER, tuple(Text(text) for text in texts))


CALLED = Turn(Role.ASSISTANT, (ToolUse(id="t1", name="f", arguments="{}"),))
RESULT = Turn(Role.USER, (ToolResult(id="t1", parts=(Text("42"),)),))


def test_it_counts_what_a_request_holds() -> None:
    text = "First add 12 and 30, then check.\n- it must be exact\n- only ```code```?"
    shape = features.survey(talk(Turn(Role.SYSTEM, (Text("Be brief."),)), user(text)))
    assert (shape.turns, shape.system_chars, shape.last_chars) == (2, 9, len(text))
    assert (shape.digits, shape.questions, shape.code, shape.maths) == (4, 1, True, False)
    assert (shape.constraints, shape.steps) == (2, 4)


def test_the_step_is_told_by_the_last_turn() -> None:
    assert features.step_of(talk(user("hi"))) is Step.USER_TURN
    assert features.step_of(talk(user("hi"), CALLED, RESULT)) is Step.TOOL_RESULT
    assert features.step_of(talk(user("hi"), CALLED)) is Step.CONTINUATION


def test_the_last_results_name_the_calls_they_answer() -> None:
    assert features.last_results(talk(user("hi"), CALLED, RESULT)) == ["t1"]
    assert features.last_results(talk(user("hi"))) == []


def test_what_a_target_must_be_able_to_do_is_read_off_the_conversation() -> None:
    rich = talk(
        Turn(Role.USER, (Image(url="x"), Document(url="y"))),
        tools=(Tool(name="f"),),
        format=AnswerFormat(schema=msgspec.Raw(b"{}")),
        thinking_budget=5,
    )
    needs = features.needs_of(rich, features.survey(rich))
    assert needs == set(Capability) - APART - {Capability.STREAMING, Capability.PREFILL}
    plain = talk(user("hi"), format=AnswerFormat())
    assert features.needs_of(plain, features.survey(plain)) == frozenset()


def test_digests_tell_agents_apart() -> None:
    one, other = (talk(Turn(Role.SYSTEM, (Text(text),)), user("hi")) for text in ("a", "b"))
    assert features.system_digest(one) != features.system_digest(other)
    assert features.system_digest(talk(user("hi"))) == ""
    tools = talk(user("hi"), tools=(Tool(name="f"),))
    assert features.tools_digest(tools) != features.tools_digest(talk(user("hi"))) == ""


def test_wide_letters_take_more_tokens() -> None:
    wide = talk(user("これは長い文章です。" * 20))
    shape = features.survey(wide)
    assert shape.wide
    plain = msgspec.structs.replace(shape, wide=False)
    assert features.input_tokens(shape) > 2 * features.input_tokens(plain)


parts = st.one_of(
    st.builds(Text, st.text()),
    st.builds(Thinking, st.text()),
    st.builds(ToolUse, id=st.text(), name=st.text(), arguments=st.text()),
    st.builds(ToolResult, id=st.text(), parts=st.tuples(st.builds(Text, st.text()))),
    st.builds(Image, url=st.text()),
)
turns = st.builds(Turn, st.sampled_from(Role), st.lists(parts, max_size=4).map(tuple))


@given(st.lists(turns, min_size=1, max_size=6))
def test_any_conversation_can_be_surveyed_and_more_turns_never_count_less(
    some: list[Turn],
) -> None:
    whole, less = talk(*some), talk(*some[:-1])
    shape = features.survey(whole)
    assert shape.chars >= features.survey(less).chars
    assert shape.images >= features.survey(less).images
    for each in (whole, less):  # the one with less may hold nothing at all
        assert features.step_of(each) in Step
        assert features.needs_of(each, shape) is not None
        assert all(isinstance(name, str) for name in features.last_results(each))
    assert features.input_tokens(shape) > 0
