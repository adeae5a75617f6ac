import json
from collections.abc import Sequence

import pytest

from support.tongue import PlainTongue
from switchgear.domain.edit import Append, AskUsage, CapOutput, Edit, Prefill, Recall, UseModel
from switchgear.domain.turn import Role, Text, ToolResult, ToolUse, Turn
from switchgear.wire import freeform
from switchgear.wire.openai_responses import TONGUE

RAW = (
    b'{ "model" : "m", "input":[ {"role":"user", "content":"hi"} ], "new": [1, 2],'
    b' "max_output_tokens": 99, "tools":[{"type":"custom","name":"p"}],'
    b' "previous_response_id":"resp_1" }'
)
ASKED, ANSWERED = Turn(Role.USER, (Text("q"),)), Turn(Role.ASSISTANT, (Text("a"),))
Q = b'{"type":"message","role":"user","content":"q"}'
A = b'{"type":"message","role":"assistant","content":"a"}'


def rewrite(raw: bytes, *edits: Edit) -> bytes:
    return TONGUE.rewrite(TONGUE.parse(raw), edits)


@pytest.mark.parametrize("edits", [(), (UseModel("m"),), (CapOutput(99),), (AskUsage(),)])
def test_what_changes_nothing_keeps_every_byte(edits: Sequence[Edit]) -> None:
    body = TONGUE.parse(RAW)
    assert TONGUE.rewrite(body, edits) is body.raw


def test_values_that_no_edit_names_keep_their_bytes() -> None:
    found = rewrite(RAW, UseModel("x"), CapOutput(50), Append((ASKED,)))
    assert b'"model":"x"' in found
    assert b'"max_output_tokens":50' in found
    assert b'[ {"role":"user", "content":"hi"} ' + b"," + Q + b"]" in found
    assert b'"new":[1, 2]' in found
    assert list(json.loads(found)) == list(json.loads(RAW))


def test_an_answer_begun_is_appended_as_one_given() -> None:
    assert rewrite(RAW, Prefill("a")).count(A) == 1
    text = b'{"model":"m","input":"h\\u0069"}'
    assert rewrite(text, Prefill("a")) == (
        b'{"model":"m","input":[{"type":"message","role":"user","content":"h\\u0069"},' + A + b"]}"
    )
    nothing = b'{"model":"m","previous_response_id":"resp_1"}'
    assert rewrite(nothing, Append((ASKED,))).endswith(b'"input":[' + Q + b"]}")


def test_what_is_recalled_stands_first_and_the_answer_is_named_no_more() -> None:
    found = rewrite(RAW, Recall((ASKED, ANSWERED)), Append((ASKED,)))
    assert b'"input":[' + Q + b"," + A + b', {"role":"user", "content":"hi"} ,' in found
    assert b"previous_response_id" not in found
    assert rewrite(RAW, Recall(())) != RAW
    nothing = b'{"model":"m","previous_response_id":"resp_1"}'
    assert rewrite(nothing, Recall((ASKED,))) == b'{"model":"m","input":[' + Q + b"]}"


def test_calls_that_are_recalled_are_of_the_kind_of_their_tool() -> None:
    use = ToolUse(id="c", name="p", arguments=freeform.wrap("x"))
    result = ToolResult(id="c", parts=(Text("y"),))
    found = rewrite(RAW, Recall((Turn(Role.ASSISTANT, (use,)), Turn(Role.USER, (result,)))))
    kinds = [item.get("type") for item in json.loads(found)["input"]]
    assert kinds == ["custom_tool_call", "custom_tool_call_output", None]


def test_reasoning_that_its_provider_did_not_write_is_left_out() -> None:
    own = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gA"}
    says_so = {"role": "user", "content": "switchgear:anthropic-messages: rs_sg_"}
    strange = [
        {**own, "encrypted_content": "switchgear:anthropic-messages:sig"},
        {**own, "encrypted_content": "redacted:x"},
        {**own, "id": "rs_sg_1"},
    ]
    raw = json.dumps({"model": "m", "input": [own, *strange, says_so, own]}).encode()
    assert json.loads(rewrite(raw))["input"] == [own, says_so, own]
    kept = json.dumps({"model": "m", "input": [own, says_so]}).encode()
    assert json.loads(rewrite(kept)) == json.loads(kept)


def test_a_body_that_another_has_read_is_read_again() -> None:
    class Foreign:
        raw = RAW
        dialect = PlainTongue().dialect
        model = "m"
        stream = False
        conversation = TONGUE.parse(RAW).conversation

        def require_limit(self) -> None: ...

    assert TONGUE.rewrite(Foreign(), ()) == RAW
