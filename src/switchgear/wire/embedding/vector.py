"""One vector: as a list of numbers, or as base64 of 32-bit floats."""

import binascii
import struct
from base64 import b64decode, b64encode
from math import isfinite

import msgspec

from switchgear.domain.errors import UpstreamGarbled

WIDTH = 4
"""Bytes of one number."""
NOT_ONE = "the target's answer holds what is no vector"

_numbers = msgspec.json.Decoder(list[float]).decode
_text = msgspec.json.Decoder(str).decode
encode = msgspec.json.Encoder().encode


def packed(raw: bytes) -> bool:
    """Whether a vector's JSON is base64."""
    return raw[:1] == b'"'


def length(raw: bytes) -> int:
    """Return how many numbers a vector has.

    Raises:
        UpstreamGarbled: it is no vector.
    """
    return len(unpacked(raw))


def converted(raw: bytes, *, pack: bool) -> bytes:
    """Return a vector's JSON in the form that is wanted; ``raw`` itself where it has that.

    Raises:
        UpstreamGarbled: it is no vector.
    """
    return raw if packed(raw) is pack else written(unpacked(raw), pack=pack)


def written(numbers: list[float], *, pack: bool) -> bytes:
    """Return the JSON of a vector.

    Raises:
        UpstreamGarbled: a number is larger than a vector's can be.
    """
    if not pack:
        return encode(numbers)
    try:
        raw = struct.pack(f"<{len(numbers)}f", *numbers)
    except (OverflowError, struct.error):
        raise UpstreamGarbled(NOT_ONE) from None
    return b'"' + b64encode(raw) + b'"'


def unpacked(raw: bytes) -> list[float]:
    """Return the numbers of a vector, in whichever form it came.

    Raises:
        UpstreamGarbled: it is no vector.
    """
    try:
        if not packed(raw):
            return _numbers(raw)
        content = b64decode(_text(raw), validate=True)
        numbers = list(struct.unpack(f"<{len(content) // WIDTH}f", content))
    except (ValueError, binascii.Error, struct.error):
        raise UpstreamGarbled(NOT_ONE) from None
    if not all(map(isfinite, numbers)):
        raise UpstreamGarbled(NOT_ONE)
    return numbers
