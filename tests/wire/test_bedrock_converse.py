"""Bedrock's Converse API, there and back, and as botocore checks it."""

import base64

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.converse import check
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import UseModel
from switchgear.domain.errors import MalformedBody, UpstreamGarbled
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
from switchgear.wire.bedrock_converse import TONGUE

MODEL = UseModel("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
HERE = Dialect.BEDROCK_CONVERSE
DECISION = "sg_01k7b2c3d4e5f6g7h8j9k0m1n2"
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
WORDS = st.text(LETTERS, min_size=1, max_size=12).filter(str.strip)
NAMES = st.text("abcXYZ019_-", min_size=1, max_size=12)
DATA = st.binary(min_size=1, max_size=9).map(lambda it: base64.b64encode(it).decode())
TEXTS = st.builds(Text, WORDS, st.booleans())
IMAGES = st.builds(
    Image, media_type=st.sampled_from(["image/png", "image/jpeg"]), data=DATA, cache=st.booleans()
)
DOCUMENTS = st.builds(
    Document, media_type=st.sampled_from(["application/pdf", "text/plain"]), data=DATA
)
USES = st.builds(
    ToolUse, id=NAMES, name=NAMES, arguments=st.sampled_from(["", '{"z":1, "a":[2.50]}'])
)
RESULTS = st.builds(
    ToolResult,
    id=NAMES,
    parts=st.lists(WORDS.map(Text), min_size=1, max_size=2).map(tuple),
    failed=st.booleans(),
    cache=st.booleans(),
)
THOUGHTS = st.builds(Thinking, WORDS, WORDS, origin=st.just(HERE)) | st.builds(
    Thinking, st.just(""), redacted=DATA, origin=st.just(HERE)
)


def turn(role: Role, *kinds: st.SearchStrategy[Part]) -> st.SearchStrategy[Turn]:
    parts = st.tuples(*[st.lists(kind, max_size=2) for kind in kinds])
    flat = parts.map(lambda found: tuple(part for kind in found for part in kind))
    return flat.filter(bool).map(lambda found: Turn(role, found))


USERS = st.tuples(st.lists(RESULTS, max_size=2), TEXTS, st.lists(IMAGES, max_size=1)).map(
    lambda it: Turn(Role.USER, (*it[0], it[1], *it[2]))
)
EXCHANGES = st.lists(st.tuples(turn(Role.ASSISTANT, THOUGHTS, TEXTS, USES), USERS), max_size=3)
TALKS = st.tuples(st.lists(turn(Role.SYSTEM, TEXTS), max_size=1), USERS, EXCHANGES).map(
    lambda it: (*it[0], it[1], *(turn for pair in it[2] for turn in pair))
)
SCHEMA = msgspec.Raw(b'{"type": "object", "properties": {"a": {"const": 1.50}}}')
TOOLS = st.builds(
    Tool,
    name=NAMES,
    description=st.just("") | WORDS,
    schema=st.just(SCHEMA),
    strict=st.none() | st.booleans(),
    cache=st.booleans(),
)
CONVERSATIONS = st.builds(
    Conversation,
    model=st.just(""),
    turns=TALKS,
    tools=st.lists(TOOLS, max_size=2, unique_by=lambda it: it.name).map(tuple),
    max_output=st.none() | st.integers(1, 10**6),
    stop=st.lists(WORDS, max_size=3).map(tuple),
    format=st.none()
    | st.builds(AnswerFormat, schema=st.just(SCHEMA), name=NAMES, strict=st.just(value=True)),
    sampling=st.builds(
        Sampling,
        temperature=st.none() | st.floats(0, 1),
        top_k=st.none() | st.integers(1, 500),
    ),
    thinking_budget=st.none() | st.just(0),
    metadata=st.dictionaries(NAMES, NAMES, max_size=2).map(lambda it: tuple(sorted(it.items()))),
)


def plain(conversation: Conversation) -> object:
    """Return it comparable: raw JSON compares by its bytes, and called tools count as offered."""
    called = {
        part.name: Tool(name=part.name, schema=EMPTY)
        for turn in conversation.turns
        for part in turn.parts
        if isinstance(part, ToolUse)
    }
    tools = {**called, **{tool.name: tool for tool in conversation.tools}}
    bare = msgspec.structs.replace(conversation, tools=())
    return msgspec.to_builtins(bare, enc_hook=bytes), {
        name: (tool.description, bytes(tool.schema), tool.strict, tool.cache)
        for name, tool in tools.items()
    }


EMPTY = msgspec.Raw(b'{"type":"object","properties":{}}')


@settings(max_examples=25)
@given(CONVERSATIONS)
def test_what_can_be_carried_comes_back_as_it_was(conversation: Conversation) -> None:
    raw, dropped = TONGUE.write(conversation, (MODEL,))
    assert plain(TONGUE.parse(raw).conversation) == plain(conversation)
    assert dropped == ()


@settings(max_examples=25)
@given(CONVERSATIONS, st.booleans())
def test_botocore_takes_every_request(conversation: Conversation, stream: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    raw, _ = TONGUE.write(conversation, (MODEL,))
    check(raw, "ConverseStream" if stream else "Converse", MODEL.model)


ANY_TEXT = st.builds(Text, st.text(LETTERS, max_size=9), st.booleans())
ANY_PART = (
    ANY_TEXT
    | st.builds(Thinking, st.text(max_size=3), st.text("abc", max_size=3))
    | st.builds(Thinking, st.just("x"), WORDS, origin=st.sampled_from(Dialect))
    | st.builds(Image, url=st.just("https://x.org/a"))
    | st.builds(Image, media_type=st.sampled_from(["image/jpg", "image/tiff"]), data=DATA)
    | st.builds(
        Document,
        media_type=st.sampled_from(["text/csv", "text/x-c", "application/zip"]),
        data=DATA,
        name=st.text(max_size=300),
    )
    | st.builds(Document, url=st.just("https://x.org/a"))
    | st.builds(ToolUse, id=st.text(max_size=90), name=NAMES, arguments=st.text(max_size=5))
    | st.builds(
        ToolResult,
        id=st.text(max_size=90),
        parts=st.lists(ANY_TEXT | IMAGES | DOCUMENTS, max_size=2).map(tuple),
        cache=st.booleans(),
    )
)
ANY_TURNS = st.lists(
    st.builds(Turn, st.sampled_from(Role), st.lists(ANY_PART, max_size=4).map(tuple)), max_size=5
).map(tuple)


@settings(max_examples=60)
@given(
    ANY_TURNS,
    st.sampled_from(Choice),
    st.none() | st.floats(0, 2),
    st.sampled_from(["", "low", "max", "none"]),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=20),
)
def test_whatever_is_said_the_api_takes_what_is_written(
    turns: tuple[Turn, ...],
    choice: Choice,
    temperature: float | None,
    effort: str,
    metadata: dict[str, str],
) -> None:
    asked = Conversation(
        model="",
        turns=turns,
        tools=(Tool(name="f"),),
        tool_choice=ToolChoice(choice=choice, name="f", parallel=False),
        stop=("", " ", "x"),
        sampling=Sampling(temperature=temperature, seed=1),
        effort=effort,
        metadata=tuple(metadata.items()),
        end_user="u",
    )
    found = check(TONGUE.write(asked, (MODEL,))[0], model=MODEL.model)
    roles = [message["role"] for message in found["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"] * (len(roles) % 2)
    for message in found["messages"]:
        texts = [block["text"] for block in message["content"] if "text" in block]
        assert all(text.strip() for text in texts)
        assert texts or not any("document" in block for block in message["content"])
    named = [
        block["document"]["name"]
        for message in found["messages"]
        for outer in message["content"]
        for block in (outer, *outer.get("toolResult", {}).get("content", ()))
        if "document" in block
    ]
    assert len(named) == len(set(named))


@settings(max_examples=25)
@given(CONVERSATIONS)
def test_more_turns_leave_the_bytes_of_those_before_them(conversation: Conversation) -> None:
    more = (*conversation.turns, Turn(Role.ASSISTANT, (Text("x"),)))
    longer = msgspec.structs.replace(conversation, turns=more)
    short, long = (TONGUE.write(it, (MODEL,))[0] for it in (conversation, longer))
    messages = msgspec.json.decode(short, type=dict[str, msgspec.Raw])["messages"]
    end = short.index(b'"messages":') + 11 + len(bytes(messages)) - 1
    assert long[:end] == short[:end]


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_what_is_no_answer_is_told(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        TONGUE.read_whole(raw)
    with pytest.raises(MalformedBody):
        TONGUE.parse(raw)
    with pytest.raises(UpstreamGarbled):
        TONGUE.counter.read(raw)


def test_tokens_are_counted_of_what_has_to_do_with_the_input() -> None:
    asked = Conversation(
        model="",
        turns=(Turn(Role.SYSTEM, (Text("s"),)), Turn(Role.USER, (Text("hi"),))),
        tools=(Tool(name="f"),),
        max_output=5,
        thinking_budget=2000,
    )
    found = check(TONGUE.counter.write(asked, (MODEL,)), "CountTokens", "a")["input"]["converse"]
    assert found.keys() == {"messages", "system", "toolConfig"}
    assert TONGUE.counter.read(TONGUE.counter.write_answer(Tokens(7))) == 7
