"""Writes events as a stream of the Converse API.

Blocks do not overlap: one is closed before the next opens. Events of parallel tool calls may come
in turns, so what belongs to a later block waits until the open one is known to be over: a tool's
when its arguments are a whole JSON object, any other when another has begun.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.event import Event, Finished, Opened
from switchgear.domain.piece import Place
from switchgear.wire.bedrock_converse.section import Outline
from switchgear.wire.bedrock_converse.word import write_stop, write_usage
from switchgear.wire.eventstream import write_message
from switchgear.wire.section import Kind, Section

_encode = msgspec.json.Encoder().encode


class ConverseWriter:
    """One stream."""

    __slots__ = ("_index", "_live", "_opened", "_outline", "_wait")

    def __init__(self) -> None:
        """Start with nothing written."""
        self._opened = False
        self._outline = Outline()
        self._live: Section | None = None
        self._wait: deque[Section] = deque()
        self._index = -1

    def write(self, events: Sequence[Event]) -> bytes:
        """Return the messages for these events; the last ones come with Finished.

        Raises:
            UpstreamGarbled: one block has grown beyond all measure.
        """
        out: list[bytes] = []
        for event in events:
            self._write(event, out)
        return b"".join(out)

    def go_on(self, before: Sequence[Event], place: Place | None) -> None:
        """Stand where a stream stands that says ``before``; the place knows which block is open."""
        self.write(before)
        if place is None:
            return
        self._wait.clear()
        self._index = place.blocks - 1
        self._live = self._outline.resume(place)

    def _write(self, event: Event, out: list[bytes]) -> None:
        if not self._opened:
            self._opened = True
            out.append(_event("messageStart", {"role": "assistant"}))
        if isinstance(event, Opened):
            return
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
        while self._wait and (self._live is None or self._live.ended):
            self._next(out)

    def _grow(self, section: Section, more: str, out: list[bytes]) -> None:
        """Add to a block: on the wire if it is the open one; kept where it may be asked for."""
        live = section is self._live
        if more and (section.kind is Kind.TOOL or not live):
            section.add(more)
        if live and more:
            self._say(section, more, out)
        if live and section.signature and not more:
            self._sign(section, out)

    def _next(self, out: list[bytes]) -> None:
        self._close(out)
        section = self._live = self._wait.popleft()
        self._index += 1
        if section.kind is Kind.TOOL:
            use = {"toolUseId": section.id, "name": section.name}
            out.append(self._of_block("contentBlockStart", start={"toolUse": use}))
        if section.chunks:
            self._say(section, section.text, out)
        if section.signature:
            self._sign(section, out)

    def _say(self, section: Section, more: str, out: list[bytes]) -> None:
        delta: dict[str, Any] = {"text": more}
        if section.kind is Kind.TOOL:
            delta = {"toolUse": {"input": more}}
        elif section.kind is Kind.REDACTED:
            delta = {"reasoningContent": {"redactedContent": more}}
        elif section.kind is Kind.THINKING:
            delta = {"reasoningContent": {"text": more}}
        if more:
            out.append(self._of_block("contentBlockDelta", delta=delta))

    def _sign(self, section: Section, out: list[bytes]) -> None:
        delta = {"reasoningContent": {"signature": section.signature}}
        out.append(self._of_block("contentBlockDelta", delta=delta))

    def _close(self, out: list[bytes]) -> None:
        if self._live is not None:
            out.append(self._of_block("contentBlockStop"))
            self._live = None

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        while self._wait:
            self._next(out)
        self._close(out)
        outline = self._outline
        reason = write_stop(event.stop, tools=outline.asks_for_tools, refused=outline.refused)
        end: dict[str, Any] = {"stopReason": reason}
        if event.stop_sequence:
            end["additionalModelResponseFields"] = {"stop_sequence": event.stop_sequence}
        told = {"usage": write_usage(event.usage), "metrics": {"latencyMs": 0}}
        out += (_event("messageStop", end), _event("metadata", told))

    def _of_block(self, name: str, **fields: object) -> bytes:
        return _event(name, {"contentBlockIndex": self._index, **fields})


def _event(name: str, fields: dict[str, Any]) -> bytes:
    headers = {
        ":event-type": name,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return write_message(headers, _encode(fields))
