import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import APIError
from openai.types.responses import Response

from support.responses import RESPONSE, accumulated, frames, told
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamBusy
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
from switchgear.domain.turn import AnswerFormat, Choice, Conversation, Tool, ToolChoice
from switchgear.domain.units import Tokens, UnixMs
from switchgear.wire import freeform
from switchgear.wire.openai_responses import TONGUE

DECISION = mint(UnixMs(1_700_000_000_000), 1)
TOOLS = (
    Tool(name="f", description="d"),
    Tool(name="patch", schema=freeform.schema(freeform.Grammar("lark", "x: y")), freeform=True),
)
ASKED = Conversation(
    model="asked",
    turns=(),
    stream=True,
    tools=TOOLS,
    tool_choice=ToolChoice(choice=Choice.NAMED, name="patch", parallel=False),
    max_output=99,
    format=AnswerFormat(),
    effort="low",
    metadata=(("a", "b"),),
    end_user="u",
    previous="resp_6",
)
USED = Usage(input=Tokens(9), cached=Tokens(4), output=Tokens(8), reasoning=Tokens(2))
OPENED = Opened(id="chatcmpl-1", model="m")
DONE = Finished(stop=Stop.END, usage=USED)
ANTHROPIC = Dialect.ANTHROPIC_MESSAGES
EVERYTHING: list[Event] = [
    OPENED,
    ThinkingDelta("h"),
    ThinkingDelta("m"),
    ThinkingSigned("s", origin=ANTHROPIC),
    ThinkingSigned("", redacted="r", origin=ANTHROPIC),
    TextDelta("a"),
    TextDelta("b"),
    RefusalDelta("no"),
    ToolStarted(index=0, id="c0", name="f"),
    ToolDelta(index=0, json='{"a":'),
    ToolStarted(index=1, id="c1", name="patch"),
    ToolDelta(index=1, json='{"input":"x\\'),
    ToolDelta(index=0, json="1}"),
    ToolDelta(index=1, json='ny"}'),
    ToolStarted(index=2, id="c2", name="f"),
    TextDelta("z"),
    Finished(stop=Stop.TOOL_USE, usage=USED),
]


def stream(events: Sequence[Event], asked: Conversation = ASKED) -> bytes:
    writer = TONGUE.stream_writer(DECISION, asked)
    return b"".join(writer.write([event]) for event in events)


def test_everything_is_as_the_sdk_has_it() -> None:
    raw = stream(EVERYTHING)
    kinds = [frame["type"] for frame in told(raw)]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert raw == TONGUE.stream_writer(DECISION, ASKED).write(EVERYTHING)
    response = accumulated(raw)
    assert [item.type for item in response.output] == [
        "reasoning", "reasoning", "message", "function_call", "custom_tool_call", "function_call",
        "message",
    ]  # fmt: skip
    assert response.output_text == "abz"
    assert response.status == "completed"
    assert response.usage
    assert response.usage.output_tokens_details.reasoning_tokens == 2


def test_each_item_is_told_from_its_beginning_to_its_end() -> None:
    open_items: dict[int, str] = {}
    parts = dict[tuple[int, object], str]()
    begun = 0
    for frame in told(stream(EVERYTHING)):
        kind, index = frame["type"], frame.get("output_index", -1)
        if kind == "response.output_item.added":
            assert index == begun
            begun, open_items[index] = begun + 1, frame["item"]["id"]
        elif kind == "response.output_item.done":
            assert open_items.pop(index) == frame["item"]["id"]
        elif index >= 0:
            assert open_items[index] == frame["item_id"]
            place = (index, frame.get("content_index", frame.get("summary_index")))
            follow(parts, place, frame)
    assert not open_items
    assert len(parts) == 7
    kinds = [frame["type"] for frame in told(stream(EVERYTHING))]
    for part, count in (("content_part", 3), ("reasoning_summary_part", 1)):
        assert kinds.count(f"response.{part}.added") == count
        assert kinds.count(f"response.{part}.done") == count


def follow(parts: dict[tuple[int, object], str], place: tuple[int, object], frame: Any) -> None:
    """See that the deltas of a part come to what is said to be all of it."""
    if frame["type"].endswith("part.added"):
        assert place not in parts
    elif frame["type"].endswith(".delta"):
        parts[place] = parts.get(place, "") + frame["delta"]
    else:
        whole = frame.get("part", frame)
        fields = ("text", "refusal", "arguments", "input")
        assert parts[place] == next(whole[field] for field in fields if field in whole)


