"""What one agent left and another goes on with, made good in every dialect."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.converse import check
from support.geminis import check_request
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, Mend, Recall
from switchgear.domain.turn import Conversation, Part, Role, Text, Tool, ToolResult, ToolUse, Turn
from switchgear.wire.mend import LOST_CALL, NOT_RUN, mended
from switchgear.wire.registry import TONGUES

CHAT, RESPONSES = Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES
MESSAGES, GEMINI, BEDROCK = Dialect.ANTHROPIC_MESSAGES, Dialect.GEMINI, Dialect.BEDROCK_CONVERSE
DIALECTS = pytest.mark.parametrize("dialect", list(TONGUES))
USER, MODEL = Role.USER, Role.ASSISTANT
LOOK = Tool(name="look")
HI = Turn(USER, (Text("hi"),))
MEND = Mend()


def use(name: str) -> ToolUse:
    return ToolUse(id=name, name="look", arguments='{"q":1}')


def result(name: str, text: str = "found") -> ToolResult:
    return ToolResult(id=name, parts=(Text(text),))


def talk(*turns: Turn) -> Conversation:
    return Conversation(model="m", turns=turns, tools=(LOOK,))


def asks(*names: str) -> Turn:
    return Turn(MODEL, (Text("so"), *map(use, names)))


def gives(*names: str, words: str = "") -> Turn:
    said: tuple[Part, ...] = (Text(words),) if words else ()
    return Turn(USER, (*map(result, names), *said))


CASES = {
    "at the end": (HI, asks("a1")),
    "all of two": (HI, asks("a1", "b1")),
    "one of two": (HI, asks("a1", "b1"), gives("a1")),
    "before words": (HI, asks("a1"), Turn(USER, (Text("go on"),))),
    "one of two before words": (HI, asks("a1", "b1"), gives("b1", words="go on")),
    "in the midst": (HI, asks("a1"), Turn(MODEL, (Text("well"),)), HI),
    "twice": (HI, asks("a1"), asks("b1"), gives("b1"), asks("c1")),
    "no call": (gives("z1"), Turn(MODEL, (Text("so"),)), HI),
    "no call before words": (gives("z1", words="go on"),),
    "another's call": (HI, asks("a1"), gives("z1")),
    "answered twice": (HI, asks("a1"), gives("a1"), Turn(MODEL, (Text("so"),)), gives("a1")),
}


def whole(turns: tuple[Turn, ...], *, late: bool = False) -> bool:
    """Whether each call is answered, right after it or ``late``, and each answer called for."""
    left: list[str] = []
    for turn in turns:
        if turn.role is MODEL and left and not late:
            return False
        for part in turn.parts:
            if isinstance(part, ToolUse):
                left.append(part.id)
            elif isinstance(part, ToolResult):
                if part.id not in left:
                    return False
                left.remove(part.id)
        if turn.role is USER and left and not late:
            return False
    return not left


def checked(dialect: Dialect, raw: bytes) -> tuple[Turn, ...]:
    """The turns of a request that its provider takes."""
    body = json.loads(raw)
    body.pop("new", None)
    if dialect is BEDROCK:
        check(json.dumps(body).encode())
    if dialect is GEMINI:
        check_request(json.dumps(body).encode())
    if dialect in {MESSAGES, BEDROCK}:
        roles = [each["role"] for each in body["messages"]]
        assert all(one != other or one != "assistant" for one, other in itertools.pairwise(roles))
    return merged(TONGUES[dialect].parse(raw).conversation.turns)


def merged(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Turns with what one speaker says in a row as one, as providers take it."""
    found: list[Turn] = []
    for turn in turns:
        if found and found[-1].role is turn.role:
            found[-1] = Turn(turn.role, (*found[-1].parts, *turn.parts))
        else:
            found.append(turn)
    return tuple(found)


def own(dialect: Dialect, turns: tuple[Turn, ...]) -> bytes:
    """A caller's request with just these turns, and something that nobody reads."""
    return b'{ "new" : [1.50], ' + TONGUES[dialect].write(talk(*turns), ())[0][1:]


@DIALECTS
@pytest.mark.parametrize("name", CASES)
def test_what_was_left_goes_through_in_the_callers_own_bytes_and_across(
    dialect: Dialect, name: str
) -> None:
    turns, tongue = CASES[name], TONGUES[dialect]
    assert not whole(turns)
    body = tongue.parse(own(dialect, turns))
    nudge = Append((Turn(USER, (Text("nudge"),)),))
    for edits in ((MEND,), (nudge, MEND)):
        for raw in (tongue.rewrite(body, edits), tongue.write(talk(*turns), edits)[0]):
            found = checked(dialect, raw)
            assert whole(found)
            words = [part.text for turn in found for part in turn.parts if isinstance(part, Text)]
            assert words[-1] == "nudge" or nudge not in edits


