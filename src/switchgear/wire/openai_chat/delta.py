"""The parts of an answer, streamed or whole, and the events that they are."""

from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamFailed, UpstreamGarbled
from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
    Usage,
)
from switchgear.wire import freeform
from switchgear.wire.openai_chat.finish import Counted, read_stop
from switchgear.wire.openai_chat.thought import read_signed
from switchgear.wire.service import read_tier

MAX_CALLS = 512
"""Tool calls in one answer."""
MAX_NAME = 256
"""Characters of an answer's id and model, which may be written again with every chunk."""
FLAT = ("error", "Error")
INTERRUPTED = ("error", "insufficient_system_resource")
"""Reasons to end of OpenRouter and Mistral, and of DeepSeek, that are failures of theirs."""
PARTS = ("text", "thinking")
LATEST = 1 << 40
"""Unix seconds, some 35,000 years on."""


class CalledDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the function of a tool call."""

    name: str | None = None
    arguments: str | None = None


class TextedDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the tool of a call that takes text."""

    name: str | None = None
    input: str | None = None


class CallDelta(msgspec.Struct, frozen=True, gc=False):
    """More of a tool call; a whole answer has it in one piece, without an index."""

    index: int | None = None
    id: str | None = None
    function: CalledDelta | None = None
    custom: TextedDelta | None = None

    @property
    def name(self) -> str:
        """What is called; empty in what goes on with a call."""
        called = self.function or self.custom
        return (called and called.name) or ""


class Part(msgspec.Struct, frozen=True, gc=False):
    """One of several parts of a content: Mistral's thinking models answer in a list of them."""

    type: str = "text"
    text: str | None = None
    thinking: Any = None
    """Of the type ``thinking``: parts again."""


class Delta(msgspec.Struct, frozen=True, gc=False):
    """More of the message, or all of it."""

    content: str | list[Part] | None = None
    refusal: str | None = None
    reasoning_content: Any = None
    """DeepSeek, vLLM and others."""
    reasoning: Any = None
    """OpenRouter, Groq, Ollama; sometimes not a string."""
    reasoning_details: Any = None
    """OpenRouter: where signatures are."""
    tool_calls: list[CallDelta] | None = None
    function_call: Any = None
    """The older form of a tool call."""
    audio: Any = None


class Choice(msgspec.Struct, frozen=True, gc=False):
    """One of the answers asked for; only that with index 0 is read."""

    index: int | None = 0
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None


class Aside(msgspec.Struct, frozen=True, gc=False):
    """What Groq says beside the answer, as ``x_groq``."""

    usage: Counted | None = None
    error: Any = None


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """A streamed chunk, or a whole answer."""

    id: str | None = None
    model: str | None = None
    created: int | float | None = None
    choices: list[Choice] | None = None
    usage: Counted | None = None
    error: Any = None
    object: str | None = None
    """``error`` in the flat form of vLLM and Mistral."""
    x_groq: Aside | None = None
    service_tier: Any = None

    @property
    def failed(self) -> bool:
        """Whether it is no part of an answer but an error."""
        aside = self.x_groq and self.x_groq.error
        return bool(self.error or aside) or self.object in FLAT


_decode = msgspec.json.Decoder(Chunk).decode


