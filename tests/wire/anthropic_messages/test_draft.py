import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import AskUsage, CapOutput, UseModel
from switchgear.domain.turn import (
    AnswerFormat,
    Choice,
    Conversation,
    Document,
    Image,
    Part,
    Role,
    Sampling,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire.anthropic_messages import TONGUE
from switchgear.wire.anthropic_messages.draft import DEFAULT_OUTPUT

HI = Turn(Role.USER, (Text("hi"),))
OLD, NEW = "claude-sonnet-4-5", "claude-opus-4-8"

WORDS = st.text("ab ", min_size=1, max_size=5).filter(str.strip).map(str.strip)
TEXTS = st.builds(Text, WORDS, st.booleans())
IMAGES = st.builds(Image, url=WORDS, cache=st.booleans()) | st.builds(
    Image, media_type=st.just("image/png"), data=st.just("QQ=="), cache=st.booleans()
)
DOCUMENTS = st.builds(Document, url=WORDS, name=st.just("n")) | st.sampled_from(
    (
        Document(media_type="application/pdf", data="QQ=="),
        Document(media_type="text/plain", data="w6k=", cache=True),
    )
)
RESULTS = st.builds(
    ToolResult,
    id=st.sampled_from(("t1", "t2")),
    parts=st.lists(TEXTS | IMAGES | DOCUMENTS, max_size=3).map(tuple),
    failed=st.booleans(),
    cache=st.booleans(),
)
CALLS = st.builds(
    ToolUse,
    id=st.sampled_from(("t1", "t2")),
    name=WORDS,
    arguments=st.sampled_from(("", '{"z":1,"a":"b"}')),
    cache=st.booleans(),
)
HERE = st.just(Dialect.ANTHROPIC_MESSAGES)
THOUGHTS = st.builds(Thinking, WORDS, WORDS, origin=HERE) | st.builds(
    Thinking, st.just(""), redacted=WORDS, origin=HERE
)
USERS = st.tuples(
    st.lists(RESULTS, max_size=2), st.lists(TEXTS | IMAGES | DOCUMENTS, min_size=1, max_size=2)
).map(lambda parts: Turn(Role.USER, (*parts[0], *parts[1])))
ASSISTANTS = st.lists(TEXTS | CALLS | THOUGHTS, min_size=1, max_size=3).map(
    lambda parts: Turn(Role.ASSISTANT, tuple(parts))
)
SYSTEMS = st.lists(TEXTS, min_size=1, max_size=2).map(lambda p: (Turn(Role.SYSTEM, tuple(p)),))
TALKS = st.builds(
    lambda system, pairs: (*system, *(turn for pair in pairs for turn in pair)),
    SYSTEMS | st.just(()),
    st.lists(st.tuples(USERS, ASSISTANTS), min_size=1, max_size=3),
)
SCHEMAS = st.sampled_from((b'{"type":"object","properties":{}}', b'{"type": "object"}'))
TOOLS = st.builds(
    Tool,
    name=WORDS,
    description=WORDS,
    schema=SCHEMAS.map(msgspec.Raw),
    strict=st.none() | st.booleans(),
    cache=st.booleans(),
)
CONVERSATIONS = st.builds(
    Conversation,
    model=st.just("some-model"),
    turns=TALKS,
    stream=st.booleans(),
    tools=st.lists(TOOLS, min_size=1, max_size=2).map(tuple),
    tool_choice=st.none()
    | st.builds(
        ToolChoice,
        choice=st.sampled_from((Choice.AUTO, Choice.REQUIRED)),
        parallel=st.none() | st.booleans(),
    ),
    max_output=st.integers(1, 9000),
    stop=st.lists(WORDS, max_size=2).map(tuple),
    format=st.none()
    | st.builds(AnswerFormat, schema=SCHEMAS.map(msgspec.Raw), strict=st.just(value=True)),
    sampling=st.builds(
        Sampling,
        temperature=st.none() | st.just(0.5),
        top_p=st.none() | st.just(0.9),
        top_k=st.none() | st.just(4),
    ),
    thinking_budget=st.none() | st.just(0),
    end_user=st.just("") | WORDS,
)


def talk(*turns: Turn, **fields: object) -> Conversation:
    return Conversation(model=OLD, turns=turns or (HI,), **fields)  # type: ignore[arg-type]  # a test's shorthand


def written(conversation: Conversation, *edits: UseModel | CapOutput | AskUsage) -> Any:
    return json.loads(TONGUE.write(conversation, edits)[0])


def dropped(conversation: Conversation) -> tuple[str, ...]:
    return TONGUE.write(conversation, ())[1]


def messages(*turns: Turn) -> Any:
    return written(talk(*turns))["messages"]


@given(CONVERSATIONS)
def test_what_it_can_carry_comes_back_as_it_was(conversation: Conversation) -> None:
    raw, lost = TONGUE.write(conversation, ())
    assert lost == ()
    assert TONGUE.parse(raw).conversation == conversation


@given(TALKS, USERS)
def test_a_longer_talk_begins_with_the_same_bytes(turns: tuple[Turn, ...], more: Turn) -> None:
    short = TONGUE.write(talk(*turns), ())[0].partition(b'"messages":')[2]
    long = TONGUE.write(talk(*turns, more), ())[0].partition(b'"messages":')[2]
    assert long.startswith(short.rstrip(b"}").removesuffix(b"]"))


@given(st.lists(USERS | ASSISTANTS | TEXTS.map(lambda text: Turn(Role.SYSTEM, (text,)))))
def test_user_and_assistant_take_turns_and_the_user_begins(turns: list[Turn]) -> None:
    said = messages(*turns)
    for place, turn in enumerate(said):
        assert turn["role"] == ("user", "assistant")[place % 2]
        assert turn["content"]


def test_one_plain_system_text_is_a_string_and_several_are_blocks() -> None:
    one = Turn(Role.SYSTEM, (Text("a"),))
    assert written(talk(one, HI))["system"] == "a"
    two = written(talk(one, Turn(Role.SYSTEM, (Text("b", cache=True),)), HI))["system"]
    assert [block["text"] for block in two] == ["a", "b"]
    assert two[1]["cache_control"] == {"type": "ephemeral"}


def test_a_later_system_turn_is_told_to_the_user_in_its_place() -> None:
    [first, _, last] = messages(
        HI, Turn(Role.ASSISTANT, (Text("a"),)), Turn(Role.SYSTEM, (Text("b"),)), HI
    )
    assert first["content"][0]["text"] == "hi"
    assert [block["text"] for block in last["content"]] == ["<system>\nb\n</system>", "hi"]


def test_a_talk_that_the_assistant_begins_gets_a_silent_user() -> None:
    assert [turn["role"] for turn in messages(Turn(Role.ASSISTANT, (Text("a "),)))] == [
        "user",
        "assistant",
    ]


def test_a_prefilled_answer_ends_without_blanks() -> None:
    assert messages(HI, Turn(Role.ASSISTANT, (Text("a \n"),)))[1]["content"][0]["text"] == "a"


def test_blank_texts_are_left_out() -> None:
    said = messages(Turn(Role.USER, (Text(""), Text(" \n"), Text("a"))), Turn(Role.USER, ()))
    assert said == [{"role": "user", "content": [{"type": "text", "text": "a"}]}]


def test_results_stand_before_words_in_a_turn() -> None:
    result = ToolResult(id="a", parts=(Text("1"),))
    other = ToolResult(id="b", parts=())
    [turn] = messages(Turn(Role.USER, (Text("x"), result)), Turn(Role.USER, (other, Text("y"))))
    assert [block.get("tool_use_id", block.get("text")) for block in turn["content"]] == [
        "a",
        "b",
        "x",
        "y",
    ]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", {}),
        ('{"a": 1}', {"a": 1}),
        ("[1]", {"_raw": "[1]"}),
        ('{"a":', {"_raw": '{"a":'}),
        ('{"a":' * 5000, {"_raw": '{"a":' * 5000}),
    ],
)
def test_a_tools_input_is_an_object_whatever_the_model_wrote(text: str, given: object) -> None:
    call = ToolUse(id="call 1/é", name="f", arguments=text)
    [_, turn] = messages(HI, Turn(Role.ASSISTANT, (call,)))
    assert turn["content"] == [{"type": "tool_use", "id": "call_1__", "name": "f", "input": given}]


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (Thinking("a"), "reasoning_content"),
        (Image(url="u", detail="low"), "messages.content.image_url.detail"),
        (Document(media_type="text/plain", data="!"), "messages.content.file"),
        (Document(media_type="application/zip", data="QQ=="), "messages.content.file"),
    ],
)
def test_a_part_that_cannot_be_carried_is_named(part: Part, name: str) -> None:
    assert dropped(talk(HI, Turn(Role.USER, (part,)))) == (name,)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"sampling": Sampling(seed=0)}, "seed"),
        ({"sampling": Sampling(frequency_penalty=1)}, "frequency_penalty"),
        ({"sampling": Sampling(presence_penalty=1)}, "presence_penalty"),
        ({"sampling": Sampling(temperature=0.1, top_p=0.2)}, "top_p"),
        ({"format": AnswerFormat()}, "response_format"),
        ({"metadata": (("a", "b"),)}, "metadata"),
        ({"stop": (" ", "a")}, "stop"),
        ({"unread": ("logit_bias",)}, "logit_bias"),
        ({"effort": "low", "max_output": 1000}, "reasoning_effort"),
        ({"effort": "strange"}, "reasoning_effort"),
    ],
)
def test_a_field_that_cannot_be_carried_is_named(fields: dict[str, object], name: str) -> None:
    assert dropped(talk(HI, **fields)) == (name,)


