"""Writes events as a stream of the API.

A tool call is one part here, so its arguments are kept until they are whole.
"""

from collections.abc import Sequence
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
    ThinkingSigned,
    ToolDelta,
    ToolStarted,
)
from switchgear.domain.piece import Place
from switchgear.wire.argument import arguments
from switchgear.wire.gemini.answer import head, hidden, response
from switchgear.wire.gemini.signature import write_signature

MAX_HELD = 16 << 20
"""Letters of one tool call's arguments, at most."""
END = b"\n\n"

_encode = msgspec.json.Encoder().encode


class _Call:
    """One tool call, as it grows."""

    __slots__ = ("chunks", "length", "signature", "started")

    def __init__(self, started: ToolStarted, signature: str) -> None:
        self.started = started
        self.signature = signature
        self.chunks: list[str] = []
        self.length = 0

    def add(self, more: str) -> None:
        self.chunks.append(more)
        self.length += len(more)
        if self.length > MAX_HELD:
            raise UpstreamGarbled(f"The target sent a tool call of more than {MAX_HELD} letters.")

    @property
    def whole(self) -> bool:
        """Whether its arguments are a JSON object now, so that no more can follow."""
        if not self.chunks or not self.chunks[-1].rstrip().endswith("}"):
            return False
        text = "".join(self.chunks)
        return bytes(arguments(text)) == text.encode()

    def block(self) -> dict[str, Any]:
        args = arguments("".join(self.chunks))
        call = {"id": self.started.id, "name": self.started.name, "args": args}
        signed = {"thoughtSignature": self.signature} if self.signature else {}
        return {"functionCall": call, **signed}


class GeminiWriter:
    """One stream."""

    __slots__ = ("_calls", "_decision", "_head", "_said", "_signature", "_tail")

    def __init__(self, decision: str, model: str) -> None:
        """Start with nothing written; the names stand in where the target gives none."""
        self._decision = decision
        self._begin(Opened(id="", model=model))
        self._calls: dict[int, _Call] = {}
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
            self._calls[event.index] = _Call(event, self._signature)
            self._signature = ""
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
            if only_whole and not self._calls[index].whole:
                return
            out.append(self._frame(_encode(self._calls.pop(index).block())))

    def _settle(self, out: list[bytes]) -> None:
        """Write a signature that no call came for."""
        if self._signature:
            signature, self._signature = self._signature, ""
            out.append(self._frame(_encode({"text": "", "thoughtSignature": signature})))