def read_chunk(raw: bytes) -> Chunk | None:
    """Return the chunk, or whole answer, that ``raw`` is; None when it is none."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


class Answer:
    """Follows one answer: turns its deltas into events and keeps what its end will say."""

    __slots__ = (
        "_calls",
        "_ids",
        "_opened",
        "_refused",
        "_service",
        "_wrapping",
        "foreign",
        "reason",
        "usage",
    )

    def __init__(self) -> None:
        """Start before the first delta."""
        self.reason: str | None = None
        """The finish reason; None until it came."""
        self.usage: Usage | None = None
        self.foreign = False
        """There was content that our events do not know, or that they number otherwise."""
        self._opened = False
        self._refused = False
        self._service = ""
        """The service tier that it was served in."""
        self._ids: list[str] = []
        """Ids of the tool calls, by our index."""
        self._calls: dict[int, int] = {}
        """From the provider's index to ours."""
        self._wrapping: dict[int, freeform.Wrapping] = {}
        """The calls, by our index, whose text is not at its end."""

    @property
    def opened(self) -> bool:
        """Whether anything of the answer came."""
        return self._opened

    def read(self, chunk: Chunk, events: list[Event]) -> None:
        """Add the chunk's events to ``events``.

        Raises:
            UpstreamFailed: the target says that it failed.
            UpstreamGarbled: there are more tool calls than any answer has.
        """
        self._count(chunk)
        for choice in chunk.choices or ():
            if not self._opened:
                events.append(self._open(chunk))
            if choice.index:
                self.foreign = True
                continue
            said = choice.delta or choice.message
            if said:
                self._say(said, events)
            if choice.finish_reason or choice.message:
                self._end_texts(events)
            if choice.finish_reason:
                self._end(choice.finish_reason)

    def finish(self) -> Finished:
        """Return the end of the answer."""
        stop = read_stop(self.reason, tools=bool(self._ids), refused=self._refused)
        usage = self.usage
        if usage and self._service:
            usage = msgspec.structs.replace(usage, service=self._service)
        return Finished(stop=stop, usage=usage)

    def _count(self, chunk: Chunk) -> None:
        counted = chunk.usage or (chunk.x_groq and chunk.x_groq.usage)
        if counted:
            self.usage = counted.usage()
        if chunk.service_tier:
            self._service = read_tier(chunk.service_tier)

    def _open(self, chunk: Chunk) -> Opened:
        self._opened = True
        created = chunk.created or 0
        return Opened(
            id=(chunk.id or "")[:MAX_NAME],
            model=(chunk.model or "")[:MAX_NAME],
            created=int(created) if 0 < created < LATEST else 0,
        )

    def _say(self, said: Delta, events: list[Event]) -> None:
        thought = said.reasoning_content or said.reasoning
        if thought and isinstance(thought, str):
            events.append(ThinkingDelta(thought))
        if said.reasoning_details:
            events += read_signed(said.reasoning_details)
        if said.content:
            self._add(said.content, events)
        if said.refusal:
            self._refused = True
            events.append(RefusalDelta(said.refusal))
        if said.function_call or said.audio:
            self.foreign = True
        if said.tool_calls:
            for position, call in enumerate(said.tool_calls):
                self._call(call, position, events)

    def _add(self, content: str | list[Part], events: list[Event]) -> None:
        if isinstance(content, str):
            events.append(TextDelta(content))
            return
        for part in content:
            thought = _words(part.thinking)
            if thought:
                events.append(ThinkingDelta(thought))
            if part.text and part.type == "text":
                events.append(TextDelta(part.text))
            self.foreign |= part.type not in PARTS

    def _call(self, call: CallDelta, position: int, events: list[Event]) -> None:
        theirs = position if call.index is None else call.index
        ours = self._calls.get(theirs)
        if ours is None or self._is_new(call, ours):
            ours = self._calls[theirs] = len(self._ids)
            if ours >= MAX_CALLS:
                raise UpstreamGarbled(f"The target asked for more than {MAX_CALLS} tools at once.")
            self.foreign |= ours != theirs
            self._ids.append(call.id or f"call_{ours}")
            events.append(ToolStarted(index=ours, id=self._ids[ours], name=call.name))
            if call.custom:
                self._wrapping[ours] = freeform.Wrapping()
        if call.function and call.function.arguments:
            events.append(ToolDelta(index=ours, json=call.function.arguments))
        elif call.custom and call.custom.input and ours in self._wrapping:
            json = self._wrapping[ours].feed(call.custom.input)
            events.append(ToolDelta(index=ours, json=json))

    def _end_texts(self, events: list[Event]) -> None:
        events += [ToolDelta(index=at, json=it.end()) for at, it in self._wrapping.items()]
        self._wrapping.clear()

    def _is_new(self, call: CallDelta, ours: int) -> bool:
        """Tell a new call under an old index.

        Some servers give every call the same one; a name with another id tells them apart.
        """
        return bool(call.id and call.name and call.id != self._ids[ours])

    def _end(self, reason: str) -> None:
        if reason in INTERRUPTED:
            raise UpstreamFailed("The target says that it failed in the middle of its answer.")
        self.reason = reason


def _words(thinking: object) -> str:
    """Return the text of the parts of a thought."""
    parts = thinking if isinstance(thinking, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))
