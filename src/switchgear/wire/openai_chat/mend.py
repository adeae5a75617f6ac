"""Tool messages mended in a caller's own bytes."""

from typing import Any

import msgspec

from switchgear.wire.mend import LOST_CALL, NOT_RUN, said

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def mend(array: bytes) -> bytes:
    """Return a caller's messages with each call answered, and each answer called for.

    The answers stand right after the calls, which the API demands.
    """
    raws = [bytes(raw) for raw in _elements(array)]
    found: list[bytes] = []
    left: list[str] = []
    words: list[bytes] = []
    """Of answers to calls that are not here: they wait until those to the calls have come."""
    for raw in raws:
        message = _decode(raw)
        if message["role"] == "tool":
            name = message.get("tool_call_id")
            if name in left:
                left.remove(name)
                found.append(raw)
            else:
                words.append(_encode(_told(message)))
            continue
        found += [*map(_answer, left), *words]
        left, words = [str(call.get("id", "")) for call in message.get("tool_calls") or ()], []
        found.append(raw)
    found += [*map(_answer, left), *words]
    return array if found == raws else b"[" + b",".join(found) + b"]"


def _answer(name: str) -> bytes:
    return _encode({"role": "tool", "tool_call_id": name, "content": NOT_RUN})


def _told(message: dict[str, Any]) -> dict[str, str]:
    return {"role": "user", "content": f"{LOST_CALL}\n{said(message.get('content') or '')}"}
