"""Hash the words and pairs of words of a text, so that kinds of questions can be told apart."""

from array import array
from sys import byteorder
from zlib import crc32

MOST_CHARS = 4_096
"""Characters that are read, half from the start and half from the end."""
MOST_GRAMS = 512
"""Words and pairs of words together."""


def grams_of(text: str) -> bytes:
    """Return the hashes of a text's different words and pairs, two bytes each, little-endian."""
    if len(text) > MOST_CHARS:
        text = f"{text[: MOST_CHARS // 2]} {text[-MOST_CHARS // 2 :]}"
    words = text.lower().encode(errors="replace").split()[: MOST_GRAMS // 2]
    hashes = list(map(crc32, words))
    found = {each & 0xFFFF for each in (*hashes, *map(crc32, words[1:], hashes))}
    packed = array("H", sorted(found))
    if byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
