"""A tool call's arguments, for dialects that want an object where others have text."""

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def arguments(text: str) -> msgspec.Raw:
    """Return a tool call's arguments as a JSON object.

    No text is no arguments; what is no object is kept as the string ``_raw``.
    """
    if not text.strip():
        return msgspec.Raw(b"{}")
    try:
        if isinstance(_decode(text), dict):
            return msgspec.Raw(text.encode())
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    return msgspec.Raw(_encode({"_raw": text}))
