"""What is kept of a text so that one that is nearly the same can be told."""

from array import array
from zlib import crc32

WIDTH = 5
"""Words in each sequence that is looked at."""
MOST_WORDS = 400
"""Of a text, from its start."""
KEPT = 64
"""Hashes: the smallest ones are a fair sample of all of them."""
ITEM = "I"


def gist_of(text: str) -> bytes:
    """Return the smallest hashes of a text's sequences of words; nothing of a text too short."""
    words = text[: MOST_WORDS * 12].encode("utf-8", "replace").lower().split()[:MOST_WORDS]
    if len(words) < 2 * WIDTH:
        return b""
    sequences = zip(*(words[start:] for start in range(WIDTH)), strict=False)
    hashes = sorted({crc32(b" ".join(each)) for each in sequences})
    return array(ITEM, hashes[:KEPT]).tobytes()


def likeness(one: bytes, other: bytes) -> float:
    """Return the Jaccard index of two texts, as their gists tell it; 0 where one has none."""
    if not one or not other:
        return 0.0
    first, second = _hashes(one), _hashes(other)
    either = first | second
    full = max(len(first), len(second)) >= KEPT
    sample = sorted(either)[:KEPT] if full else list(either)
    both = first & second
    return sum(1 for each in sample if each in both) / len(sample)


def _hashes(gist: bytes) -> set[int]:
    return set(array(ITEM, gist))
