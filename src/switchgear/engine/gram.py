"""Hash the words and pairs of words of a text, so that kinds of questions can be told apart."""

from string import punctuation
from struct import pack, unpack
from zlib import crc32

MOST_CHARS = 2_048
"""Characters that are read, half from the start and half from the end."""
MOST_WORDS = 160
"""Words of these, likewise, which a call of 1 kB has: with their pairs fewer than 320 hashes."""
_MARKS = punctuation.encode()
PLAINER = bytes.maketrans(_MARKS + b"0123456789", b" " * len(_MARKS) + b"0" * 10)
"""Marks part words, and one number is as good as another of its length."""
LOW = "H2x"
"""What is kept of a checksum: its lower half; taken so, in half the time of number by number."""


def grams_of(text: str) -> bytes:
    """Return the hashes of a text's different words and pairs, two bytes each, in no order."""
    if len(text) > MOST_CHARS:
        text = f"{text[: MOST_CHARS // 2]} {text[-MOST_CHARS // 2 :]}"
    words = text.lower().encode(errors="replace").translate(PLAINER).split()
    if len(words) > MOST_WORDS:
        words = words[: MOST_WORDS // 2] + words[-MOST_WORDS // 2 :]
    hashes = list(map(crc32, words))
    hashes += list(map(crc32, words[1:], hashes))
    count = len(hashes)
    found = set(unpack("<" + LOW * count, pack(f"<{count}I", *hashes)))
    return pack(f"<{len(found)}H", *found)
