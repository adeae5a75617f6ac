import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, AskUsage, CapOutput, Edit, Prefill, UseModel
from switchgear.domain.errors import MalformedBody
from switchgear.domain.turn import Choice, Document, Image, Role, Text, ToolResult, Turn
from switchgear.wire.bedrock_converse import TONGUE
from switchgear.wire.bedrock_converse.hidden import write_hidden

HI = {"role": "user", "content": [{"text": "hi"}]}
SEALED = "switchgear:anthropic-messages:abc"
FOREIGN = {"reasoningContent": {"reasoningText": {"text": "a", "signature": SEALED}}}
OWN = {"reasoningContent": {"reasoningText": {"text": "a", "signature": "abc"}}}
HIDDEN = {"reasoningContent": {"redactedContent": write_hidden("dark", Dialect.ANTHROPIC_MESSAGES)}}
OWN_HIDDEN = {"reasoningContent": {"redactedContent": "ZGFyaw=="}}
CALL = {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}
RESULT = {
    "role": "user",
    "content": [{"toolResult": {"toolUseId": "t", "content": [{"text": "1"}]}}],
}
BUDGET = {"thinking": {"type": "enabled", "budget_tokens": 4000}}


def body(*messages: dict[str, Any], **fields: object) -> bytes:
    return json.dumps({"messages": messages or [HI], **fields}, indent=1).encode()


def rewritten(raw: bytes, *edits: Edit) -> Any:
    return json.loads(TONGUE.rewrite(TONGUE.parse(raw), edits))