def test_a_whole_answer_is_as_the_sdk_has_it() -> None:
    raw = TONGUE.write_whole(DECISION, EVERYTHING, ASKED)
    found = Response.model_validate_json(raw, strict=True)
    assert found.id == f"resp_{DECISION}"
    assert found.created_at == 1_700_000_000
    echoed = json.loads(raw)
    assert echoed["tools"][1]["format"] == {
        "type": "grammar", "syntax": "lark", "definition": "x: y",
    }  # fmt: skip
    assert echoed["tool_choice"] == {"type": "custom", "name": "patch"}
    assert echoed["text"] == {"format": {"type": "json_object"}}
    assert echoed["parallel_tool_calls"] is False
    assert (echoed["store"], echoed["previous_response_id"]) == (False, "resp_6")
    assert (echoed["max_output_tokens"], echoed["metadata"]) == (99, {"a": "b"})
    assert echoed["reasoning"] == {"effort": "low", "summary": None}


def test_nothing_need_be_known_of_what_was_asked() -> None:
    raw = TONGUE.write_whole(DECISION, [*EVERYTHING[:-1]])
    found = Response.model_validate_json(raw, strict=True)
    calls = [item for item in found.output if item.type == "function_call"]
    assert [call.arguments for call in calls] == ['{"a":1}', '{"input":"x\\ny"}', "{}"]
    assert (found.status, found.usage) == ("completed", None)


def test_an_answer_without_a_beginning_has_one() -> None:
    found = told(stream([TextDelta("a"), DONE]))
    assert found[0]["response"]["id"] == f"resp_{DECISION}"
    assert found[0]["response"]["model"] == "asked"
    assert told(stream([DONE]))[-1]["response"]["output"] == []


def test_a_target_of_this_dialect_keeps_its_id() -> None:
    assert told(stream([Opened(id="resp_x", model="m"), DONE]))[-1]["response"]["id"] == "resp_x"


@pytest.mark.parametrize(
    ("stop", "refused", "status", "reason"),
    [
        (Stop.END, False, "completed", None),
        (Stop.STOP_SEQUENCE, False, "completed", None),
        (Stop.PAUSED, False, "completed", None),
        (Stop.LENGTH, False, "incomplete", "max_output_tokens"),
        (Stop.FILTERED, False, "incomplete", "content_filter"),
        (Stop.REFUSED, False, "incomplete", "content_filter"),
        (Stop.REFUSED, True, "completed", None),
    ],
)
def test_how_it_ended_is_told(stop: Stop, refused: object, status: str, reason: object) -> None:
    said: Event = RefusalDelta("no") if refused else TextDelta("a")
    last = told(stream([OPENED, said, Finished(stop=stop)]))[-1]
    assert last["type"] == f"response.{status}"
    assert last["response"]["status"] == status
    assert (last["response"]["incomplete_details"] or {}).get("reason") == reason


def test_what_was_cut_off_is_incomplete_and_what_is_whole_is_not() -> None:
    calls: list[Event] = [
        ToolStarted(index=0, id="a", name="f"),
        ToolStarted(index=1, id="b", name="patch"),
        ToolStarted(index=2, id="c", name="f"),
        ToolDelta(index=0, json="{}"),
        ToolDelta(index=1, json='{"input":"x'),
        ToolDelta(index=2, json='{"a'),
    ]
    output = told(stream([OPENED, *calls, Finished(stop=Stop.LENGTH)]))[-1]["response"]["output"]
    assert [item["status"] for item in output] == ["completed", "incomplete", "incomplete"]
    assert output[1]["input"] == "x"


def test_a_text_tool_called_with_anything_else_is_told_at_its_end() -> None:
    started = ToolStarted(index=0, id="a", name="patch")
    found = told(stream([OPENED, started, ToolDelta(index=0, json="*** Begin"), DONE]))
    deltas = [each["delta"] for each in found if each["type"].endswith("input.delta")]
    assert deltas == ["*** Begin"]


def test_what_cannot_be_told_is_left_out() -> None:
    stray: list[Event] = [ToolDelta(index=5, json="{}"), TextDelta(""), ThinkingSigned("")]
    again: list[Event] = [ToolStarted(index=0, id=name, name="f") for name in "ab"]
    late: list[Event] = [
        ToolDelta(index=0, json="{}"),
        TextDelta("x"),
        ToolDelta(index=0, json=" "),
    ]
    found = told(stream([OPENED, *stray, *again, *late, OPENED, DONE]))
    assert sum(each["type"] == "response.output_item.added" for each in found) == 2
    assert found[-1]["response"]["output"][0]["arguments"] == "{}"


