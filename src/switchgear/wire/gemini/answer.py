"""Whole answers of the API: read as events, and written from them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamGarbled
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
)
from switchgear.wire.argument import arguments
from switchgear.wire.gemini.delta import Answer, read_chunk
from switchgear.wire.gemini.failure import read_told
from switchgear.wire.gemini.finish import WRITTEN, write_usage
from switchgear.wire.gemini.signature import write_signature

Block = dict[str, Any]

_encode = msgspec.json.Encoder().encode


def read_whole(raw: bytes) -> tuple[Event, ...]:
    """Return the events of a whole answer; the last is Finished.

    Raises:
        UpstreamError: it is an error body, or no answer of this API.
    """
    chunk = read_chunk(raw)
    if chunk is None or chunk.error:
        raise read_told(raw) if chunk or raw.lstrip()[:1] == b"[" else _no_answer()
    answer = Answer()
    events: list[Event] = []
    answer.read(chunk, events)
    if not answer.reason:
        raise _no_answer()
    return (*events, answer.finish())


def _no_answer() -> UpstreamGarbled:
    return UpstreamGarbled("The target's answer is not one of the Gemini API.")


def write_whole(decision: str, events: Sequence[Event]) -> bytes:
    """Return a whole answer."""
    opened, finished = Opened(id="", model=""), Finished(stop=Stop.OTHER)
    parts = Parts()
    for event in events:
        if isinstance(event, Opened):
            opened = event
        elif isinstance(event, Finished):
            finished = event
        else:
            parts.add(event)
    return _encode(response(head(opened, decision), parts.blocks(), finished))


def head(opened: Opened, decision: str) -> Block:
    """Return what every chunk of an answer says."""
    said = {"modelVersion": opened.model} if opened.model else {}
    return {**said, "responseId": opened.id or decision}


def response(said: Block, blocks: list[Block], finished: Finished | None) -> Block:
    """Return a whole answer, or a chunk of one; with its end, or without."""
    candidate: Block = {"content": {"parts": blocks or [{"text": ""}], "role": "model"}}
    if finished:
        candidate["finishReason"] = WRITTEN[finished.stop]
    written: Block = {"candidates": [{**candidate, "index": 0}]}
    if finished and finished.usage:
        written["usageMetadata"] = write_usage(finished.usage)
    return {**written, **said}


class Parts:
    """The parts of an answer, put together from events."""

    __slots__ = ("_blocks", "_calls", "_signature")

    def __init__(self) -> None:
        """Start without a part."""
        self._blocks: list[Block] = []
        self._calls: dict[int, list[str]] = {}
        self._signature = ""
        """Waits for the call that it was made for."""

    def add(self, event: Event) -> None:
        """Take what an event says."""
        if isinstance(event, ToolDelta):
            self._calls.get(event.index, []).append(event.json)
        elif isinstance(event, ToolStarted):
            self._call(event)
        elif isinstance(event, TextDelta | RefusalDelta | ThinkingDelta):
            self._settle()
            self._word(event.text, thought=isinstance(event, ThinkingDelta))
        elif isinstance(event, ThinkingSigned) and event.redacted:
            self._settle()
            self._blocks.append(hidden(event))
        elif isinstance(event, ThinkingSigned):
            self._settle()
            self._signature = write_signature(event)

    def blocks(self) -> list[Block]:
        """Return the parts as they stand in an answer."""
        self._settle()
        for block in self._blocks:
            call = block.get("functionCall")
            if call:
                call["args"] = arguments("".join(self._calls[call.pop("index")]))
        return self._blocks

    def _call(self, event: ToolStarted) -> None:
        block: Block = {"functionCall": {"id": event.id, "name": event.name, "index": event.index}}
        if self._signature:
            block["thoughtSignature"] = self._signature
            self._signature = ""
        self._calls[event.index] = []
        self._blocks.append(block)

    def _word(self, text: str, *, thought: bool) -> None:
        last = self._blocks[-1] if self._blocks else {}
        fresh = "text" in last and "thoughtSignature" not in last
        if fresh and bool(last.get("thought")) is thought:
            last["text"] += text
        else:
            self._blocks.append({"text": text, "thought": True} if thought else {"text": text})

    def _settle(self) -> None:
        """Put a signature that no call came for on the words before it."""
        if not self._signature:
            return
        last = self._blocks[-1] if self._blocks else {}
        if "text" not in last or "thoughtSignature" in last:
            last = {"text": ""}
            self._blocks.append(last)
        last["thoughtSignature"] = self._signature
        self._signature = ""


def hidden(event: ThinkingSigned) -> Block:
    """Return a part for thinking that another provider hid."""
    return {"text": "", "thought": True, "thoughtSignature": write_signature(event)}
