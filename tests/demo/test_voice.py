import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.demo.mind import Saying
from switchgear.demo.voice import (
    stream_anthropic,
    stream_openai,
    whole_anthropic,
    whole_openai,
)

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=90)
SAYINGS = st.builds(
    Saying,
    text=TEXTS,
    tool=st.sampled_from(["", "find"]),
    arguments=st.builds(lambda value: msgspec.json.encode({"a": value}).decode(), TEXTS),
    heard_tokens=st.integers(0, 99),
    said_tokens=st.integers(0, 99),
)


def events(frames: list[bytes]) -> list[dict]:  # type: ignore[type-arg]  # JSON of any shape
    assert all(frame.endswith(b"\n\n") for frame in frames)
    bodies = [frame.partition(b"data: ")[2] for frame in frames]
    return [msgspec.json.decode(body) for body in bodies if body != b"[DONE]\n\n"]


@given(SAYINGS)
def test_openais_stream_folds_to_the_whole_answer(saying: Saying) -> None:
    frames = stream_openai(saying, "m", "a-1", usage=True)
    assert frames[-1] == b"data: [DONE]\n\n"
    chunks = events(frames)
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls", [])]
    whole = whole_openai(saying, "m", "a-1")
    message = whole["choices"][0]["message"]
    assert text == (message["content"] or "")
    assert choices[-1]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert chunks[-1]["usage"] == whole["usage"]
    asked = message.get("tool_calls", [])
    assert [call["id"] for call in calls if "id" in call] == [call["id"] for call in asked]
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert arguments == "".join(call["function"]["arguments"] for call in asked)


@given(SAYINGS)
def test_anthropics_stream_folds_to_the_whole_answer(saying: Saying) -> None:
    whole = whole_anthropic(saying, "m", "a-1")
    blocks: list[dict] = []  # type: ignore[type-arg]  # JSON of any shape
    for event in events(stream_anthropic(saying, "m", "a-1")):
        if event["type"] == "content_block_start":
            blocks.append({**event["content_block"], "json": ""})
        elif event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta":
            blocks[-1]["text"] += event["delta"]["text"]
        elif event["type"] == "content_block_delta":
            blocks[-1]["json"] += event["delta"]["partial_json"]
        elif event["type"] == "message_delta":
            assert event["delta"]["stop_reason"] == whole["stop_reason"]
            assert event["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
    for block in blocks:
        given_arguments = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = msgspec.json.decode(given_arguments)
    assert blocks == whole["content"]


def test_usage_is_streamed_only_when_it_is_asked_for() -> None:
    saying = Saying(text="hi", heard_tokens=1, said_tokens=1)
    chunks = events(stream_openai(saying, "m", "a-1", usage=False))
    assert not any("usage" in chunk for chunk in chunks)
