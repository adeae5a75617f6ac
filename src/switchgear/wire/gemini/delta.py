"""What an answer says, streamed or whole: the API sends the same object for both."""

import hashlib
from typing import Any

import msgspec

from switchgear.domain.errors import UpstreamGarbled
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
from switchgear.wire.gemini.finish import UNSAID, Counted, broke_off, finished
from switchgear.wire.gemini.signature import NOT_CHECKED, read_signature

MAX_CALLS = 512
"""Tool calls in one answer."""
MAX_NAME = 256
"""Characters of an answer's id and model, which may be written again with every chunk."""
BLOCKED = "SAFETY"
"""What the end of an answer is called that a filter kept from beginning."""


class FunctionCall(msgspec.Struct, frozen=True, gc=False):
    """A tool call; it comes in one piece."""

    name: str | None = None
    id: str | None = None
    args: msgspec.Raw = msgspec.Raw(b"")
    partial_args: Any = msgspec.field(default=None, name="partialArgs")
    """A piece of one, which only comes to who asks for it."""


class Part(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of the answer, as far as our events know its kind."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: FunctionCall | None = None
    inline_data: Any = None


class Content(msgspec.Struct, frozen=True, gc=False):
    """The parts of one candidate."""

    parts: list[Part] | None = None


class Candidate(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One of the answers asked for; only that with index 0 is read."""

    content: Content | None = None
    finish_reason: str | None = None
    index: int | None = None


class Feedback(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What a filter says of the request."""

    block_reason: str | None = None
    block_reason_message: str | None = None


class Chunk(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A ``GenerateContentResponse``."""

    candidates: list[Candidate] | None = None
    prompt_feedback: Feedback | None = None
    usage_metadata: Counted | None = None
    model_version: str | None = None
    response_id: str | None = None
    error: Any = None


_decode = msgspec.json.Decoder(Chunk).decode


def read_chunk(raw: bytes) -> Chunk | None:
    """Return the chunk, or whole answer, that ``raw`` is; None when it is none."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


class Answer:
    """Follows one answer: turns its parts into events and keeps what its end will say."""

    __slots__ = ("_calls", "_id", "foreign", "opened", "reason", "usage")

    def __init__(self) -> None:
        """Start before the first chunk."""
        self.reason = ""
        """Why it ended; empty until that came."""
        self.usage: Usage | None = None
        self.foreign = False
        """There was content that our events do not know."""
        self.opened = False
        """Anything of the answer came."""
        self._id = ""
        self._calls = 0

    def read(self, chunk: Chunk, events: list[Event]) -> None:
        """Add the chunk's events to ``events``.

        Raises:
            UpstreamFailed: the model broke off; what it said before is in ``events``.
            UpstreamGarbled: there are more tool calls than any answer has.
        """
        if chunk.usage_metadata:
            self.usage = chunk.usage_metadata.usage()
        feedback = chunk.prompt_feedback
        if not self.opened and (chunk.candidates or (feedback and feedback.block_reason)):
            events.append(self._open(chunk))
        if feedback and feedback.block_reason:
            self.reason = self.reason or BLOCKED
            if feedback.block_reason_message:
                events.append(RefusalDelta(feedback.block_reason_message))
        for candidate in chunk.candidates or ():
            if candidate.index:
                self.foreign = True
            else:
                self._candidate(candidate, events)

    def finish(self) -> Finished:
        """Return the end of the answer."""
        return finished(self.reason, self.usage, tools=self._calls > 0)

    def _open(self, chunk: Chunk) -> Opened:
        self.opened = True
        self._id = (chunk.response_id or "")[:MAX_NAME]
        return Opened(id=self._id, model=(chunk.model_version or "")[:MAX_NAME], usage=self.usage)

    def _candidate(self, candidate: Candidate, events: list[Event]) -> None:
        for part in (candidate.content and candidate.content.parts) or ():
            self._part(part, events)
        if candidate.finish_reason and candidate.finish_reason != UNSAID:
            self.reason = candidate.finish_reason
            failed = broke_off(self.reason)
            if failed:
                raise failed

    def _part(self, part: Part, events: list[Event]) -> None:
        signature = part.thought_signature
        if part.function_call is not None:
            self._call(part.function_call, signature, events)
            return
        if part.text:
            events.append((ThinkingDelta if part.thought else TextDelta)(part.text))
        if signature:
            events.append(read_signature(signature))
        self.foreign |= part.text is None and (not signature or part.inline_data is not None)

    def _call(self, call: FunctionCall, signature: str | None, events: list[Event]) -> None:
        if self._calls == MAX_CALLS:
            raise UpstreamGarbled(f"The target's answer has more than {MAX_CALLS} tool calls.")
        self.foreign |= call.partial_args is not None
        if signature and signature != NOT_CHECKED:
            events.append(read_signature(signature))
        given = bytes(call.args)
        arguments = "{}" if given in {b"", b"null"} else given.decode()
        index, name = self._calls, call.name or ""
        made = call.id or minted(self._id, str(index), name, arguments)
        events.append(ToolStarted(index=index, id=made, name=name))
        events.append(ToolDelta(index=index, json=arguments))
        self._calls += 1


def minted(*said: str) -> str:
    """Return the id of a tool call that has none: the same for the same call."""
    return "call_" + hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]
