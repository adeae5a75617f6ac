"""Results of tools, without what differs each time and means nothing."""

import msgspec

from switchgear.engine.loop.digest import bytes_of, digest
from switchgear.engine.loop.volatile import scrub

MOST_SCRUBBED = 32_768
"""Characters of a result in which volatile parts are looked for, half of them at each end."""
MOST_HASHED = 262_144
"""Characters between those that are compared; of more, slices at even distances are."""
SLICES = 64
SHORT = 300
"""Characters of a result that may be nothing but a word on how things are."""

NOTHING = frozenset({
    *("", "[]", "{}", "null", "none", "undefined", "nil", "n/a", "[ ]", "{ }", '""', "''", "<na>"),
    *("(no output)", "<no output>", "no output", "(empty)", "empty", "[[]]"),
    *("tool ran without output or errors", "nothing found", "not found"),
})  # fmt: skip
NO_SUCH = ("result", "match", "found", "record", "data", "file", "item", "entr", "output")
"""What a short text that begins with ``no`` says there is none of."""
FORM = frozenset({"status", "success", "ok", "query", "page", "code"})
"""Fields of an answer that say nothing of what was asked for."""
UNREADY = (
    *("still running", "in progress", "pending", "queued", "not ready", "processing", "waiting"),
    *('"running"', "is running", "not yet", "still working", "in_progress", "scheduled"),
)

_decode = msgspec.json.Decoder().decode


def plain_digest(text: str) -> bytes:
    """Return the digest of a result as it came: the same one, where nothing of it is volatile."""
    return digest(b"".join(_pieces(text.strip())))


def result_digest(text: str) -> bytes:
    """Return the digest of a result without its volatile parts."""
    pieces = _pieces(text.strip())
    if len(pieces) == 1:
        return digest(scrub(pieces[0]))
    head, middle, tail = pieces
    return digest(scrub(head) + middle + scrub(tail))


def is_empty(text: str) -> bool:
    """Whether a result says nothing."""
    if len(text) > SHORT:
        return False
    plain = text.strip().rstrip(".!").lower()
    if plain in NOTHING:
        return True
    if plain.startswith("no "):
        return any(word in plain for word in NO_SUCH)
    return plain[:1] in {"{", "["} and _is_hollow(plain)


def is_unready(text: str) -> bool:
    """Whether a result says that something is not done yet."""
    if len(text) > SHORT:
        return False
    plain = text.lower()
    for word in UNREADY:  # noqa: SIM110  (any() with a generator takes three times as long)
        if word in plain:
            return True
    return False


def _pieces(text: str) -> tuple[bytes, ...]:
    """Return head, middle and tail of what is long; of the middle its length and a digest."""
    if len(text) <= MOST_SCRUBBED:
        return (bytes_of(text),)
    half = MOST_SCRUBBED // 2
    length = len(text) - MOST_SCRUBBED
    if length > MOST_HASHED:
        size, stride = MOST_HASHED // SLICES, length // SLICES
        starts = range(half, half + length, stride)
        middle = digest(bytes_of("".join([text[start : start + size] for start in starts])))
    else:
        middle = digest(bytes_of(text[half:-half]))
    return bytes_of(text[:half]), length.to_bytes(8, "big") + middle, bytes_of(text[-half:])


def _is_hollow(text: str) -> bool:
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    if isinstance(value, dict):
        told = [each for key, each in value.items() if key not in FORM]
        return bool(told) and not any(told)
    return isinstance(value, list) and not any(value)