# Going on ----------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["a", "b ", "é", '"']), max_size=3)
BLOCKS = st.lists(
    st.tuples(st.sampled_from(["text", "thinking", "text"]), WORDS)
    | st.just(("tool", ['{"a"', ":1}"]))
    | st.just(("custom", ["x", "\n"])),
    min_size=1,
    max_size=4,
)
MORE = st.lists(
    st.sampled_from([TextDelta("w"), TextDelta("v"), ThinkingDelta("t"), RefusalDelta("no")])
    | st.just(None),
    max_size=4,
)


def cut(blocks: Sequence[tuple[str, Sequence[str]]], at: int, more: Sequence[Any]) -> bytes:
    """Cut a target's own stream after so many frames, and let a rescuer say more."""
    said = frames(blocks)
    begun = b"".join(said[: max(1, min(at, len(said) - 1))])
    tap = TONGUE.tap(())
    before = [event for piece in tap.feed(begun) for event in piece.seen]
    assert not tap.foreign
    index = sum(isinstance(event, ToolStarted) for event in before)
    writer = TONGUE.stream_writer(DECISION, ASKED)
    writer.go_on(before, tap.place)
    added = b""
    for each in more:
        if each is None:
            call = [ToolStarted(index=index, id=f"r{index}", name="patch")]
            added += writer.write([*call, ToolDelta(index=index, json=freeform.wrap("q"))])
            index += 1
        else:
            added += writer.write([each])
    return begun + added + writer.write([DONE])


@settings(max_examples=30)
@given(BLOCKS, st.integers(1, 40), MORE)
def test_a_targets_stream_cut_at_any_frame_goes_on_as_one_answer(
    blocks: list[tuple[str, list[str]]], at: int, more: list[Any]
) -> None:
    raw = cut(blocks, at, more)
    found = told(raw)
    assert [each["response"]["id"] for each in found if "response" in each][-1] == RESPONSE["id"]
    output = found[-1]["response"]["output"]
    begun = [each for each in found if each["type"] == "response.output_item.added"]
    done = [each for each in found if each["type"] == "response.output_item.done"]
    assert [each["output_index"] for each in begun] == list(range(len(output)))
    assert sorted(each["output_index"] for each in done) == list(range(len(output)))
    assert [each["item"] for each in sorted(done, key=lambda it: it["output_index"])] == output
    assert [each["item"]["id"] for each in begun] == [each["id"] for each in output]
    words = "".join(each["delta"] for each in found if each["type"].endswith("output_text.delta"))
    assert accumulated(raw).output_text == words


def test_only_a_text_that_is_open_is_gone_on_with() -> None:
    blocks = [("text", ["a"])]
    still_open = cut(blocks, 5, [TextDelta("b")])
    assert [item.type for item in accumulated(still_open).output] == ["message"]
    assert still_open.count(b"event: response.content_part.added") == 1
    for at in (6, 7):  # its text is told to be all, then the part too
        said = cut(blocks, at, [TextDelta("b")])
        assert said.count(b"event: response.output_text.done") == 2
        assert said.count(b"event: response.content_part.added") == 2
        assert said.count(b"event: response.content_part.done") == 2
        assert len(accumulated(said).output) == 1
    closed = cut(blocks, 8, [TextDelta("b")])
    assert len(accumulated(closed).output) == 2


def test_without_a_place_the_events_alone_are_gone_by() -> None:
    writer = TONGUE.stream_writer(DECISION, ASKED)
    writer.go_on([OPENED, TextDelta("a")], None)
    rest = writer.write([TextDelta("b"), DONE])
    assert rest.startswith(b"event: response.output_text.delta")
    assert b'"text":"ab"' in rest


# Errors ------------------------------------------------------------------------------------------


def test_an_error_is_numbered_on_and_raises_in_the_sdk() -> None:
    sent = stream([OPENED, TextDelta("a")])
    raw = sent + TONGUE.write_stream_error(UpstreamBusy("wait"), DECISION, sent)
    last = told(raw)[-1]
    assert (last["type"], last["code"], last["message"]) == ("error", "upstream_busy", "wait")
    with pytest.raises(APIError, match="wait"):
        accumulated(raw)
    alone = json.loads(TONGUE.write_stream_error(UpstreamBusy(), DECISION).split(b"data: ")[1])
    assert alone["sequence_number"] == 0