def said(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def test_without_an_edit_that_matters_every_byte_stays() -> None:
    raw = body(HI, said({"text": SEALED}, OWN, OWN_HIDDEN), HI, new={"a": 1.50})
    for edits in ((), (UseModel("x"), AskUsage()), (CapOutput(5),)):
        capped = raw.replace(b'"new"', b'"inferenceConfig": {"maxTokens": 3}, "new"')
        assert TONGUE.rewrite(TONGUE.parse(capped), edits) == capped


def test_a_cap_lowers_the_limit_and_leaves_room_to_answer() -> None:
    raw = body(inferenceConfig={"maxTokens": 9000}, additionalModelRequestFields=BUDGET)
    small, large = rewritten(raw, CapOutput(500)), rewritten(raw, CapOutput(3000))
    assert small["inferenceConfig"] == {"maxTokens": 500}
    assert small["additionalModelRequestFields"]["thinking"] == {"type": "disabled"}
    assert large["additionalModelRequestFields"]["thinking"]["budget_tokens"] == 1500
    assert rewritten(body(), CapOutput(5))["inferenceConfig"] == {"maxTokens": 5}


def test_what_is_said_besides_follows_and_becomes_part_of_the_speakers_message() -> None:
    more = Append((Turn(Role.USER, (Text("more"),)), Turn(Role.ASSISTANT, (Text("yes"),))))
    assert rewritten(body(), more)["messages"] == [
        {"role": "user", "content": [{"text": "hi"}, {"text": "more"}]},
        said({"text": "yes"}),
    ]
    raw = body(HI, said({"text": "Once"}), additionalModelRequestFields=BUDGET)
    found = rewritten(raw, Prefill(" upon"))
    assert found["messages"][1] == said({"text": "Once upon"})
    assert found["additionalModelRequestFields"]["thinking"] == {"type": "disabled"}


def test_sealed_thinking_is_left_out_of_a_callers_own_request() -> None:
    raw = body(HI, said(FOREIGN, HIDDEN, OWN, OWN_HIDDEN, CALL), RESULT, said(FOREIGN), HI)
    assert rewritten(raw)["messages"] == [HI, said(OWN, OWN_HIDDEN, CALL), RESULT, HI]


@pytest.mark.parametrize(("block", "left"), [(FOREIGN, {"type": "disabled"}), (OWN, None)])
def test_thinking_ends_where_a_tool_loop_would_begin_without_it(
    block: dict[str, Any], left: object
) -> None:
    raw = body(HI, said(block, CALL), RESULT, additionalModelRequestFields=BUDGET)
    found = rewritten(raw)["additionalModelRequestFields"]["thinking"]
    assert found == (left or BUDGET["thinking"])


def test_a_request_of_the_apis_own_is_read() -> None:
    raw = body(
        {
            "role": "user",
            "content": [
                {"text": "see"},
                {"image": {"format": "png", "source": {"bytes": "QQ=="}}},
                {"document": {"format": "pdf", "name": "n", "source": {"bytes": "QQ=="}}},
                {"document": {"name": "t", "source": {"text": "é"}}},
                {"document": {"name": "u", "source": {"content": [{"text": "a"}]}}},
                {"cachePoint": {"type": "default"}},
            ],
        },
        said(CALL),
        {
            "role": "user",
            "content": [
                {
                    "toolResult": {
                        "toolUseId": "t",
                        "content": [{"json": {"a": 1}}],
                        "status": "error",
                    }
                }
            ],
        },
        toolConfig={
            "tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}],
            "toolChoice": {"any": {}},
        },
        additionalModelRequestFields={"reasoning_effort": "low", "inferenceConfig": {"topK": 3}},
    )
    found = TONGUE.parse(raw).conversation
    assert found.turns[0].parts[1:] == (
        Image(media_type="image/png", data="QQ=="),
        Document(media_type="application/pdf", data="QQ==", name="n"),
        Document(media_type="text/plain", data="w6k=", name="t"),
        Document(media_type="text/plain", data="YQ==", name="u", cache=True),
    )
    (result,) = found.turns[2].parts
    assert isinstance(result, ToolResult)
    assert result.failed
    assert [json.loads(part.text) for part in result.parts if isinstance(part, Text)] == [{"a": 1}]
    assert found.tool_choice
    assert found.tool_choice.choice is Choice.REQUIRED
    assert (found.effort, found.sampling.top_k, found.unread) == ("low", 3, ())


def test_what_is_not_read_is_named() -> None:
    video = {"video": {"format": "mp4", "source": {"bytes": "QQ=="}}}
    far = {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://a/b"}}}}
    cited = {
        "document": {
            "name": "n",
            "source": {"text": "a"},
            "context": "c",
            "citations": {"enabled": True},
        }
    }
    server = {"toolUse": {"toolUseId": "t", "name": "f", "input": {}, "type": "server_tool_use"}}
    raw = body(
        {"role": "user", "content": [{"cachePoint": {"type": "default"}}, video, far, cited]},
        said(server),
        guardrailConfig={"guardrailIdentifier": "g"},
        performanceConfig={},
        additionalModelRequestFields={"new": 1, "thinking": {"type": "new"}},
        additionalModelResponseFieldPaths=["/a"],
        toolConfig={"tools": [{"systemTool": {"name": "x"}}]},
    )
    assert set(TONGUE.parse(raw).conversation.unread) == {
        "guardrailConfig", "messages.content.video", "tools.systemTool",
        "additionalModelRequestFields.new", "thinking", "additionalModelResponseFieldPaths",
        "cachePoint", "messages.content.image.source", "messages.content.document.context",
        "messages.content.document.citations", "messages.content.server_tool_use",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"{}", "messages: required"),
        (b"[", "not JSON"),
        (b'{"messages":[]}', "messages: expected"),
        (b'{"messages":[{"role":"x","content":[]}]}', "messages[0].role"),
        (b'{"messages":[{"role":"user","content":"hi"}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user","content":[{"toolUse":{"name":"f"}}]}]}', "toolUseId"),
    ],
)
def test_a_body_of_another_shape_is_refused_with_its_place(raw: bytes, where: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        TONGUE.parse(raw)
    assert where in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "text",
                    "toolUse",
                    "toolResult",
                    "content",
                    "cachePoint",
                    "reasoningContent",
                    "image",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_bodies_that_are_nearly_right_are_read_or_refused(content: object, config: object) -> None:
    top = {"messages": [{"role": "user", "content": content}], "toolConfig": config}
    try:
        found = TONGUE.parse(json.dumps(top).encode())
    except MalformedBody:
        return
    TONGUE.write(found.conversation, ())
    TONGUE.rewrite(found, (CapOutput(1), Prefill("x")))
