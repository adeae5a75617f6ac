"""Writes events as a stream of the API.

A tool call is one part here, so its arguments are kept until they are whole.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from switchgear.domain.event import (
    Event,
    Finished,
    Opened,
    RefusalDelta,
    TextDelta,
    ThinkingDelta,
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Place
from switchgear.wire.argument import arguments
from switchgear.wire.gemini.answer import head, hidden, response
from switchgear.wire.gemini.signature import write_signature
from switchgear.wire.section import Kind, Section

END = b"\n\n"

_encode = msgspec.json.Encoder().encode


class GeminiWriter:
    """One stream."""

    __slots__ = ("_calls", "_decision", "_head", "_said", "_signature", "_tail")

    def __init__(self, decision: str, model: str) -> None:
        """Start with nothing written; the names stand in where the target gives none."""
        self._decision = decision
        self._begin(Opened(id="", model=model))
        self._calls: dict[int, Section] = {}
        """Those not yet written, in the order in which they began."""
        self._signature = ""
        """Waits for the call that it was made for."""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return the frames for these events; usage and the reason to stop come with Finished.

        Raises:
            UpstreamGarbled: one tool call has grown beyond all measure.
        """
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta and not self._signature:
                out.append(self._frame(b'{"text":%b}' % _encode(event.text)))
            else:
                self._write(event, out)
        return b"".join(out)

    def go_on(self, before: Sequence[Event], place: Place | None) -> None:
        """Stand where a stream stands that says ``before``; here the events tell it all."""
        del place
        self.write(before)

    def _begin(self, opened: Opened) -> None:
        self._said = head(opened, self._decision)
        whole = _encode(response(self._said, [{}], None))
        self._head, _, self._tail = whole.partition(b"{}")

    def _frame(self, block: bytes) -> bytes:
        return b"".join((b"data: ", self._head, block, self._tail, END))

    def _write(self, event: Event, out: list[bytes]) -> None:
        if isinstance(event, Opened):
            self._begin(event)
        elif isinstance(event, ToolDelta):
            if event.index in self._calls:
                self._calls[event.index].add(event.json)
                self._flush(out, only_whole=True)
        elif isinstance(event, ToolStarted):
            call = self._calls[event.index] = Section(Kind.TOOL, event.id, event.name)
            call.signature, self._signature = self._signature, ""
        elif isinstance(event, Finished):
            self._flush(out, only_whole=False)
            self._settle(out)
            out.append(b"data: " + _encode(response(self._said, [], event)) + END)
        else:
            self._say(event, out)

    def _say(
        self, event: TextDelta | RefusalDelta | ThinkingDelta | ThinkingSigned, out: list[bytes]
    ) -> None:
        self._settle(out)
        if isinstance(event, TextDelta | RefusalDelta):
            out.append(self._frame(_encode({"text": event.text})))
        elif isinstance(event, ThinkingDelta):
            out.append(self._frame(_encode({"text": event.text, "thought": True})))
        elif event.redacted:
            out.append(self._frame(_encode(hidden(event))))
        else:
            self._signature = write_signature(event)

    def _flush(self, out: list[bytes], *, only_whole: bool) -> None:
        """Write calls in the order in which they began, as far as they are known."""
        while self._calls:
            index = next(iter(self._calls))
            if only_whole and not self._calls[index].complete:
                return
            out.append(self._frame(_encode(_block(self._calls.pop(index)))))

    def _settle(self, out: list[bytes]) -> None:
        """Write a signature that no call came for."""
        if self._signature:
            signature, self._signature = self._signature, ""
            out.append(self._frame(_encode({"text": "", "thoughtSignature": signature})))


def _block(call: Section) -> dict[str, Any]:
    asked = {"id": call.id, "name": call.name, "args": arguments(call.text)}
    signed = {"thoughtSignature": call.signature} if call.signature else {}
    return {"functionCall": asked, **signed}
