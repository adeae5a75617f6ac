"""What a layer says of the tools, in every dialect: in the caller's own bytes, and across."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.converse import check
from support.geminis import check_request
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Append, CapOutput, ChooseTool, UseModel
from switchgear.domain.turn import (
    Choice,
    Conversation,
    Role,
    Text,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from switchgear.wire.choice import chosen, with_choice
from switchgear.wire.registry import TONGUES

CHAT, RESPONSES = Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES
MESSAGES, GEMINI, BEDROCK = Dialect.ANTHROPIC_MESSAGES, Dialect.GEMINI, Dialect.BEDROCK_CONVERSE
DIALECTS = pytest.mark.parametrize("dialect", list(TONGUES))
NONE = ChooseTool(ToolChoice(choice=Choice.NONE))
AUTO = ChooseTool(ToolChoice())
FORCED = ChooseTool(ToolChoice(choice=Choice.NAMED, name="look"))
SCHEMA = msgspec.Raw(b'{"type":"object","properties":{"q":{"type":"string"}}}')
LOOK = Tool(name="look", description="Look it up.", schema=SCHEMA)
HI = Turn(Role.USER, (Text("hi"),))
CALLED = (
    HI,
    Turn(Role.ASSISTANT, (Text("so"), ToolUse(id="call00001", name="look", arguments='{"q":"a"}'))),
    Turn(Role.USER, (ToolResult(id="call00001", parts=(Text("found"),)),)),
)
NUDGE = Append((Turn(Role.USER, (Text("Think again."),)),))
WHERE = {
    CHAT: "tool_choice",
    RESPONSES: "tool_choice",
    MESSAGES: "tool_choice",
    GEMINI: "toolConfig",
    BEDROCK: "toolConfig",
}
SAID: dict[Dialect, dict[str, Any]] = {
    CHAT: {"none": "none", "named": {"type": "function", "function": {"name": "look"}}},
    RESPONSES: {"none": "none", "named": {"type": "function", "name": "look"}},
    MESSAGES: {"none": {"type": "none"}, "named": {"type": "tool", "name": "look"}},
    GEMINI: {
        "none": {"functionCallingConfig": {"mode": "NONE"}},
        "named": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}},
    },
}


def talk(*turns: Turn, **rest: Any) -> Conversation:
    found: dict[str, Any] = {"model": "m", "turns": turns or (HI,), "tools": (LOOK,), **rest}
    return Conversation(**found)


def own(dialect: Dialect, said: Conversation) -> bytes:
    """A caller's request of this dialect, with something in it that nobody reads."""
    raw, _ = TONGUES[dialect].write(said, ())
    return b'{ "new" : [1.50], ' + raw[1:]


def top(raw: bytes) -> dict[str, bytes]:
    found = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return {name: bytes(value) for name, value in found.items()}


def checked(dialect: Dialect, raw: bytes) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(raw)
    body.pop("new", None)
    plain = json.dumps(body).encode()
    if dialect is BEDROCK:
        check(plain)
    if dialect is GEMINI:
        check_request(plain)
    TONGUES[dialect].parse(raw)
    return body


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES, MESSAGES, GEMINI])
@pytest.mark.parametrize(("edit", "name"), [(NONE, "none"), (FORCED, "named")])
@pytest.mark.parametrize("turns", [(HI,), CALLED])
def test_the_field_alone_is_changed_in_the_callers_own_bytes(
    dialect: Dialect, edit: ChooseTool, name: str, turns: tuple[Turn, ...]
) -> None:
    raw = own(dialect, talk(*turns, tool_choice=ToolChoice(choice=Choice.REQUIRED)))
    written = TONGUES[dialect].rewrite(TONGUES[dialect].parse(raw), (edit,))
    before, after = top(raw), top(written)
    assert json.loads(after.pop(WHERE[dialect])) == SAID[dialect][name]
    assert before.pop(WHERE[dialect])
    assert list(after.items()) == list(before.items())
    checked(dialect, written)


@DIALECTS
@pytest.mark.parametrize("edit", [NONE, FORCED, AUTO])
def test_of_no_tools_nothing_is_said(dialect: Dialect, edit: ChooseTool) -> None:
    tongue = TONGUES[dialect]
    bare = talk(tools=())
    raw = own(dialect, bare)
    assert tongue.rewrite(tongue.parse(raw), (edit,)) == raw
    assert tongue.write(bare, (edit,)) == tongue.write(bare, ())
    assert with_choice(bare, (edit,)) is bare


