import json
from typing import Any

import pytest

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, UseModel
from switchgear.domain.turn import Conversation, Role, Text, Thinking, ToolResult, ToolUse, Turn
from switchgear.wire.anthropic_messages import TONGUE

ABROAD, HERE = Dialect.BEDROCK_CONVERSE, Dialect.ANTHROPIC_MESSAGES
SEALED = "switchgear:bedrock-converse:abc"
FOREIGN = {"type": "thinking", "thinking": "hm", "signature": SEALED}
HIDDEN = {"type": "redacted_thinking", "data": SEALED}
OWN = {"type": "thinking", "thinking": "hm", "signature": "abc"}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}
HI = {"role": "user", "content": "hi"}
BUDGET = {"type": "enabled", "budget_tokens": 1024}


def body(*messages: dict[str, Any], **fields: object) -> bytes:
    top = {"model": "m", "max_tokens": 9000, "messages": messages, **fields}
    return json.dumps(top, indent=1).encode()


def rewritten(raw: bytes, *edits: UseModel | Append) -> Any:
    return json.loads(TONGUE.rewrite(TONGUE.parse(raw), edits))


def said(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def test_sealed_thinking_is_left_out_of_a_callers_own_request() -> None:
    raw = body(HI, said(FOREIGN, HIDDEN, OWN, CALL), RESULT)
    assert rewritten(raw)["messages"] == [HI, said(OWN, CALL), RESULT]


def test_what_only_speaks_of_seals_keeps_its_bytes() -> None:
    words = {"type": "text", "text": SEALED}
    raw = body({"role": "user", "content": [words]}, said(words, OWN), {**HI, "content": SEALED})
    assert TONGUE.rewrite(TONGUE.parse(raw), ()) == raw


def test_a_message_of_nothing_else_is_left_out_and_the_next_words_find_their_speaker() -> None:
    raw = body(HI, said(FOREIGN))
    assert rewritten(raw)["messages"] == [HI]
    more = Append((Turn(Role.USER, (Text("go on"),)),))
    assert [each["role"] for each in rewritten(raw, more)["messages"]] == ["user"]


@pytest.mark.parametrize(
    ("blocks", "thinking", "left"),
    [
        ((FOREIGN, CALL), BUDGET, {"type": "disabled"}),
        ((FOREIGN, OWN, CALL), BUDGET, BUDGET),
        ((FOREIGN, CALL), {"type": "adaptive"}, {"type": "adaptive"}),
        ((CALL,), BUDGET, BUDGET),
    ],
)
def test_thinking_by_budget_ends_where_a_tool_loop_would_begin_without_it(
    blocks: tuple[dict[str, Any], ...], thinking: dict[str, Any], left: dict[str, Any]
) -> None:
    assert rewritten(body(HI, said(*blocks), RESULT, thinking=thinking))["thinking"] == left


def test_a_translated_request_leaves_out_and_names_what_others_signed() -> None:
    turns = (
        Turn(Role.USER, (Text("hi"),)),
        Turn(
            Role.ASSISTANT,
            (
                Thinking("a", "x", origin=ABROAD),
                Thinking("", redacted="y", origin=ABROAD),
                Thinking("b", "z", origin=HERE),
                Text("c"),
            ),
        ),
    )
    raw, dropped = TONGUE.write(Conversation(model="m", turns=turns), ())
    signed = {"type": "thinking", "thinking": "b", "signature": "z"}
    assert json.loads(raw)["messages"][1]["content"] == [signed, {"type": "text", "text": "c"}]
    assert dropped == ("thinking",)


@pytest.mark.parametrize(("origin", "thinks"), [(ABROAD, False), (HERE, True), (None, True)])
def test_a_tool_loop_that_another_provider_began_is_gone_on_with_without_thinking(
    origin: Dialect | None,
    *,
    thinks: bool,
) -> None:
    turns = (
        Turn(Role.USER, (Text("hi"),)),
        Turn(
            Role.ASSISTANT,
            (Thinking("a", "x", origin=origin), ToolUse(id="t", name="f", arguments="")),
        ),
        Turn(Role.USER, (ToolResult(id="t", parts=(Text("1"),)),)),
    )
    asked = Conversation(model="claude-sonnet-4-5", turns=turns, thinking_budget=1024)
    assert ("thinking" in json.loads(TONGUE.write(asked, ())[0])) is thinks
