"""A stream that begins in a target's bytes and goes on in events of ours, in every dialect."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    Stop,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.domain.piece import Place
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Tokens
from switchgear.wire.registry import TONGUES
from switchgear.wire.tongue import Tap

CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
ASKED = Conversation(model="asked", turns=(Turn(Role.USER, (Text("hi"),)),), stream=True)
END = Finished(stop=Stop.END, usage=Usage(input=Tokens(9), output=Tokens(8)))
WORDS = st.sampled_from(["a", "b ", "\n", "é", '"'])
TEXT, THINKING, TOOL = "text", "thinking", "tool_use"
BLOCKS = st.lists(
    st.tuples(st.sampled_from([TEXT, THINKING, TOOL, TEXT]), st.lists(WORDS, max_size=3)),
    min_size=1,
    max_size=4,
)
MORE = st.lists(
    WORDS.map(TextDelta) | st.just(ThinkingDelta("hm")) | st.sampled_from([{"x": 1}, {}]),
    max_size=4,
)


def frame(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def message_frames(blocks: Sequence[tuple[str, list[str]]]) -> list[bytes]:
    """A stream as Anthropic sends it: blocks may be empty, or alike in a row."""
    frames = [frame("message_start", message={"id": "msg_1", "model": "m"}), frame("ping")]
    for index, (kind, words) in enumerate(blocks):
        empty: dict[str, Any] = {"type": kind, "id": f"t{index}", "name": "f", "input": {}}
        if kind != TOOL:
            empty = {"type": kind, kind: ""}
        frames.append(frame("content_block_start", index=index, content_block=empty))
        frames += [
            frame("content_block_delta", index=index, delta=delta) for delta in deltas(kind, words)
        ]
        frames.append(frame("content_block_stop", index=index))
    return frames


def deltas(kind: str, words: list[str]) -> list[dict[str, str]]:
    if kind == TOOL:
        return [{"type": "input_json_delta", "partial_json": text} for text in ('{"a"', ":1}")]
    found = [{"type": f"{kind}_delta", kind: word} for word in words]
    return [*found, {"type": "signature_delta", "signature": "s"}] if kind == THINKING else found


def chat_frames(blocks: Sequence[tuple[str, list[str]]]) -> list[bytes]:
    """A stream as OpenAI sends it."""
    says: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    tools = 0
    for kind, words in blocks:
        if kind == TOOL:
            function = {"name": "f", "arguments": ""}
            says.append({"tool_calls": [{"index": tools, "id": f"t{tools}", "function": function}]})
            says += [
                {"tool_calls": [{"index": tools, "function": {"arguments": text}}]}
                for text in ('{"a"', ":1}")
            ]
            tools += 1
        else:
            says += [{"content" if kind == TEXT else "reasoning_content": word} for word in words]
    return [
        b"data: %b\n\n"
        % json.dumps(
            {"id": "c", "model": "m", "created": 7, "choices": [{"index": 0, "delta": delta}]}
        ).encode()
        for delta in says
    ]


FRAMES = {CHAT: chat_frames, MESSAGES: message_frames}


def rest_of(before: Sequence[Event], more: Sequence[Any]) -> list[Event]:
    """What a rescuer says, its tool calls numbered on."""
    tools = sum(isinstance(event, ToolStarted) for event in before)
    events: list[Event] = []
    for item in more:
        if isinstance(item, dict):
            events.append(ToolStarted(index=tools, id=f"r{tools}", name="g"))
            events.append(ToolDelta(index=tools, json=json.dumps(item)))
            tools += 1
        else:
            events.append(item)
    return [*events, END]


def read(tap: Tap, raw: bytes) -> list[Event]:
    return [event for piece in tap.feed(raw) for event in piece.seen]


def plain(events: Sequence[Event]) -> list[object]:
    """What is said: words of one kind that follow one another are one."""
    found: list[object] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, Finished):
            found.append(event.usage)
        elif isinstance(event, TextDelta | ThinkingDelta) and type(last) is type(event):
            found[-1] = type(event)(last.text + event.text)
        else:
            found.append(event)
    return found


def going_on(
    dialect: Dialect, blocks: Sequence[tuple[str, list[str]]], cut: int, more: Sequence[Any]
) -> tuple[bytes, bytes, list[Event], Place | None]:
    """Cut a stream of these blocks after so many frames, and let a rescuer say more."""
    frames = FRAMES[dialect](blocks)
    begun = b"".join(frames[: max(1, min(cut, len(frames)))])
    tap = TONGUES[dialect].tap(())
    before = read(tap, begun)
    rest = rest_of(before, more)
    writer = TONGUES[dialect].stream_writer("sg_1", ASKED)
    writer.go_on(before, tap.place)
    return begun, b"".join(writer.write([event]) for event in rest), [*before, *rest], tap.place


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
@given(blocks=BLOCKS, cut=st.integers(1, 30), more=MORE)
def test_a_stream_cut_at_any_frame_goes_on_as_one_answer(
    dialect: Dialect, blocks: list[tuple[str, list[str]]], cut: int, more: list[Any]
) -> None:
    begun, added, said, _ = going_on(dialect, blocks, cut, more)
    tap = TONGUES[dialect].tap(())
    found = read(tap, begun + added)
    expected = said
    if dialect is CHAT:  # which has no usage for who did not ask, and no signatures
        expected = [*said[:-1], Finished(stop=Stop.END)]
    kept = [event for event in expected if not (dialect is CHAT and type(event) is ThinkingSigned)]
    assert plain(found) == plain(kept)
    assert (tap.broken, tap.foreign) == (0, False)
    assert sum(type(event) is Opened for event in found) == 1


@given(blocks=BLOCKS, cut=st.integers(1, 30), more=MORE)
def test_blocks_go_on_where_they_were(
    blocks: list[tuple[str, list[str]]], cut: int, more: list[Any]
) -> None:
    """Strictly: one start, blocks numbered on and never two open, one end; no delta astray."""
    begun, added, _, place = going_on(MESSAGES, blocks, cut, more)
    told = [
        json.loads(line[6:]) for line in (begun + added).splitlines() if line.startswith(b"data: ")
    ]
    kinds = [each["type"] for each in told if each["type"] != "ping"]
    assert kinds.count("message_start") == kinds.count("message_stop") == 1
    assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])
    blocks_begun, is_open = 0, ""
    for each in told:
        if each["type"] == "content_block_start":
            assert (is_open, each["index"]) == ("", blocks_begun)
            blocks_begun, is_open = blocks_begun + 1, each["content_block"]["type"]
        elif each["type"] == "content_block_delta":
            assert each["index"] == blocks_begun - 1
            assert each["delta"]["type"].partition("_")[0] in {
                *is_open.split("_"), "input" if is_open == TOOL else "", "signature"
            }  # fmt: skip
            assert is_open
        elif each["type"] == "content_block_stop":
            assert (bool(is_open), each["index"]) == (True, blocks_begun - 1)
            is_open = ""
    assert not is_open
    if place and place.open == TEXT and more and isinstance(more[0], TextDelta):
        assert added.startswith(b"event: content_block_delta")


def test_only_a_text_that_is_open_is_gone_on_with() -> None:
    blocks = [(TEXT, ["a"])]
    frames = len(message_frames(blocks))
    _, still_open, _, _ = going_on(MESSAGES, blocks, frames - 1, [TextDelta("b")])
    _, closed, _, _ = going_on(MESSAGES, blocks, frames, [TextDelta("b")])
    assert b"content_block_start" not in still_open
    assert b'"content_block_start","index":1' in closed


def test_without_a_place_the_events_alone_are_gone_by() -> None:
    writer = TONGUES[MESSAGES].stream_writer("sg_1", ASKED)
    writer.go_on([Opened(id="msg_1", model="m"), TextDelta("a")], None)
    assert b'"index":0,"delta"' in writer.write([TextDelta("b")])


@pytest.mark.parametrize(
    "block",
    [
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
        {"type": "new"},
    ],
)
def test_a_block_that_our_events_do_not_know_is_told(block: dict[str, object]) -> None:
    tap = TONGUES[MESSAGES].tap(())
    tap.feed(frame("message_start", message={"id": "m"}))
    assert not tap.foreign
    tap.feed(frame("content_block_start", index=0, content_block=block))
    assert tap.foreign
    assert tap.place == Place(1, str(block["type"]))


@pytest.mark.parametrize(
    "choice",
    [
        {"index": 1, "delta": {"content": "a"}},
        {"index": 0, "delta": {"function_call": {"name": "f"}}},
        {"index": 0, "delta": {"audio": {"id": "a"}}},
        {"index": 0, "delta": {"tool_calls": [{"index": 1, "id": "a", "function": {"name": "f"}}]}},
    ],
)
def test_content_of_a_chunk_that_our_events_do_not_know_is_told(choice: object) -> None:
    tap = TONGUES[CHAT].tap(())
    tap.feed(chat_frames([(TEXT, ["a"]), (TOOL, [])])[0])
    assert not tap.foreign
    tap.feed(b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n")
    assert tap.foreign