@DIALECTS
def test_what_the_caller_says_itself_changes_nothing(dialect: Dialect) -> None:
    tongue = TONGUES[dialect]
    raw = own(dialect, talk(*CALLED, tool_choice=ToolChoice(choice=Choice.REQUIRED)))
    same = ChooseTool(ToolChoice(choice=Choice.REQUIRED))
    assert tongue.rewrite(tongue.parse(raw), (same,)) == raw
    assert chosen(same.choice, (same,)) is None


@DIALECTS
@given(
    edit=st.sampled_from([NONE, AUTO, FORCED]),
    choice=st.none() | st.sampled_from([edit.choice for edit in (NONE, AUTO, FORCED)]),
    parallel=st.sampled_from([None, True, False]),
    called=st.booleans(),
)
def test_an_edited_request_is_the_request_of_the_edited_conversation(
    dialect: Dialect,
    edit: ChooseTool,
    choice: ToolChoice | None,
    parallel: bool | None,  # noqa: FBT001 - drawn by name
    called: bool,  # noqa: FBT001 - drawn by name
) -> None:
    tongue = TONGUES[dialect]
    said = choice and msgspec.structs.replace(choice, parallel=parallel)
    asked = talk(*(CALLED if called else ()), tool_choice=said)
    meant = msgspec.structs.replace(edit.choice, parallel=said.parallel if said else None)
    edited = msgspec.structs.replace(asked, tool_choice=meant)
    assert tongue.write(asked, (UseModel("m"), edit)) == tongue.write(edited, (UseModel("m"),))


@DIALECTS
def test_the_last_word_counts_and_may_bound_how_many_at_once(dialect: Dialect) -> None:
    tongue = TONGUES[dialect]
    alone = ChooseTool(ToolChoice(parallel=False))
    asked = talk(*CALLED, tool_choice=ToolChoice(choice=Choice.NONE, parallel=True))
    assert tongue.write(asked, (NONE, FORCED, alone)) == tongue.write(asked, (alone,))
    if dialect in {CHAT, RESPONSES}:
        raw = own(dialect, asked)
        found = json.loads(tongue.rewrite(tongue.parse(raw), (alone,)))
        assert (found["tool_choice"], found["parallel_tool_calls"]) == ("auto", False)


def test_bedrock_leaves_tools_out_that_were_never_called() -> None:
    tongue = TONGUES[BEDROCK]
    raw = own(BEDROCK, talk(tool_choice=ToolChoice(choice=Choice.REQUIRED)))
    written, dropped = tongue.write(talk(), (NONE,))
    for found in (tongue.rewrite(tongue.parse(raw), (NONE,)), written):
        assert "toolConfig" not in checked(BEDROCK, found)
    assert dropped == ()


def test_bedrock_keeps_tools_that_were_called_and_says_what_it_cannot_say() -> None:
    tongue = TONGUES[BEDROCK]
    asked = talk(*CALLED, tool_choice=ToolChoice(choice=Choice.REQUIRED))
    written, dropped = tongue.write(asked, (NONE,))
    raw = own(BEDROCK, asked)
    for found in (tongue.rewrite(tongue.parse(raw), (NONE,)), written):
        config = checked(BEDROCK, found)["toolConfig"]
        assert config["tools"][0]["toolSpec"]["name"] == "look"
        assert "toolChoice" not in config
    assert dropped == ("tool_choice",)
    forced = json.loads(tongue.rewrite(tongue.parse(raw), (FORCED,)))
    assert forced["toolConfig"]["toolChoice"] == {"tool": {"name": "look"}}


