import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import AskUsage, CapOutput, UseModel
from switchgear.domain.errors import MalformedBody, ThreadUnsupported
from switchgear.wire.anthropic_messages import TONGUE
from switchgear.wire.anthropic_messages.body import MessagesBody
from switchgear.wire.tongue import Tongue

SMALL = b'{"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]}'
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["model", "messages", "max_tokens", "system", "tools", "thinking", "output_config", "metadata"]
)
BLOCK_KEYS = st.sampled_from(["type", "text", "source", "input", "content", "id", "name"])
BLOCK_TYPES = st.sampled_from(["text", "image", "tool_use", "tool_result", "document", "?", "new"])
BLOCKS = st.dictionaries(BLOCK_KEYS, JSON) | st.builds(
    lambda block, kind: {**block, "type": kind}, st.dictionaries(BLOCK_KEYS, JSON), BLOCK_TYPES
)
MESSAGES = st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": st.lists(BLOCKS)}))
BODIES = st.dictionaries(KEYS, JSON) | st.builds(
    lambda rest, messages: {**rest, "model": "m", "messages": messages},
    st.dictionaries(KEYS, JSON, max_size=1),
    MESSAGES,
)


def parse(**fields: object) -> MessagesBody:
    turns = [{"role": "user", "content": "hi"}]
    return TONGUE.parse(msgspec.json.encode({"model": "m", "messages": turns} | fields))


def dialect(tongue: Tongue) -> Dialect:
    return tongue.dialect


def test_it_is_a_tongue() -> None:
    assert dialect(TONGUE) is MessagesBody.dialect is Dialect.ANTHROPIC_MESSAGES


@given(st.binary(max_size=80))
@example(b'{"model":"m","messages":[' + b"[" * 5000)
def test_bytes_that_are_no_request_are_refused_as_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedBody):
        TONGUE.parse(raw)


@given(BODIES)
def test_any_json_is_read_whole_or_refused_as_malformed(found: object) -> None:
    try:
        body = TONGUE.parse(json.dumps(found).encode())
    except MalformedBody as error:
        message = error.message
    else:
        message = body.conversation.model
    assert 0 < len(message) < 500


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": 3}, "model: expected str, got int"),
        ({"messages": []}, "messages: expected array of length >= 1"),
        ({"messages": [{"role": "bot", "content": ""}]}, "messages[0].role: invalid enum value"),
        ({"messages": [{"role": "user"}]}, "messages[0].content: required"),
        ({"messages": [{"role": "user", "content": [{"text": ""}]}]}, "messages[0].content[0].t"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "content[0].text: requ"),
        ({"max_tokens": "5"}, "max_tokens: expected int"),
        ({"max_tokens": 2**40}, "max_tokens: expected int <= "),
        ({"thinking": {"type": "enabled"}}, "thinking: type enabled needs budget_tokens"),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema: required"),
        ({"tools": [None]}, "tools[0]: expected"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice: type tool needs name"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(fields: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        parse(**fields)
    assert message in caught.value.message


def test_a_source_without_its_data_is_refused_with_its_place() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png"}}
    with pytest.raises(MalformedBody, match=r"messages\[0\].content\[0\].source: a base64 source"):
        parse(messages=[{"role": "user", "content": [image]}])


def test_a_missing_model_is_named() -> None:
    with pytest.raises(MalformedBody, match=r"^model: required"):
        TONGUE.parse(b'{"messages":[{"role":"user","content":"hi"}]}')


def test_a_limit_is_required_only_when_it_is_asked_for() -> None:
    TONGUE.parse(SMALL).require_limit()
    body = parse()
    assert body.conversation.max_output is None
    with pytest.raises(MalformedBody, match="max_tokens: required"):
        body.require_limit()


def test_the_conversation_is_read_once() -> None:
    body = TONGUE.parse(SMALL)
    assert body.conversation is body.conversation
    assert (body.model, body.stream, body.raw) == ("m", False, SMALL)


def test_without_a_change_the_bytes_are_the_callers_own() -> None:
    body = TONGUE.parse(SMALL)
    for edits in ((), (AskUsage(),), (UseModel("m"),), (CapOutput(50),), (CapOutput(99),)):
        assert TONGUE.rewrite(body, edits) is body.raw


def test_an_edit_keeps_the_bytes_and_the_order_of_everything_else() -> None:
    raw = b'{"x": [1.50,  "\\u00e9"], "model": "m", "messages": [{"content":"a", "role":"user"}]}'
    written = TONGUE.rewrite(TONGUE.parse(raw), (UseModel("other"), CapOutput(7), AskUsage()))
    assert written == (
        b'{"x":[1.50,  "\\u00e9"],"model":"other",'
        b'"messages":[{"content":"a", "role":"user"}],"max_tokens":7}'
    )


def test_a_cap_lowers_a_limit_in_its_place() -> None:
    written = TONGUE.rewrite(TONGUE.parse(SMALL), (CapOutput(7),))
    assert written.startswith(b'{"model":"m","max_tokens":7,"messages":[')


@pytest.mark.parametrize(
    ("cap", "thinking"),
    [
        (9000, {"type": "enabled", "budget_tokens": 8000}),
        (8000, {"type": "enabled", "budget_tokens": 4000}),
        (1500, {"type": "enabled", "budget_tokens": 1024}),
        (1024, {"type": "disabled"}),
    ],
)
def test_a_cap_leaves_a_budget_that_fits_below_it(cap: int, thinking: object) -> None:
    body = parse(max_tokens=10_000, thinking={"type": "enabled", "budget_tokens": 8000})
    written = json.loads(TONGUE.rewrite(body, (CapOutput(cap),)))
    assert (written["max_tokens"], written["thinking"]) == (cap, thinking)


@pytest.mark.parametrize(
    "thread", [{"type": "create"}, {"type": "continue", "previous_message_id": "msg_1"}]
)
def test_a_thread_is_refused_for_most_of_it_is_with_one_provider(thread: object) -> None:
    with pytest.raises(ThreadUnsupported):
        parse(thread=thread)
    assert parse(thread=None).model == "m"
