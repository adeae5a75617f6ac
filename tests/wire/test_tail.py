"""A conversation made longer, in both dialects, in the caller's own bytes and across."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, Edit, Prefill, PrefillForm, UseModel
from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn
from switchgear.wire.registry import TONGUES
from switchgear.wire.tail import lengthened, with_elements, with_words

CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
DIALECTS = pytest.mark.parametrize("dialect", [CHAT, MESSAGES])

SAID = st.text('ab é"\\\n', min_size=1, max_size=6).map(lambda text: f"x{text}y")
CONTENT = SAID | st.lists(
    st.builds(lambda text: {"type": "text", "text": text}, SAID), min_size=1, max_size=2
)
CALLERS = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": CONTENT}),
    min_size=1,
    max_size=3,
)
MORE = st.lists(
    st.builds(Turn, st.sampled_from([Role.USER, Role.ASSISTANT]), st.tuples(st.builds(Text, SAID))),
    min_size=1,
    max_size=3,
).map(lambda turns: Append(tuple(turns)))
EDITS = st.tuples(MORE) | st.tuples(st.builds(Prefill, SAID)) | st.tuples(MORE, MORE)


def raw_body(messages: object, **rest: object) -> bytes:
    text = json.dumps({"model": "m", "messages": messages, "x": [1.5], **rest})
    return text.replace('"messages": [', '"messages": [ \n ').encode()


def sent(messages: object, *edits: Edit, dialect: Dialect = CHAT, **rest: object) -> dict[str, Any]:
    tongue = TONGUES[dialect]
    body = tongue.parse(raw_body(messages, **rest))
    found: dict[str, Any] = json.loads(tongue.rewrite(body, edits))
    return found


def across(messages: object, *edits: Edit, to: Dialect, **rest: object) -> dict[str, Any]:
    source = TONGUES[MESSAGES if to is CHAT else CHAT]
    raw, _ = TONGUES[to].write(source.parse(raw_body(messages, **rest)).conversation, edits)
    found: dict[str, Any] = json.loads(raw)
    return found


def texts(body: bytes, dialect: Dialect) -> list[tuple[Role, str]]:
    """What is said, by speaker: two in a row of one speaker are one."""
    found: list[tuple[Role, str]] = []
    for turn in TONGUES[dialect].parse(body).conversation.turns:
        text = "".join(part.text for part in turn.parts if isinstance(part, Text))
        if found and found[-1][0] is turn.role:
            text = found.pop()[1] + text
        found.append((turn.role, text))
    return found


@DIALECTS
@given(messages=CALLERS, edits=EDITS)
@example(messages=[{"role": "assistant", "content": "xy"}], edits=(Prefill("x"),))
def test_a_longer_body_says_what_the_longer_conversation_says(
    dialect: Dialect, messages: list[dict[str, Any]], edits: tuple[Edit, ...]
) -> None:
    tongue = TONGUES[dialect]
    body = tongue.parse(raw_body(messages))
    longer = msgspec.structs.replace(
        body.conversation, turns=lengthened(body.conversation.turns, edits)
    )
    expected = texts(tongue.write(longer, ())[0], dialect)
    if dialect is MESSAGES and messages[0]["role"] == "assistant":
        expected = expected[1:]  # translation puts a user first, a rewrite leaves that be
    assert texts(tongue.rewrite(body, edits), dialect) == expected


@DIALECTS
@given(messages=CALLERS, edits=EDITS)
def test_all_before_the_last_message_keeps_its_bytes(
    dialect: Dialect, messages: list[dict[str, Any]], edits: tuple[Edit, ...]
) -> None:
    raw = raw_body(messages)
    array = bytes(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])["messages"])
    last = json.dumps(messages[-1]).encode()
    kept = array[: array.rindex(last)]
    assert kept in TONGUES[dialect].rewrite(TONGUES[dialect].parse(raw), edits)


@DIALECTS
@given(messages=CALLERS, edits=EDITS)
def test_no_two_messages_in_a_row_are_the_assistants(
    dialect: Dialect, messages: list[dict[str, Any]], edits: tuple[Edit, ...]
) -> None:
    roles = [said["role"] for said in sent(messages, *edits, dialect=dialect)["messages"]]
    own = [said["role"] for said in messages]
    pairs = list(itertools.pairwise(roles))[len(own) - 1 :]
    assert ("assistant", "assistant") not in pairs
    if dialect is MESSAGES:
        assert ("user", "user") not in pairs


@DIALECTS
def test_a_prefill_is_an_assistant_message_at_the_tail(dialect: Dialect) -> None:
    user = [{"role": "user", "content": "hi"}]
    for found in (
        sent(user, Prefill("The sum"), dialect=dialect),
        across(user, Prefill("The sum"), to=dialect),
    ):
        last = found["messages"][-1]
        assert last["role"] == "assistant"
        assert last["content"] in ("The sum", [{"type": "text", "text": "The sum"}])


@DIALECTS
def test_a_prefill_of_the_callers_own_is_made_longer(dialect: Dialect) -> None:
    own = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "The "}]
    for found in (
        sent(own, Prefill("sum"), dialect=dialect),
        across(own, Prefill("sum"), to=dialect),
    ):
        assert len(found["messages"]) == 2
        content = found["messages"][1]["content"]
        assert content in ("The sum", [{"type": "text", "text": "The sum"}])


def test_each_form_of_prefill_is_written_as_its_providers_want_it() -> None:
    user = [{"role": "user", "content": "hi"}]
    message = {"role": "assistant", "content": "The sum"}
    for form, marked, beside in (
        (PrefillForm.PLAIN, {}, {}),
        (PrefillForm.PREFIX, {"prefix": True}, {}),
        (
            PrefillForm.CONTINUE,
            {},
            {"continue_final_message": True, "add_generation_prompt": False},
        ),
    ):
        for found in (
            sent(user, Prefill("The sum", form)),
            across(user, Prefill("The sum", form), to=CHAT),
        ):
            assert found["messages"][-1] == message | marked
            fields = {"continue_final_message", "add_generation_prompt"} & found.keys()
            assert {name: found[name] for name in fields} == beside


def test_no_form_is_known_to_the_messages_api() -> None:
    user = [{"role": "user", "content": "hi"}]
    plain = sent(user, Prefill("a"), dialect=MESSAGES)
    for form in PrefillForm:
        assert sent(user, Prefill("a", form), dialect=MESSAGES) == plain


@DIALECTS
def test_a_prefill_goes_with_a_cap_and_a_model(dialect: Dialect) -> None:
    user = [{"role": "user", "content": "hi"}]
    edits = (UseModel("n"), CapOutput(7), Prefill("a"))
    for found in (
        sent(user, *edits, dialect=dialect, max_tokens=50),
        across(user, *edits, to=dialect, max_tokens=50),
    ):
        assert (found["model"], found["max_tokens"]) == ("n", 7)
        assert len(found["messages"]) == 2


@pytest.mark.parametrize(
    "thinking", [{"type": "enabled", "budget_tokens": 2000}, {"type": "adaptive"}]
)
def test_a_prefill_switches_thinking_off_as_the_messages_api_demands(thinking: object) -> None:
    user = [{"role": "user", "content": "hi"}]
    found = sent(user, CapOutput(5000), Prefill("a"), dialect=MESSAGES, thinking=thinking)
    assert found["thinking"] == {"type": "disabled"}
    appended = Append((Turn(Role.USER, (Text("go on"),)),))
    assert sent(user, appended, dialect=MESSAGES, thinking=thinking)["thinking"] == thinking


@DIALECTS
def test_tool_calls_and_their_results_can_be_appended(dialect: Dialect) -> None:
    call = ToolUse(id="a", name="f", arguments='{"x":1}')
    turns = (
        Turn(Role.ASSISTANT, (Text("so"), call)),
        Turn(Role.USER, (ToolResult(id="a", parts=(Text("2"),)),)),
    )
    tongue = TONGUES[dialect]
    for last in ({"role": "user", "content": "hi"}, {"role": "assistant", "content": "hm"}):
        raw = tongue.rewrite(tongue.parse(raw_body([last])), (Append(turns),))
        parts = [part for turn in tongue.parse(raw).conversation.turns for part in turn.parts]
        assert parts[-3:] == [Text("so"), call, ToolResult(id="a", parts=(Text("2"),))]


def test_a_message_that_only_calls_tools_is_left_alone() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    own = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    assert sent(own, Prefill("a"))["messages"] == [*own, {"role": "assistant", "content": "a"}]


@pytest.mark.parametrize(
    ("content", "longer"),
    [
        (b"", b'"b"'),
        (b"null", b'"b"'),
        (b'"a"', b'"ab"'),
        (b'"\\u00e9\\n"', b'"\\u00e9\\nb"'),
        (b"[]", b'[{"type":"text","text":"b"}]'),
        (b'[ {"type":"text", "text":"a", "n":1.0} ]', b'[ {"type":"text","text":"ab","n":1.0}]'),
        (b'[{"type":"image"} ]', b'[{"type":"image"} ,{"type":"text","text":"b"}]'),
    ],
)
def test_words_are_added_to_any_content(content: bytes, longer: bytes) -> None:
    assert with_words(content, "b") == longer


def test_elements_are_added_to_any_array() -> None:
    assert with_elements(b"[ ]", [1]) == b"[ 1]"
    assert with_elements(b"[ 2 ]\n", [1]) == b"[ 2 ,1]"
    assert with_elements(b"[ 2 ]\n", []) == b"[ 2 ]\n"
