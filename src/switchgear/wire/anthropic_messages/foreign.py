"""Thinking that another dialect's provider signed: this API's cannot check it, and refuses it."""

from typing import Any

import msgspec

from switchgear.wire.seal import MARK
from switchgear.wire.strict import members

SEALED = b'"' + MARK.encode()
"""In a body that may hold sealed thinking, unless it is written with needless escapes."""
FIELDS = {"thinking": "signature", "redacted_thinking": "data"}
"""Where a block of this kind has what its provider checks."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def without_foreign(array: bytes) -> bytes | None:
    """Return a caller's messages without sealed thinking; None where they hold none.

    A message that held nothing else is left out: the API takes none that is empty.
    """
    messages = [bytes(raw) for raw in _elements(array)]
    kept = [_without(raw) for raw in messages]
    if kept == messages:
        return None
    return b"[" + b",".join(raw for raw in kept if raw) + b"]"


def last_role(array: bytes) -> str:
    """Return who speaks the last message; nobody where there is none."""
    messages = _elements(array)
    return str(_decode(messages[-1])["role"]) if messages else ""


def _without(message: bytes) -> bytes:
    if SEALED not in message:
        return message
    fields = members(message)
    content = bytes(fields["content"])
    if content[:1] != b"[":
        return message
    blocks = [bytes(raw) for raw in _elements(content)]
    kept = [raw for raw in blocks if SEALED not in raw or not _sealed(_decode(raw))]
    if len(kept) == len(blocks):
        return message
    fields["content"] = msgspec.Raw(b"[" + b",".join(kept) + b"]")
    return _encode(fields) if kept else b""


def _sealed(block: dict[str, Any]) -> bool:
    field = FIELDS.get(block["type"])
    return field is not None and str(block.get(field, "")).startswith(MARK)
