"""The Responses API: streams as OpenAI sends them, and what its own SDK makes of a stream."""

import json
from collections.abc import Sequence
from typing import Any

import httpx2
from openai import OpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
RESPONSE = {
    "id": "resp_7", "object": "response", "created_at": 7.0, "model": "m", "output": [],
    "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "status": "in_progress",
}  # fmt: skip
USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
    "output_tokens": 8,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 17,
}
Block = tuple[str, Sequence[str]]
"""What an item is, and its words."""


class Script:
    """Writes the frames of a stream as OpenAI does, each numbered."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.output: list[dict[str, Any]] = []
        for kind in ("response.created", "response.in_progress"):
            self.say(kind, response=RESPONSE)

    def say(self, kind: str, **fields: object) -> None:
        told = {"type": kind, **fields, "sequence_number": len(self.frames)}
        self.frames.append(b"event: %b\ndata: %b\n\n" % (kind.encode(), json.dumps(told).encode()))

    def item(self, begun: dict[str, Any], done: dict[str, Any], *frames: dict[str, Any]) -> None:
        index = len(self.output)
        self.say("response.output_item.added", output_index=index, item=begun)
        for fields in frames:
            where = {"item_id": begun["id"], "output_index": index}
            self.say(fields["type"], **where, **{k: v for k, v in fields.items() if k != "type"})
        self.say("response.output_item.done", output_index=index, item=done)
        self.output.append(done)

    def end(self, kind: str = "completed", **fields: object) -> list[bytes]:
        told = {**RESPONSE, "status": kind, "output": self.output, "usage": USAGE, **fields}
        self.say(f"response.{kind}", response=told)
        return self.frames


def add_message(script: Script, words: Sequence[str]) -> None:
    """Say words: each is one delta."""
    head = {"id": f"msg_{len(script.output)}", "type": "message", "role": "assistant"}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    whole = {**part, "text": "".join(words)}
    place = {"content_index": 0}
    script.item(
        {**head, "status": "in_progress", "content": []},
        {**head, "status": "completed", "content": [whole]},
        {"type": "response.content_part.added", **place, "part": part},
        *[
            {"type": "response.output_text.delta", **place, "delta": word, "logprobs": [],
             "obfuscation": "x"}
            for word in words
        ],
        {"type": "response.output_text.done", **place, "text": whole["text"], "logprobs": []},
        {"type": "response.content_part.done", **place, "part": whole},
    )  # fmt: skip


def add_reasoning(script: Script, words: Sequence[str]) -> None:
    """Think: each word is a part of the summary by itself."""
    head = {"id": f"rs_{len(script.output)}", "type": "reasoning", "encrypted_content": "gAA"}
    frames: list[dict[str, Any]] = []
    for index, word in enumerate(words):
        place, part = {"summary_index": index}, {"type": "summary_text", "text": ""}
        kind = "response.reasoning_summary"
        frames += [
            {"type": f"{kind}_part.added", **place, "part": part},
            {"type": f"{kind}_text.delta", **place, "delta": word},
            {"type": f"{kind}_text.done", **place, "text": word},
            {"type": f"{kind}_part.done", **place, "part": {**part, "text": word}},
        ]
    summary = [{"type": "summary_text", "text": word} for word in words]
    script.item({**head, "summary": []}, {**head, "summary": summary}, *frames)


def add_call(script: Script, words: Sequence[str], *, custom: bool = False) -> None:
    """Ask for a tool: each word is a delta of its arguments."""
    kind, field = ("custom_tool_call", "input") if custom else ("function_call", "arguments")
    event = "response.custom_tool_call_input" if custom else "response.function_call_arguments"
    number = len(script.output)
    head = {"id": f"fc_{number}", "type": kind, "call_id": f"c{number}", "name": "f"}
    status: dict[str, str] = {} if custom else {"status": "completed"}
    script.item(
        {**head, field: ""},
        {**head, **status, field: "".join(words)},
        *[{"type": f"{event}.delta", "delta": word} for word in words],
        {"type": f"{event}.done", field: "".join(words)},
    )


def add_custom(script: Script, words: Sequence[str]) -> None:
    """Ask for a tool that takes text."""
    add_call(script, words, custom=True)


ADDING = {
    "text": add_message,
    "thinking": add_reasoning,
    "tool": add_call,
    "custom": add_custom,
}


def frames(blocks: Sequence[Block]) -> list[bytes]:
    """Return a stream with these items, frame by frame."""
    script = Script()
    for kind, words in blocks:
        ADDING[kind](script, words)
    return script.end()


def told(raw: bytes) -> list[dict[str, Any]]:
    """Read a stream strictly: as the SDK's types have it, named as what it is, numbered."""
    found: list[dict[str, Any]] = []
    for number, frame in enumerate(raw.decode().split("\n\n")[:-1]):
        name, _, data = frame.partition("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == "event: " + found[-1]["type"]
        assert found[-1]["sequence_number"] == number
        EVENTS.validate_json(data.removeprefix("data: "), strict=True)
    return found


def accumulated(raw: bytes) -> Response:
    """Return what OpenAI's SDK makes of a stream, by its own helper."""

    def serve(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=raw)

    http = httpx2.Client(transport=httpx2.MockTransport(serve))
    with (
        OpenAI(api_key="k", base_url="http://x/v1", http_client=http, max_retries=0) as client,
        client.responses.stream(model="m", input="hi") as stream,
    ):
        return stream.get_final_response()