@pytest.mark.parametrize(("edit", "off"), [(NONE, False), (AUTO, False), (FORCED, True)])
def test_a_forced_tool_switches_thinking_off_where_the_api_forbids_both(
    edit: ChooseTool, *, off: bool
) -> None:
    thinking = {"type": "enabled", "budget_tokens": 2000}
    raw = own(MESSAGES, talk(max_output=9000, tool_choice=ToolChoice(parallel=False)))
    raw = raw[:-1] + b',"thinking":' + json.dumps(thinking).encode() + b"}"
    found = json.loads(TONGUES[MESSAGES].rewrite(TONGUES[MESSAGES].parse(raw), (edit,)))
    assert found["thinking"] == ({"type": "disabled"} if off else thinking)
    asked = own(BEDROCK, talk(tool_choice=ToolChoice(choice=Choice.AUTO)))
    more = {"thinking": thinking}
    asked = asked[:-1] + b',"additionalModelRequestFields":' + json.dumps(more).encode() + b"}"
    bedrock = json.loads(TONGUES[BEDROCK].rewrite(TONGUES[BEDROCK].parse(asked), (edit,)))
    kept = bedrock["additionalModelRequestFields"]["thinking"]
    assert kept == ({"type": "disabled"} if off else thinking)


def test_the_older_form_of_tools_is_switched_off_too() -> None:
    tongue = TONGUES[CHAT]
    older = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    for functions, said in (([{"name": "f"}], "none"), ([], None)):
        raw = json.dumps({**older, "functions": functions}).encode()
        assert json.loads(tongue.rewrite(tongue.parse(raw), (NONE,))).get("function_call") == said


def test_gemini_keeps_what_else_its_tools_are_told() -> None:
    raw = own(GEMINI, talk())
    beside = b',"toolConfig":{"retrievalConfig":{"languageCode":"nb"}}}'
    tongue = TONGUES[GEMINI]
    found = json.loads(tongue.rewrite(tongue.parse(raw[:-1] + beside), (NONE,)))
    assert found["toolConfig"] == {
        "retrievalConfig": {"languageCode": "nb"},
        "functionCallingConfig": {"mode": "NONE"},
    }
    null = tongue.parse(raw[:-1] + b',"toolConfig":null}')
    assert json.loads(tongue.rewrite(null, (NONE,)))["toolConfig"] == SAID[GEMINI]["none"]


@DIALECTS
@pytest.mark.parametrize("turns", [(HI,), CALLED])
@pytest.mark.parametrize("edits", [(NUDGE,), (NONE, NUDGE), (NUDGE, NUDGE, CapOutput(50))])
def test_a_user_speaks_after_the_results_of_tools(
    dialect: Dialect, turns: tuple[Turn, ...], edits: tuple[Any, ...]
) -> None:
    tongue = TONGUES[dialect]
    asked = talk(*turns)
    nudges = sum(edit is NUDGE for edit in edits)
    for raw in (
        tongue.rewrite(tongue.parse(own(dialect, asked)), edits),
        tongue.write(asked, edits)[0],
    ):
        checked(dialect, raw)
        parts = [part for turn in tongue.parse(raw).conversation.turns for part in turn.parts]
        assert parts[-nudges:] == [Text("Think again.")] * nudges
        assert [part for part in parts if isinstance(part, ToolResult)] == [
            part for turn in turns for part in turn.parts if isinstance(part, ToolResult)
        ]
    kept = own(dialect, asked)
    assert len(tongue.rewrite(tongue.parse(kept), (NUDGE,))) > len(kept)


@pytest.mark.parametrize("dialect", [MESSAGES, BEDROCK])
def test_speakers_stay_in_turn_where_a_user_speaks_after_results(dialect: Dialect) -> None:
    tongue = TONGUES[dialect]
    asked = talk(*CALLED)
    for raw in (
        tongue.rewrite(tongue.parse(own(dialect, asked)), (NUDGE,)),
        tongue.write(asked, (NUDGE,))[0],
    ):
        messages = json.loads(raw)["messages"]
        assert [each["role"] for each in messages] == ["user", "assistant", "user"]
        last = messages[-1]["content"]
        assert [("toolResult" in it or it.get("type") == "tool_result") for it in last] == [1, 0]


def test_gemini_is_told_results_in_a_content_of_their_own() -> None:
    tongue = TONGUES[GEMINI]
    asked = talk(*CALLED)
    for raw in (
        tongue.rewrite(tongue.parse(own(GEMINI, asked)), (NUDGE,)),
        tongue.write(asked, (NUDGE,))[0],
    ):
        contents = json.loads(raw)["contents"]
        assert [next(iter(part)) for each in contents[-2:] for part in each["parts"]] == [
            "functionResponse",
            "text",
        ]
        assert len(contents[-2]["parts"]) == 1
