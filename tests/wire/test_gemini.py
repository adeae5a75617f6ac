"""The whole tongue: what it writes is what Google's types take, and what it reads back is that."""

import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from support.geminis import check_answer, check_request, frames
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.domain.errors import MalformedBody, UpstreamError
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
from switchgear.domain.units import Tokens
from switchgear.wire.gemini import TONGUE

MODEL = "gemini-3-flash"
EDITS = (UseModel(MODEL),)
DECISION = "sg_01jd0000000000000000000000"
ASKED = Conversation(model="asked", turns=(), stream=True)

WORDS = st.text(st.sampled_from('ab \n"\\é☃𝄞</'), min_size=1, max_size=5)
NAMES = st.sampled_from(["weather", "time", "a_b", "x"])
DATA = st.sampled_from(["AAAA", "c2lnbmVk", "Zm9vYmFyIQ=="])
SIGNATURES = st.sampled_from(["c2lnbmVk", "AQID+/8=", "Zm9vYmFyIQ=="])
OBJECTS = st.sampled_from([{"city": "Oslo"}, {"a": 1, "b": "}"}, {"é": [True, {}], "n": None}])
TEXTS = st.builds(Text, WORDS)
IMAGES = st.builds(Image, media_type=st.just("image/png"), data=DATA)
FILES = st.builds(Document, media_type=st.just("application/pdf"), data=DATA)
ADDRESSES = st.builds(Image, url=WORDS.map(lambda path: f"https://a/{path}"))


def thoughts() -> st.SearchStrategy[Thinking]:
    return st.builds(Thinking, WORDS) | st.builds(
        Thinking, WORDS, SIGNATURES, origin=st.just(Dialect.GEMINI)
    )


@st.composite
def steps(draw: st.DrawFn, number: int) -> list[Turn]:
    """A step of the model with calls and their results, or with words and more of the user's."""
    thought, texts = draw(st.lists(thoughts(), max_size=1)), draw(st.lists(TEXTS, max_size=1))
    calls = draw(st.lists(NAMES, max_size=3))
    late = calls and thought and thought[0].signature  # which then stands on the first call
    said: list[Part] = [*texts, *thought] if late else [*thought, *texts]
    uses = [
        ToolUse(id=f"c{number}_{at}", name=name, arguments=json.dumps(draw(OBJECTS)))
        for at, name in enumerate(calls)
    ]
    if not (uses or any(isinstance(part, Text) for part in said)):
        said.append(draw(TEXTS))
    results = [
        ToolResult(
            id=use.id,
            parts=(
                *draw(st.lists(TEXTS, min_size=1, max_size=2)),
                *draw(st.lists(IMAGES, max_size=1)),
            ),
            failed=draw(st.booleans()),
        )
        for use in uses
    ]
    more = draw(st.lists(TEXTS, min_size=0 if results else 1, max_size=1))
    return [Turn(Role.ASSISTANT, (*said, *uses)), Turn(Role.USER, (*results, *more))]


@st.composite
def talks(draw: st.DrawFn) -> tuple[Turn, ...]:
    matter = TEXTS | IMAGES | FILES | ADDRESSES
    turns = [Turn(Role.SYSTEM, (draw(TEXTS),))] if draw(st.booleans()) else []
    turns.append(Turn(Role.USER, tuple(draw(st.lists(matter, min_size=1, max_size=3)))))
    for number in range(draw(st.integers(0, 3))):
        turns += draw(steps(number))
    return tuple(turns)


TOOLS = st.builds(
    Tool,
    name=NAMES,
    description=WORDS,
    schema=st.just(msgspec.Raw(b'{"type":"object","properties":{"e":{"type":"string"}}}')),
)
CHOICES = st.one_of(
    st.builds(ToolChoice, choice=st.sampled_from([Choice.AUTO, Choice.NONE, Choice.REQUIRED])),
    st.builds(ToolChoice, choice=st.just(Choice.NAMED), name=NAMES),
)
FORMATS = st.just(AnswerFormat()) | st.just(
    AnswerFormat(schema=msgspec.Raw(b'{"type":"object"}'), strict=True)
)
NUMBERS = st.none() | st.floats(0, 1)
CONVERSATIONS = st.builds(
    Conversation,
    model=st.just(""),
    turns=talks(),
    wants_usage=st.just(value=True),
    tools=st.lists(TOOLS, min_size=1, max_size=2).map(tuple),
    tool_choice=st.none() | CHOICES,
    max_output=st.none() | st.integers(1, 9999),
    stop=st.lists(WORDS, max_size=3).map(tuple),
    format=st.none() | FORMATS,
    sampling=st.builds(
        Sampling,
        temperature=NUMBERS,
        top_p=NUMBERS,
        top_k=st.none() | st.integers(1, 99),
        seed=st.none() | st.integers(-999, 999),
        frequency_penalty=NUMBERS,
        presence_penalty=NUMBERS,
    ),
    effort=st.sampled_from(["", "minimal", "low", "medium", "high"]),
)


def plain(conversation: Conversation) -> object:
    """What is the same however JSON is written, and where a signature stands beside its words."""
    built = json.loads(msgspec.json.encode(conversation))
    for said in built["turns"]:
        for part in said["parts"]:
            if part["type"] == "tool_use":
                part["arguments"] = json.loads(part["arguments"])
    return built


@settings(max_examples=40)
@given(CONVERSATIONS)
def test_a_conversation_comes_back_as_it_was_written(asked: Conversation) -> None:
    raw, dropped = TONGUE.write(asked, EDITS)
    assert not dropped
    check_request(raw)
    assert plain(TONGUE.parse(raw).conversation) == plain(asked)


