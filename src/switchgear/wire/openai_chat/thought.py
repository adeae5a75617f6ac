"""Signed and hidden thinking, for which this dialect has no place: written as OpenRouter does.

A message, or a delta, has a list ``reasoning_details``; agents that send a message back as they
got it send that too. What we write in it is always sealed.
"""

from typing import Any

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.event import Event, ThinkingDelta, ThinkingSigned
from switchgear.domain.turn import Part, Thinking
from switchgear.wire.seal import MARK, seal, unseal
from switchgear.wire.strict import members

TEXT, HIDDEN = "reasoning.text", "reasoning.encrypted"
FIELD = "reasoning_details"
SEALED = b'"' + MARK.encode()
"""In a body that may hold sealed thinking, unless it is written with needless escapes."""
MAX_HELD = 1 << 20
"""Letters of thinking that are kept until its signature comes: of more the signature is lost."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Thoughts:
    """Follows the thinking of one answer, for each signature to come with the text it signs."""

    __slots__ = ("_index", "_length", "_said")

    def __init__(self) -> None:
        """Start before the first word."""
        self._said: list[str] = []
        self._length = 0
        self._index = 0

    def detail(self, event: Event) -> dict[str, Any] | None:
        """Return what an event adds to ``reasoning_details``."""
        if isinstance(event, ThinkingDelta):
            self._length += len(event.text)
            if self._length <= MAX_HELD:
                self._said.append(event.text)
            return None
        return self._signed(event) if isinstance(event, ThinkingSigned) else None

    def _signed(self, event: ThinkingSigned) -> dict[str, Any] | None:
        if event.redacted:
            told = {"type": HIDDEN, "data": _sealed(event.redacted, event.origin)}
        else:
            whole, text = self._length <= MAX_HELD, "".join(self._said)
            self._said, self._length = [], 0
            if not whole:
                return None
            told = {"type": TEXT, "text": text, "signature": _sealed(event.signature, event.origin)}
        self._index += 1
        return {"index": self._index - 1, **told}


def _sealed(text: str, origin: Dialect | None) -> str:
    return seal(text, origin, Dialect.OPENAI_CHAT)


def read_details(found: object) -> list[Part]:
    """Return the thinking that is signed or hidden in a message's ``reasoning_details``."""
    details = found if isinstance(found, list) else []
    return [part for each in details if isinstance(each, dict) and (part := _read(each))]


def read_signed(found: object) -> list[ThinkingSigned]:
    """Return the signatures, and the hidden thinking, of an answer's ``reasoning_details``."""
    return [
        ThinkingSigned(part.signature, part.redacted, part.origin)
        for part in read_details(found)
        if isinstance(part, Thinking)
    ]


def _read(detail: dict[str, Any]) -> Thinking | None:
    kind = detail.get("type")
    given = detail.get("signature" if kind == TEXT else "data")
    text = detail.get("text") or ""
    if kind not in (TEXT, HIDDEN) or not (given and isinstance(given, str)):
        return None
    signature, origin = unseal(given, Dialect.OPENAI_CHAT)
    if kind == HIDDEN:
        return Thinking("", redacted=signature, origin=origin)
    return Thinking(text, signature, origin=origin) if isinstance(text, str) else None


def without_sealed(array: bytes) -> bytes | None:
    """Return a caller's messages without sealed thinking; None where they hold none."""
    messages = [bytes(raw) for raw in _elements(array)]
    kept = [_without(raw) for raw in messages]
    return None if kept == messages else b"[" + b",".join(kept) + b"]"


def _without(message: bytes) -> bytes:
    if SEALED not in message:
        return message
    fields = members(message)
    found = _decode(fields[FIELD]) if FIELD in fields else None
    if not isinstance(found, list):
        return message
    kept = [each for each in found if not _is_sealed(each)]
    if len(kept) == len(found):
        return message
    fields[FIELD] = msgspec.Raw(_encode(kept))
    if not kept:
        del fields[FIELD]
    return _encode(fields)


def _is_sealed(detail: object) -> bool:
    given = [detail.get(name) for name in ("signature", "data")] if isinstance(detail, dict) else []
    return any(isinstance(each, str) and each.startswith(MARK) for each in given)