def test_a_temperature_above_one_is_one_and_named() -> None:
    hot = talk(HI, sampling=Sampling(temperature=1.7))
    assert written(hot)["temperature"] == 1
    assert dropped(hot) == ("temperature",)


def test_the_limit_is_the_callers_or_the_caps_or_the_known_default() -> None:
    assert written(talk())["max_tokens"] == DEFAULT_OUTPUT
    assert written(talk(), CapOutput(9999))["max_tokens"] == 9999
    assert written(talk(max_output=5), CapOutput(9))["max_tokens"] == 5
    assert written(talk(max_output=9), CapOutput(5), AskUsage())["max_tokens"] == 5


def test_the_model_is_the_edits() -> None:
    assert written(talk(), UseModel("x"))["model"] == "x"


def test_a_tool_without_a_schema_takes_nothing() -> None:
    chosen = talk(
        tools=(Tool(name="f"),),
        tool_choice=ToolChoice(choice=Choice.NAMED, name="f", parallel=False),
    )
    assert written(chosen)["tools"] == [
        {"name": "f", "input_schema": {"type": "object", "properties": {}}}
    ]
    assert written(chosen)["tool_choice"] == {
        "type": "tool",
        "name": "f",
        "disable_parallel_tool_use": True,
    }


def test_a_choice_without_tools_is_no_choice() -> None:
    assert "tool_choice" not in written(talk(tool_choice=ToolChoice(choice=Choice.NONE)))