@DIALECTS
def test_what_is_whole_keeps_every_byte(dialect: Dialect) -> None:
    turns = (HI, asks("a1", "b1"), gives("a1", "b1", words="go on"), Turn(MODEL, (Text("so"),)), HI)
    raw = own(dialect, turns)
    assert TONGUES[dialect].rewrite(TONGUES[dialect].parse(raw), (MEND,)) == raw
    assert mended(turns) is turns


@DIALECTS
def test_what_needs_no_mending_keeps_its_bytes_beside_what_does(dialect: Dialect) -> None:
    turns = (HI, asks("a1"), gives("a1"), Turn(MODEL, (Text("é"),)), HI, asks("b1"))
    raw = own(dialect, turns)
    written = TONGUES[dialect].rewrite(TONGUES[dialect].parse(raw), (MEND,))
    field = {RESPONSES: "input", GEMINI: "contents"}.get(dialect, "messages")
    before = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    after = msgspec.json.decode(written, type=dict[str, msgspec.Raw])
    assert bytes(after[field]).startswith(bytes(before.pop(field))[:-1] + b",")
    assert bytes(after.pop(field)).count(NOT_RUN.encode()) == 1
    assert before == after


TURNS = st.lists(
    st.one_of(
        st.builds(
            lambda names, words: Turn(MODEL, (*([Text("so")] if words else []), *map(use, names))),
            st.lists(st.sampled_from(["a1", "b1", "c1"]), unique=True, max_size=3),
            st.just(1),
        ),
        st.builds(
            lambda names, words: Turn(
                USER, (*map(result, names), *([Text("more")] if words or not names else []))
            ),
            st.lists(st.sampled_from(["a1", "b1", "z1"]), max_size=3),
            st.booleans(),
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(TURNS)
def test_any_talk_can_be_mended_and_then_is_whole(turns: list[Turn]) -> None:
    found = mended(tuple(turns))
    assert whole(merged(found))
    assert mended(found) is found
    said = [part for turn in turns for part in turn.parts if not isinstance(part, ToolResult)]
    kept = [part for turn in found for part in turn.parts if part in said]
    assert len(kept) >= len(said)


@DIALECTS
@given(turns=TURNS)
def test_a_mended_request_is_what_the_mended_talk_is(dialect: Dialect, turns: list[Turn]) -> None:
    tongue = TONGUES[dialect]
    edited, plain = talk(*turns), talk(*mended(tuple(turns)))
    assert tongue.write(edited, (MEND,)) == tongue.write(plain, ())
    raw = tongue.rewrite(tongue.parse(own(dialect, (HI, *turns))), (MEND,))
    assert whole(checked(dialect, raw), late=dialect is RESPONSES)


def test_words_of_a_lost_call_are_kept() -> None:
    for dialect, tongue in TONGUES.items():
        raw = tongue.rewrite(tongue.parse(own(dialect, CASES["no call"])), (MEND,))
        turns = tongue.parse(raw).conversation.turns
        text = " ".join(part.text for part in turns[0].parts if isinstance(part, Text))
        assert LOST_CALL in text
        assert "found" in text


def responses(items: object, **rest: object) -> bytes:
    return json.dumps({"model": "m", "input": items, **rest}).encode()


def test_what_a_named_answer_left_open_is_answered_before_the_input() -> None:
    tongue = TONGUES[RESPONSES]
    body = tongue.parse(responses("go on", previous_response_id="resp_1"))
    found = json.loads(tongue.rewrite(body, (Mend(("a1", "b1")),)))
    assert [each["type"] for each in found["input"]] == [
        "function_call_output",
        "function_call_output",
        "message",
    ]
    given_ = {"type": "function_call_output", "call_id": "a1", "output": "7"}
    body = tongue.parse(responses([given_], previous_response_id="resp_1"))
    found = json.loads(tongue.rewrite(body, (Mend(("a1", "b1")),)))
    assert [each["call_id"] for each in found["input"]] == ["b1", "a1"]
    assert tongue.rewrite(body, (MEND,)) == body.raw


def test_what_is_recalled_is_mended_with_what_follows() -> None:
    tongue = TONGUES[RESPONSES]
    body = tongue.parse(responses("go on", previous_response_id="resp_1"))
    edits = (Recall((HI, asks("a1"))), MEND)
    assert whole(checked(RESPONSES, tongue.rewrite(body, edits)))


def test_gemini_answers_calls_by_name_where_they_have_no_ids() -> None:
    call: dict[str, Any] = {"functionCall": {"name": "look", "args": {}}}
    given_: dict[str, Any] = {"functionResponse": {"name": "look", "response": {"output": 1}}}
    contents = [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [call, call]},
        {"role": "function", "parts": [given_]},
    ]
    tongue = TONGUES[GEMINI]
    raw = tongue.rewrite(tongue.parse(json.dumps({"contents": contents}).encode()), (MEND,))
    parts = json.loads(raw)["contents"][-1]["parts"]
    assert parts == [
        given_,
        {"functionResponse": {"name": "look", "response": {"output": NOT_RUN}}},
    ]
