"""OpenAI's Responses API, there and back."""

import json
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import MalformedBody
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
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
from switchgear.wire import freeform
from switchgear.wire.openai_responses import TONGUE

DECISION = mint(UnixMs(1_700_000_000_000), 1)
OWN, OTHER = Dialect.OPENAI_RESPONSES, Dialect.ANTHROPIC_MESSAGES
PATCH = Tool(
    name="patch", schema=freeform.schema(freeform.Grammar("lark", "start: x")), freeform=True
)
words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
texts = words.map(Text)
images = st.sampled_from(
    [Image(url="https://x.org/a"), Image(media_type="image/png", data="AAAA", detail="high")]
)
documents = st.sampled_from(
    [
        Document(media_type="application/pdf", data="AAAA", name="a.pdf"),
        Document(url="https://x.org/a.pdf"),
    ]
)
uses = st.builds(ToolUse, id=words, name=words, arguments=st.just('{"a":1}'))
patches = st.builds(ToolUse, id=words, name=st.just("patch"), arguments=words.map(freeform.wrap))
thoughts = st.builds(
    Thinking,
    text=st.just("") | words,
    signature=st.sampled_from(["gAAA", "rs_1:gAAA"]),
    origin=st.just(OWN),
)
results = st.builds(
    ToolResult,
    id=words,
    parts=st.lists(texts | images | documents, min_size=1, max_size=2).map(tuple),
)


def turn(role: Role, *kinds: st.SearchStrategy[Part]) -> st.SearchStrategy[Turn]:
    parts = st.tuples(*[st.lists(kind, max_size=2) for kind in kinds])
    flat = parts.map(lambda found: tuple(part for kind in found for part in kind))
    return flat.filter(bool).map(lambda found: Turn(role, found))


exchanges = st.lists(
    st.tuples(
        turn(Role.ASSISTANT, thoughts, texts, uses, thoughts, patches, texts),
        turn(Role.USER, results, texts, images, documents),
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
    tools=st.just(
        (
            Tool(name="f", description="d", schema=msgspec.Raw(b'{"a":1}'), strict=True),
            PATCH,
            Tool(name="g", schema=freeform.schema(), freeform=True),
        )
    ),
    tool_choice=st.none()
    | st.builds(
        ToolChoice,
        choice=st.just(Choice.NAMED),
        name=st.sampled_from(["f", "patch"]),
        parallel=st.none() | st.booleans(),
    )
    | st.just(ToolChoice(choice=Choice.REQUIRED)),
    max_output=st.none() | st.integers(16, 10**9),
    format=st.sampled_from([None, AnswerFormat(), AnswerFormat(schema=msgspec.Raw(b"{}"))]),
    sampling=st.builds(
        Sampling, temperature=st.none() | st.floats(0, 2), top_p=st.none() | st.just(0.5)
    ),
    effort=st.sampled_from(["", "low"]),
    end_user=st.just("") | words,
    metadata=st.dictionaries(words, words, max_size=2).map(lambda it: tuple(sorted(it.items()))),
    keep=st.booleans(),
)


@given(conversations)
def test_what_can_be_carried_comes_back_as_it_was(conversation: Conversation) -> None:
    raw, dropped = TONGUE.write(conversation, ())
    found = TONGUE.parse(raw).conversation
    lasting = msgspec.structs.replace(found, instructions=0)  # which turns stay is not written
    assert plain(lasting) == plain(conversation)
    assert dropped == ()


def plain(conversation: Conversation) -> object:
    """Return it comparable: raw JSON compares by its bytes."""
    return msgspec.to_builtins(conversation, enc_hook=bytes), [
        bytes(tool.schema) for tool in conversation.tools
    ]


def test_a_long_conversation_keeps_its_bytes_from_call_to_call() -> None:
    turns: list[Turn] = [
        Turn(Role.SYSTEM, (Text("Be brief."),)),
        Turn(Role.USER, (Text("Mend it."),)),
    ]
    before = b""
    for number in range(50):
        conversation = Conversation(model="m", turns=tuple(turns), tools=(PATCH,), effort="low")
        raw = TONGUE.write(conversation, ())[0]
        assert raw.startswith(before[:-2])
        assert raw == TONGUE.write(conversation, ())[0]
        before = raw
        thought = Thinking(f"hm {number}", f"rs_{number}:E", origin=OWN)
        use = ToolUse(id=f"c{number}", name="patch", arguments=freeform.wrap("x"))
        turns += [
            Turn(Role.ASSISTANT, (thought, Text("so"), use)),
            Turn(Role.USER, (ToolResult(id=f"c{number}", parts=(Text("done"),)),)),
        ]
    assert len(before) > 50 * 100


# Events ------------------------------------------------------------------------------------------

SAID = st.one_of(
    st.lists(words.map(TextDelta), min_size=1, max_size=3),
    st.lists(words.map(ThinkingDelta), min_size=1, max_size=3),
    st.lists(words.map(RefusalDelta), min_size=1, max_size=2),
    st.tuples(
        words.map(ThinkingDelta),
        st.sampled_from(
            [ThinkingSigned("s", origin=OTHER), ThinkingSigned("", redacted="r", origin=OTHER)]
        ),
    ).map(list),
    st.just(["f"]),
    st.just(["patch"]),
)
ENDS = st.sampled_from([Stop.END, Stop.LENGTH, Stop.FILTERED])
ASKED = Conversation(model="m", turns=(), tools=(Tool(name="f"), PATCH), stream=True)
USED = Usage(
    input=Tokens(9),
    cached=Tokens(4),
    cache_written=Tokens(1),
    output=Tokens(8),
    reasoning=Tokens(2),
)


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    events: list[Event] = [Opened(id="resp_7", model="m", created=7)]
    tools = 0
    for said in draw(st.lists(SAID, max_size=5)):
        if said in (["f"], ["patch"]):
            text = '{"a":[1,2]}' if said == ["f"] else freeform.wrap('é"\\\n\u2028𝄞')
            cut = draw(st.integers(1, len(text) - 1))
            events.append(ToolStarted(index=tools, id=f"c{tools}", name=said[0]))
            events.append(ToolDelta(index=tools, json=text[:cut]))
            events.append(ToolDelta(index=tools, json=text[cut:]))
            tools += 1
        else:
            events += said
    stop = draw(ENDS)
    if stop is Stop.END and tools:
        stop = Stop.TOOL_USE
    elif stop is Stop.END and any(isinstance(it, RefusalDelta) for it in events):
        stop = Stop.REFUSED
    return [*events, Finished(stop=stop, usage=USED)]


def folded(events: Sequence[Event]) -> list[object]:
    """What is said: words of one kind that follow one another are one."""
    found: list[object] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, TextDelta | ThinkingDelta | RefusalDelta) and type(last) is type(
            event
        ):
            found[-1] = type(event)(last.text + event.text)
        elif isinstance(event, ToolDelta) and isinstance(last, ToolDelta):
            found[-1] = ToolDelta(index=event.index, json=last.json + event.json)
        else:
            found.append(event)
    return found


