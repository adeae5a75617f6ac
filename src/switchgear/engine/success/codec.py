"""Write the weights of words as text, and read them again."""

from array import array
from base64 import b85decode, b85encode
from collections.abc import Sequence
from sys import byteorder
from zlib import compress, decompressobj, error

from switchgear.engine.success.sheaf import BUCKETS, tied, untied

COARSE = 64
"""Weights are written in so many units: to the thousandth."""
LARGEST = 32_767


def written(rows: Sequence[int], places: int) -> str:
    """Return rows as text: sixteen-bit weights, place after place, compressed, in base 85."""
    nothing = [0] * places
    weights = [untied(row, places) if row else nothing for row in rows]
    columns = [
        [_coarse(each) if each else 0 for each in column] for column in zip(*weights, strict=True)
    ]
    return b85encode(compress(b"".join(map(_little, columns)), 6)).decode()


def read(text: str, places: int) -> tuple[int, ...]:
    """Return the rows that were written.

    Raises:
        ValueError: the text holds no such rows; the message says what is wrong.
    """
    size = BUCKETS * places * 2
    try:
        packed = decompressobj().decompress(b85decode(text), size + 1)
    except (ValueError, error) as wrong:
        raise ValueError(f"This success model is damaged: {wrong}.") from wrong
    if len(packed) != size:
        raise ValueError("This success model is damaged: words are missing.")
    weights = array("h", packed)
    if byteorder == "big":
        weights.byteswap()
    columns = [weights[start : start + BUCKETS] for start in range(0, len(weights), BUCKETS)]
    rows = zip(*columns, strict=True)
    return tuple([tied([each * COARSE for each in row]) if any(row) else 0 for row in rows])


def _little(weights: list[int]) -> bytes:
    column = array("h", weights)
    if byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _coarse(weight: int) -> int:
    return max(-LARGEST, min(LARGEST, round(weight / COARSE)))
