"""OpenAI's chat completions, there and back."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import AskUsage, CapOutput, UseModel
from switchgear.domain.errors import UpstreamError, UpstreamGarbled
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.ids import mint
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
from switchgear.domain.units import Tokens, UnixMs
from switchgear.wire.openai_chat import TONGUE

DECISION = mint(UnixMs(1_700_000_000_000), 1)
words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
texts = words.map(Text)
images = st.sampled_from(
    [Image(url="https://x.org/a"), Image(media_type="image/png", data="AAAA", detail="high")]
)
documents = st.just(Document(media_type="application/pdf", data="AAAA", name="a.pdf"))
uses = st.builds(ToolUse, id=words, name=words, arguments=st.just('{"a":1}'))
results = st.builds(ToolResult, id=words, parts=st.lists(texts, min_size=1, max_size=2).map(tuple))


def turn(role: Role, *kinds: st.SearchStrategy[Part]) -> st.SearchStrategy[Turn]:
    parts = st.tuples(*[st.lists(kind, max_size=2) for kind in kinds])
    flat = parts.map(lambda found: tuple(part for kind in found for part in kind))
    return flat.filter(bool).map(lambda found: Turn(role, found))


exchanges = st.lists(
    st.tuples(
        turn(Role.ASSISTANT, texts, uses), turn(Role.USER, results, texts, images, documents)
    ),
    max_size=3,
)
conversations = st.builds(
    Conversation,
    model=words,
    turns=st.tuples(turn(Role.SYSTEM, texts), turn(Role.USER, texts, images), exchanges).map(
        lambda found: (*found[:2], *(turn for pair in found[2] for turn in pair))
    ),
    stream=st.booleans(),
    tools=st.just((Tool(name="f", description="d", schema=msgspec.Raw(b'{"a":1}'), strict=True),)),
    tool_choice=st.none() | st.just(ToolChoice(choice=Choice.NAMED, name="f", parallel=False)),
    max_output=st.none() | st.integers(1, 10**9),
    stop=st.lists(words, max_size=4).map(tuple),
    format=st.sampled_from([None, AnswerFormat(), AnswerFormat(schema=msgspec.Raw(b"{}"))]),
    sampling=st.builds(
        Sampling, temperature=st.none() | st.floats(0, 2), seed=st.none() | st.integers(0, 9)
    ),
    effort=st.sampled_from(["", "low"]),
    end_user=st.just("") | words,
    metadata=st.dictionaries(words, words, max_size=2).map(lambda it: tuple(sorted(it.items()))),
)


@given(conversations)
def test_what_can_be_carried_comes_back_as_it_was(conversation: Conversation) -> None:
    raw, dropped = TONGUE.write(conversation, ())
    found = TONGUE.parse(raw).conversation
    assert plain(found) == plain(conversation)
    assert dropped == ()


def plain(conversation: Conversation) -> object:
    """Return it comparable: raw JSON compares by its bytes."""
    return msgspec.to_builtins(conversation, enc_hook=bytes), [
        bytes(tool.schema) for tool in conversation.tools
    ]


@given(conversations)
def test_more_turns_leave_the_bytes_of_those_before_them(conversation: Conversation) -> None:
    longer = msgspec.structs.replace(
        conversation, turns=(*conversation.turns, Turn(Role.ASSISTANT, (Text("x"),)))
    )
    short, long = (TONGUE.write(it, ())[0] for it in (conversation, longer))
    start = short.index(b'"messages":')
    messages = msgspec.json.decode(short, type=dict[str, msgspec.Raw])["messages"]
    assert (
        long[: start + 11 + len(bytes(messages)) - 1]
        == short[: start + 11 + len(bytes(messages)) - 1]
    )


def test_what_cannot_be_carried_is_named_once() -> None:
    failed = ToolResult(id="a", parts=(Text("x", cache=True),), failed=True)
    lost = Document(url="https://x.org/a.pdf")
    conversation = Conversation(
        model="m",
        turns=(
            Turn(Role.USER, (failed, failed, lost)),
            Turn(Role.ASSISTANT, (Thinking("hm", "sig"), Thinking("", redacted="x"))),
        ),
        sampling=Sampling(top_k=5),
        thinking_budget=1000,
        unread=("container",),
    )
    assert set(TONGUE.write(conversation, ())[1]) == {
        "container", "tool_result.is_error", "cache_control", "document.url", "thinking", "top_k",
    }  # fmt: skip


def test_edits_are_made_while_writing() -> None:
    conversation = Conversation(model="m", turns=(), stream=True, max_output=9)
    raw, _ = TONGUE.write(conversation, (UseModel("x"), CapOutput(5), AskUsage()))
    found = json.loads(raw)
    assert (found["model"], found["max_tokens"]) == ("x", 5)
    assert found["stream_options"] == {"include_usage": True}
    assert json.loads(TONGUE.write(conversation, (CapOutput(50),))[0])["max_tokens"] == 9


SIGNED = ThinkingSigned("sig", origin=Dialect.OPENAI_CHAT)
ANSWER: list[Event] = [
    Opened(id="c1", model="m", created=5),
    ThinkingDelta("h"),
    ThinkingDelta("m"),
    SIGNED,
    TextDelta("é\n\u2028"),
    TextDelta('"'),
    ToolStarted(index=0, id="a", name="f"),
    ToolStarted(index=1, id="b", name="g"),
    ToolDelta(index=1, json="{}"),
    ToolDelta(index=0, json='{"a":'),
    ToolDelta(index=0, json="1}"),
    Finished(
        stop=Stop.TOOL_USE,
        usage=Usage(input=Tokens(5), cached=Tokens(2), output=Tokens(4), reasoning=Tokens(1)),
    ),
]


def test_a_stream_that_is_written_is_read_as_the_same_events() -> None:
    caller = Conversation(model="m", turns=(), stream=True, wants_usage=True)
    raw = TONGUE.stream_writer(DECISION, caller).write(ANSWER)
    found = [event for piece in TONGUE.tap(()).feed(raw) for event in piece.seen]
    assert found == ANSWER


def test_usage_is_told_only_to_a_caller_who_asked() -> None:
    caller = Conversation(model="m", turns=(), stream=True)
    raw = TONGUE.stream_writer(DECISION, caller).write(ANSWER)
    assert b"usage" not in raw
    assert raw.endswith(b"data: [DONE]\n\n")


def test_the_role_is_in_the_first_delta_alone() -> None:
    caller = Conversation(model="m", turns=(), stream=True)
    for events in (ANSWER, ANSWER[1:], ANSWER[-1:]):
        raw = TONGUE.stream_writer(DECISION, caller).write(events)
        assert raw.count(b'"role"') == raw.partition(b"\n")[0].count(b'"role"') == 1


def test_a_whole_answer_that_is_written_is_read_as_the_events_folded() -> None:
    found = TONGUE.read_whole(TONGUE.write_whole(DECISION, ANSWER))
    assert found == (
        Opened(id="c1", model="m", created=5),
        ThinkingDelta("hm"),
        SIGNED,
        TextDelta('é\n\u2028"'),
        ToolStarted(index=0, id="a", name="f"),
        ToolDelta(index=0, json='{"a":1}'),
        ToolStarted(index=1, id="b", name="g"),
        ToolDelta(index=1, json="{}"),
        ANSWER[-1],
    )


def test_an_answer_of_a_dialect_that_tells_no_time_has_that_of_its_call() -> None:
    opened = Opened(id="", model="m")
    found = json.loads(TONGUE.write_whole(DECISION, [opened, Finished(stop=Stop.END)]))
    assert (found["created"], found["id"]) == (1_700_000_000, f"chatcmpl-{DECISION}")


@pytest.mark.parametrize("stop", list(Stop))
def test_every_end_is_written_as_one_that_sdks_know(stop: Stop) -> None:
    found = json.loads(TONGUE.write_whole(DECISION, [Finished(stop=stop)]))
    reason = found["choices"][0]["finish_reason"]
    assert reason in {"stop", "length", "tool_calls", "content_filter"}


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{}", b"<html>", b'{"error":{"message":"x","code":429}}', b'{"choices":[]}',
        b'{"choices":[{"index":0,"message":{"content":null}}]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_garbled(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        TONGUE.read_whole(raw)


@given(st.binary())
def test_arbitrary_bytes_are_no_whole_answer(raw: bytes) -> None:
    with pytest.raises(UpstreamError):
        TONGUE.read_whole(raw)


def test_an_error_in_a_stream_is_one_frame_and_no_end() -> None:
    raw = TONGUE.write_stream_error(UpstreamGarbled(), DECISION)
    assert raw.startswith(b'data: {"error":')
    assert raw.endswith(b"}}\n\n")
    assert b"[DONE]" not in raw