def test_a_schema_for_the_answer_is_carried() -> None:
    shaped = talk(format=AnswerFormat(schema=msgspec.Raw(b'{"type":"object"}')))
    assert written(shaped)["output_config"] == {
        "format": {"type": "json_schema", "schema": {"type": "object"}}
    }


@pytest.mark.parametrize(
    ("effort", "limit", "budget"),
    [("low", 9000, 2048), ("medium", 9000, 4500), ("high", 99_000, 16_384), ("low", 1100, 1024)],
)
def test_effort_becomes_a_budget_that_leaves_room_to_answer(
    effort: str, limit: int, budget: int
) -> None:
    found = written(
        talk(effort=effort, max_output=limit, sampling=Sampling(temperature=0.2, top_p=0.99))
    )
    assert found["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert "temperature" not in found
    assert found["top_p"] == 0.99


def test_sampling_that_thinking_forbids_is_named() -> None:
    said = Sampling(temperature=0.2, top_p=0.5, top_k=3)
    assert dropped(talk(effort="low", sampling=said)) == ("temperature", "top_p", "top_k")


def test_later_models_take_the_effort_itself_and_no_sampling() -> None:
    asked = talk(HI, effort="minimal", sampling=Sampling(temperature=0.2))
    raw, lost = TONGUE.write(asked, (UseModel(NEW),))
    found = json.loads(raw)
    assert found["thinking"] == {"type": "adaptive"}
    assert found["output_config"] == {"effort": "low"}
    assert lost == ("temperature",)


def test_thinking_is_switched_off_where_the_caller_says_so() -> None:
    assert written(talk(thinking_budget=0))["thinking"] == {"type": "disabled"}
    assert written(talk(effort="none"))["thinking"] == {"type": "disabled"}


def test_thinking_stays_off_where_the_api_would_refuse_it() -> None:
    call = Turn(Role.ASSISTANT, (ToolUse(id="a", name="f", arguments=""),))
    signed = Turn(Role.ASSISTANT, (Thinking("t", "s"), *call.parts))
    result = Turn(Role.USER, (ToolResult(id="a", parts=()),))
    forced = {"tools": (Tool(name="f"),), "tool_choice": ToolChoice(choice=Choice.REQUIRED)}
    assert "thinking" in written(talk(HI, signed, result, effort="low"))
    for stopped in (
        talk(HI, call, result, effort="low"),
        talk(HI, call, effort="low"),
        talk(HI, effort="low", **forced),
    ):
        assert "thinking" not in written(stopped)
        assert dropped(stopped) == ("reasoning_effort",)
