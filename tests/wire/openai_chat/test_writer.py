import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion

from switchgear.domain.event import Event, Finished, Opened, Stop, ToolDelta, ToolStarted
from switchgear.domain.turn import Conversation, Tool
from switchgear.wire import freeform
from switchgear.wire.openai_chat import TONGUE

PATCH = Tool(name="patch", schema=freeform.schema(), freeform=True)
ASKED = Conversation(model="m", turns=(), stream=True, tools=(PATCH, Tool(name="f")))
TEXT = 'x\n"é'
DONE = Finished(stop=Stop.TOOL_USE)


def answer(arguments: str, at: int) -> list[Event]:
    return [
        Opened(id="c", model="m", created=7),
        ToolStarted(index=0, id="a", name="patch"),
        ToolDelta(index=0, json=arguments[:at]),
        ToolStarted(index=1, id="b", name="f"),
        ToolDelta(index=1, json="{}"),
        ToolDelta(index=0, json=arguments[at:]),
        DONE,
    ]


def calls(raw: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in raw.splitlines() if line.startswith(b"data: {")]
    deltas = [json.loads(line)["choices"][0]["delta"] for line in lines]
    return [call for delta in deltas for call in delta.get("tool_calls", ())]


def arguments(events: list[Event], index: int) -> str:
    found = [each for each in events if isinstance(each, ToolDelta) and each.index == index]
    return "".join(each.json for each in found)


@given(st.integers(1, len(freeform.wrap(TEXT)) - 1))
def test_a_tool_of_text_is_called_with_text_and_read_as_arguments(at: int) -> None:
    raw = TONGUE.stream_writer("sg_1", ASKED).write(answer(freeform.wrap(TEXT), at))
    first, *rest = [call for call in calls(raw) if "custom" in call]
    custom = {"name": "patch", "input": ""}
    assert first == {"index": 0, "id": "a", "type": "custom", "custom": custom}
    assert "".join(call["custom"]["input"] for call in rest) == TEXT
    pieces = TONGUE.tap(()).feed(raw)
    events = [event for piece in pieces for event in piece.seen]
    assert arguments(events, 0) == freeform.wrap(TEXT)
    assert arguments(events, 1) == "{}"
    assert events[-1] == DONE


def test_what_is_no_arguments_is_told_at_the_end() -> None:
    raw = TONGUE.stream_writer("sg_1", ASKED).write(answer("*** Begin", 3))
    custom = [call["custom"]["input"] for call in calls(raw) if "custom" in call]
    assert custom == ["", "*** Begin"]


@pytest.mark.parametrize("asked", [ASKED, None])
def test_a_whole_answer_calls_it_as_its_caller_offered_it(asked: Conversation | None) -> None:
    raw = TONGUE.write_whole("sg_1", answer(freeform.wrap(TEXT), 4), asked)
    ChatCompletion.model_validate_json(raw, strict=True)
    found = json.loads(raw)["choices"][0]["message"]["tool_calls"]
    assert [call["type"] for call in found] == ["custom" if asked else "function", "function"]
    events = list(TONGUE.read_whole(raw))
    assert arguments(events, 0) == freeform.wrap(TEXT)
    unfinished = raw.replace(b'"finish_reason":"tool_calls"', b'"finish_reason":null')
    assert arguments(list(TONGUE.read_whole(unfinished)), 0) == freeform.wrap(TEXT)


def test_a_call_with_an_empty_text_has_arguments_all_the_same() -> None:
    raw = TONGUE.stream_writer("sg_1", ASKED).write(answer(freeform.wrap(""), 4))
    events = [event for piece in TONGUE.tap(()).feed(raw) for event in piece.seen]
    assert arguments(events, 0) == freeform.wrap("")