@settings(max_examples=40)
@given(CONVERSATIONS, st.data())
def test_a_conversation_that_grows_begins_with_the_same_bytes(
    asked: Conversation, data: st.DataObject
) -> None:
    more = data.draw(steps(9))
    longer = msgspec.structs.replace(asked, turns=(*asked.turns, *more))
    before, after = (TONGUE.write(each, EDITS)[0] for each in (asked, longer))
    assert after.startswith(before.removesuffix(b"]}"))


@settings(max_examples=40)
@given(CONVERSATIONS)
def test_what_is_written_twice_is_written_alike(asked: Conversation) -> None:
    again = TONGUE.parse(TONGUE.write(asked, EDITS)[0]).conversation
    assert TONGUE.write(again, EDITS)[0] == TONGUE.write(asked, EDITS)[0]


@st.composite
def answers(draw: st.DrawFn) -> tuple[Event, ...]:
    """An answer as our events tell it; tool calls may come in turns."""
    said: list[Event] = [ThinkingDelta(words) for words in draw(st.lists(WORDS, max_size=2))]
    signed = draw(SIGNATURES)
    if draw(st.booleans()):
        said.append(ThinkingSigned(signed, origin=draw(st.sampled_from(list(Dialect)))))
    said += [TextDelta(words) for words in draw(st.lists(WORDS, max_size=3))]
    calls: list[tuple[str, Any]] = draw(st.lists(st.tuples(NAMES, OBJECTS), max_size=3))
    signs = draw(st.booleans())
    if calls and signs:
        said.append(ThinkingSigned(signed, origin=Dialect.GEMINI))
    said += [
        ToolStarted(index=at, id=f"call_{at}", name=name) for at, (name, _) in enumerate(calls)
    ]
    texts = [json.dumps(given) for _, given in calls]
    cut = draw(st.integers(0, 5))
    for part in (slice(None, cut), slice(cut, None)):
        said += [
            ToolDelta(index=at, json=text[part]) for at, text in enumerate(texts) if text[part]
        ]
    stop = draw(st.sampled_from([Stop.END, Stop.LENGTH, Stop.FILTERED, Stop.OTHER]))
    stop = Stop.TOOL_USE if calls and stop is Stop.END else stop
    usage = Usage(input=Tokens(9), cached=Tokens(4), output=Tokens(7), reasoning=Tokens(3))
    return (Opened(id="r1", model="m1"), *said, Finished(stop=stop, usage=usage))


def told(events: Sequence[Event]) -> list[object]:
    """What an answer says: words of a kind that follow one another are one, calls are whole."""
    found: list[object] = []
    calls: dict[int, list[Any]] = {}
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, Opened):
            found.append((event.id, event.model))
        elif isinstance(event, ToolDelta):
            calls[event.index][2] += event.json
        elif isinstance(event, ToolStarted):
            calls[event.index] = [event.id, event.name, ""]
        elif isinstance(event, TextDelta | ThinkingDelta) and type(last) is type(event):
            found[-1] = type(event)(last.text + event.text)
        else:
            found.append(event)
    return [*found, [(made, name, json.loads(text)) for made, name, text in calls.values()]]


@given(answers())
def test_a_whole_answer_comes_back_as_it_was_written(events: tuple[Event, ...]) -> None:
    raw = TONGUE.write_whole(DECISION, events)
    check_answer(raw)
    assert told(TONGUE.read_whole(raw)) == told(events)


@given(answers(), st.lists(st.integers(0, 3000), max_size=5))
def test_a_stream_comes_back_as_it_was_written_however_it_is_cut(
    events: tuple[Event, ...], cuts: list[int]
) -> None:
    writer = TONGUE.stream_writer(DECISION, ASKED)
    raw = b"".join(writer.write([event]) for event in events)
    for each in frames(raw):
        check_answer(each)
    tap = TONGUE.tap(())
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    pieces = [piece for a, b in pairwise(edges) for piece in tap.feed(raw[a:b])]
    assert not any(piece.finish for piece in pieces)
    pieces += tap.end()
    assert b"".join(piece.raw or b"" for piece in pieces) == raw
    assert [piece.finish is not None for piece in pieces] == [*[False] * (len(pieces) - 1), True]
    assert told([event for piece in pieces for event in piece.seen]) == told(events)
    assert (tap.broken, tap.foreign, tap.unread, tap.place) == (0, False, False, None)


FIELDS = (
    *("candidates", "content", "parts", "text", "functionCall", "name", "args", "error", "code"),
    *("contents", "role", "usageMetadata", "promptFeedback", "thoughtSignature", "details"),
    *("tools", "functionDeclarations", "generationConfig", "functionResponse", "parameters"),
    *("toolConfig", "systemInstruction", "inlineData", "response", "id", "finishReason"),
)
LEAVES: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -5, 1.5, "", "STOP", "c3dpdGNoZ2Vhcg=="]
)


def around(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    fields = st.dictionaries(st.sampled_from(FIELDS), inner, min_size=1, max_size=3)
    return inner | st.lists(inner, max_size=2) | fields


SHAPES = around(around(around(around(LEAVES))))


@given(SHAPES | st.binary(max_size=40))
def test_nonsense_is_an_error_of_ours_and_nothing_else(found: object) -> None:
    raw = found if isinstance(found, bytes) else json.dumps(found).encode()
    with suppress(MalformedBody):
        TONGUE.write(TONGUE.parse(raw).conversation, ())
    with suppress(UpstreamError):
        assert isinstance(TONGUE.read_whole(raw)[-1], Finished)
    tap = TONGUE.tap(())
    with suppress(UpstreamError):
        tap.feed(b"data: " + raw + b"\r\n\r\n")
        assert tap.end()[-1].finish
    assert isinstance(TONGUE.read_error(400, raw, None), UpstreamError)