@given(answers(), st.lists(st.integers(1, 300), max_size=40))
def test_a_stream_says_what_was_written_however_it_is_cut(
    events: list[Event], sizes: list[int]
) -> None:
    writer = TONGUE.stream_writer(DECISION, ASKED)
    raw = b"".join(writer.write([event]) for event in events)
    whole_tap, tap, pieces, rest = TONGUE.tap(()), TONGUE.tap(()), [], raw
    for size in [*sizes, len(raw)]:
        pieces += tap.feed(rest[:size])
        rest = rest[size:]
    assert tap.end() == []
    assert b"".join(piece.raw or b"" for piece in pieces) == raw
    found = [event for piece in pieces for event in piece.seen]
    assert found == [event for piece in whole_tap.feed(raw) for event in piece.seen]
    assert folded(found) == folded(events)
    assert pieces[-1].finish == events[-1]
    assert all(piece.finish is None for piece in pieces[:-1])
    assert (tap.broken, tap.unread, tap.foreign) == (0, False, False)


@given(answers())
def test_a_whole_answer_says_what_was_written(events: list[Event]) -> None:
    raw = TONGUE.write_whole(DECISION, events, ASKED)
    assert folded(TONGUE.read_whole(raw)) == folded(events)


@given(answers())
def test_a_stream_ends_with_the_whole_answer(events: list[Event]) -> None:
    raw = TONGUE.stream_writer(DECISION, ASKED).write(events)
    last = json.loads(raw.split(b"data: ")[-1])
    assert last["response"] == json.loads(TONGUE.write_whole(DECISION, events, ASKED))


# Bodies ------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "role", "content", "text", "call_id", "name", "output", "id", "summary"]
            )
            | words,
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(
    ["message", "function_call", "custom_tool_call", "reasoning", "function_call_output",
     "web_search_call", "item_reference"]
)  # fmt: skip
ITEMS = st.lists(
    JSON
    | st.dictionaries(st.sampled_from(["role", "content", "call_id", "output"]), JSON).flatmap(
        lambda found: TYPES.map(lambda kind: {**found, "type": kind})
    ),
    max_size=3,
)
FIELDS = [
    "instructions", "tools", "tool_choice", "text", "reasoning", "max_output_tokens", "metadata",
    "store", "stream", "previous_response_id", "temperature", "include", "x",
]  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    JSON | ITEMS,
    st.just("m") | JSON,
)
def test_whatever_comes_is_read_or_refused(
    fields: dict[str, object], given_input: object, model: object
) -> None:
    raw = json.dumps({"model": model, "input": given_input, **fields}).encode()
    try:
        body = TONGUE.parse(raw)
    except MalformedBody:
        return
    TONGUE.write(body.conversation, ())
    assert TONGUE.rewrite(body, ()) == raw


@given(st.binary(max_size=200) | words.map(str.encode))
def test_whatever_a_target_sends_is_read_or_refused(raw: bytes) -> None:
    for piece in TONGUE.tap(()).feed(raw + b"\n\n"):
        assert piece.raw is not None
    with pytest.raises(Exception, match=r".") as raised:
        TONGUE.read_whole(raw)
    assert type(raised.value).__module__ == "switchgear.domain.errors"
