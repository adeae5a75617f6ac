"""Writes events as a stream of this dialect."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.ids import minted
from switchgear.domain.piece import Place
from switchgear.wire import freeform
from switchgear.wire.openai_chat.finish import write_stop, write_usage
from switchgear.wire.openai_chat.thought import Thoughts

encode = msgspec.json.encode

CONTENT: dict[type[Event], bytes] = {
    TextDelta: b'"content":',
    RefusalDelta: b'"refusal":',
    ThinkingDelta: b'"reasoning_content":',
}
ROLE = b'"role":"assistant",'
DONE = b"data: [DONE]\n\n"


class ChatWriter:
    """Writes one stream."""

    __slots__ = (
        "_decision",
        "_head",
        "_refused",
        "_role",
        "_tail",
        "_texts",
        "_thoughts",
        "_unwrapping",
        "_wants_usage",
    )

    def __init__(
        self, decision: str, *, wants_usage: bool, texts: frozenset[str] = frozenset()
    ) -> None:
        """Write for the call of this decision; tell the usage only to a caller who asked.

        Shapes: ``texts`` are the names of the caller's tools that take text.
        """
        self._decision = decision
        self._wants_usage = wants_usage
        self._texts = texts
        self._unwrapping: dict[int, freeform.Unwrapping] = {}
        """By the index of the call."""
        self._role = ROLE
        """What the first delta says besides; empty after it."""
        self._refused = False
        self._thoughts = Thoughts()
        self._head = _head(Opened(id="", model=""), decision)
        self._tail = b',"usage":null}\n\n' if wants_usage else b"}\n\n"

    def write(self, events: Sequence[Event]) -> bytes:
        """Return the frames for these events; usage and ``[DONE]`` come with Finished."""
        if len(events) == 1:  # as nearly always
            return self._frame(events[0])
        return b"".join([self._frame(event) for event in events])

    def go_on(self, before: Sequence[Event], place: Place | None) -> None:
        """Stand where a stream stands that says ``before``; here the events tell it all."""
        del place
        self.write(before)

    def _frame(self, event: Event) -> bytes:
        field = CONTENT.get(type(event))
        if field is not None:
            if type(event) is RefusalDelta:
                self._refused = True
            elif type(event) is ThinkingDelta:
                self._thoughts.detail(event)
            return self._delta(field + encode(event.text))  # type: ignore[union-attr]  # CONTENT's keys have it
        match event:
            case ToolDelta():
                return self._tool_delta(event)
            case ToolStarted():
                return self._tool_started(event)
            case Opened():
                return self._opened(event)
            case Finished():
                return self._finished(event)
        detail = self._thoughts.detail(event)
        return self._delta(b'"reasoning_details":' + encode([detail])) if detail else b""

    def _delta(self, inner: bytes) -> bytes:
        role, self._role = self._role, b""
        return b"".join(
            (self._head, b'[{"index":0,"delta":{', role, inner, OPEN_END, self._tail),
        )

    def _opened(self, event: Opened) -> bytes:
        self._head = _head(event, self._decision)
        return self._delta(b'"content":""')

    def _tool_started(self, event: ToolStarted) -> bytes:
        kind, field = "function", "arguments"
        if event.name in self._texts:
            kind, field = "custom", "input"
            self._unwrapping[event.index] = freeform.Unwrapping()
        called = {"name": event.name, field: ""}
        call = {"index": event.index, "id": event.id, "type": kind, kind: called}
        return self._delta(b'"tool_calls":[' + encode(call) + b"]")

    def _text(self, index: int, text: str) -> bytes:
        if not text:
            return b""
        call = {"index": index, "custom": {"input": text}}
        return self._delta(b'"tool_calls":[' + encode(call) + b"]")

    def _tool_delta(self, event: ToolDelta) -> bytes:
        unwrapping = self._unwrapping.get(event.index)
        if unwrapping:
            return self._text(event.index, unwrapping.feed(event.json))
        return self._delta(
            b'"tool_calls":[{"index":%d,"function":{"arguments":%b}}]'
            % (event.index, encode(event.json))
        )

    def _finished(self, event: Finished) -> bytes:
        reason = write_stop(event.stop, refused=self._refused)
        left = b"".join([self._text(at, it.end()) for at, it in self._unwrapping.items()])
        role, self._role = self._role.rstrip(b","), b""
        frames = b"".join(
            (
                self._head,
                b'[{"index":0,"delta":{%b},"logprobs":null,"finish_reason":"%b"}]'
                % (role, reason.encode()),
                self._tail,
            )
        )
        if self._wants_usage and event.usage:
            frames += self._head + b'[],"usage":' + encode(write_usage(event.usage)) + b"}\n\n"
        return left + frames + DONE


OPEN_END = b'},"logprobs":null,"finish_reason":null}]'


def _head(opened: Opened, decision: str) -> bytes:
    """Return a chunk's bytes up to the value of ``choices``."""
    start = {"id": opened.id or f"chatcmpl-{decision}", "object": "chat.completion.chunk"}
    rest = {"created": created(opened, decision), "model": opened.model}
    return b"data: " + encode({**start, **rest})[:-1] + b',"choices":'


def created(opened: Opened, decision: str) -> int:
    """Return when the answer began; a dialect that does not say leaves the call's own time."""
    return opened.created or minted(decision) // 1000
