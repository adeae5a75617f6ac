"""Writes events as a stream of the Messages API.

The API's blocks never overlap: one is closed before the next opens. Events of parallel tool calls
may come in turns, so what belongs to a later block waits until the open one is known to be over:
a tool's when its arguments are a whole JSON object, any other when another has begun.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.event import Event, Finished, Opened, TextDelta
from switchgear.domain.piece import Place
from switchgear.domain.turn import Conversation
from switchgear.wire.anthropic_messages.section import Outline
from switchgear.wire.anthropic_messages.stop import write_stop
from switchgear.wire.anthropic_messages.tally import write_usage
from switchgear.wire.section import Kind, Section

MESSAGE_PREFIX = "msg_"
STOP_FRAME = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
BLOCK_STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n'
DELTA = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
    b'"delta":{"type":"%s","%s":'
)
DELTA_END = b"}}\n\n"
DELTAS = {
    Kind.TEXT: (b"text_delta", b"text"),
    Kind.THINKING: (b"thinking_delta", b"thinking"),
    Kind.TOOL: (b"input_json_delta", b"partial_json"),
}

_encode = msgspec.json.Encoder().encode


def message_id(given: str, decision: str) -> str:
    """Return the answer's id, in the form that this API's clients know."""
    return given if given.startswith(MESSAGE_PREFIX) else MESSAGE_PREFIX + (given or decision)


class MessagesWriter:
    """One stream."""

    __slots__ = (
        "_decision",
        "_index",
        "_live",
        "_model",
        "_opened",
        "_outline",
        "_prefix",
        "_wait",
    )

    def __init__(self, decision: str, model: str) -> None:
        """Start with nothing written; the names stand in where the target gives none."""
        self._decision = decision
        self._model = model
        self._opened = False
        self._outline = Outline()
        self._live: Section | None = None
        self._wait: deque[Section] = deque()
        self._index = -1
        self._prefix = b""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return the frames for these events; the terminal frame comes with Finished.

        Raises:
            UpstreamGarbled: one block has grown beyond all measure.
        """
        out: list[bytes] = []
        for event in events:
            live = self._live
            if (
                type(event) is TextDelta
                and live is not None
                and live.kind is Kind.TEXT
                and not self._wait
            ):
                out += (self._prefix, _encode(event.text), DELTA_END)
            else:
                self._write(event, out)
        return b"".join(out)

    def go_on(self, before: Sequence[Event], place: Place | None) -> None:
        """Stand where a stream stands that says ``before``.

        Whether its last block is open, and how many there were before it, the place knows alone:
        a block may hold nothing yet, and two of text may follow one another.
        """
        self.write(before)
        if place is None:
            return
        self._wait.clear()
        self._index = place.blocks - 1
        self._live = self._outline.resume(place)
        if self._live is not None:
            self._aim(self._live)

    def _write(self, event: Event, out: list[bytes]) -> None:
        if isinstance(event, Opened):
            self._open(event, out)
            return
        if not self._opened:
            self._open(Opened(id="", model=""), out)
        if isinstance(event, Finished):
            self._finish(event, out)
            return
        before = len(self._outline.sections)
        placed = self._outline.place(event)
        if placed is None:
            return
        section, more = placed
        if len(self._outline.sections) > before:
            self._wait.append(section)
        self._grow(section, more, out)
        self._advance(out)

    def _open(self, event: Opened, out: list[bytes]) -> None:
        if self._opened:
            return
        self._opened = True
        message: dict[str, Any] = {
            "id": message_id(event.id, self._decision),
            "type": "message",
            "role": "assistant",
            "model": event.model or self._model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": write_usage(event.usage),
        }
        out.append(_frame("message_start", {"message": message}))

    def _grow(self, section: Section, more: str, out: list[bytes]) -> None:
        """Add to a block: on the wire if it is the open one; kept where it may be asked for."""
        live = section is self._live
        if more and (section.kind is Kind.TOOL or not live):
            section.add(more)
        if not live:
            return
        if more and section.kind is not Kind.REDACTED:
            out += (self._prefix, _encode(more), DELTA_END)
        if section.signature and not more:
            self._sign(section, out)

    def _sign(self, section: Section, out: list[bytes]) -> None:
        delta = {"type": "signature_delta", "signature": section.signature}
        out.append(_frame("content_block_delta", {"index": self._index, "delta": delta}))

    def _advance(self, out: list[bytes]) -> None:
        """Go on to the next block while the open one is over."""
        while self._wait and (self._live is None or self._live.ended):
            self._next(out)

    def _next(self, out: list[bytes]) -> None:
        self._close(out)
        section = self._live = self._wait.popleft()
        self._index += 1
        out.append(_frame("content_block_start", {"index": self._index, **_start(section)}))
        if section.kind is Kind.REDACTED:
            return
        self._aim(section)
        held = section.text
        if held:
            out += (self._prefix, _encode(held), DELTA_END)
        if section.signature:
            self._sign(section, out)

    def _aim(self, section: Section) -> None:
        if section.kind in DELTAS:
            kind, field = DELTAS[section.kind]
            self._prefix = DELTA % (self._index, kind, field)

    def _close(self, out: list[bytes]) -> None:
        if self._live is not None:
            out.append(BLOCK_STOP % self._index)
            self._live = None

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        while self._wait:
            self._next(out)
        self._close(out)
        outline = self._outline
        reason = write_stop(event.stop, tools=outline.asks_for_tools, refused=outline.refused)
        delta = {"stop_reason": reason, "stop_sequence": event.stop_sequence or None}
        out += (
            _frame("message_delta", {"delta": delta, "usage": write_usage(event.usage)}),
            STOP_FRAME,
        )


def _start(section: Section) -> dict[str, Any]:
    empty: dict[Kind, dict[str, Any]] = {
        Kind.TEXT: {"type": "text", "text": ""},
        Kind.THINKING: {"type": "thinking", "thinking": "", "signature": ""},
        Kind.TOOL: {"type": "tool_use", "id": section.id, "name": section.name, "input": {}},
        Kind.REDACTED: {"type": "redacted_thinking", "data": section.text},
    }
    return {"content_block": empty[section.kind]}


def _frame(kind: str, fields: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), _encode({"type": kind, **fields}))


def stream_writer(decision: str, conversation: Conversation) -> MessagesWriter:
    """Return a writer of one stream for the caller of ``conversation``."""
    return MessagesWriter(decision, conversation.model)
