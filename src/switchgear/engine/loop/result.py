"""Results of tools, without what differs each time and means nothing."""

from collections.abc import Iterator

import msgspec

from switchgear.engine.loop.digest import bytes_of, digest
from switchgear.engine.loop.volatile import scrub

MOST_SCRUBBED = 32_768
"""Bytes of a result in which volatile parts are looked for, half at its start, half at its end."""
MOST_HASHED = 1_048_576
"""Bytes between those that are compared; of more, slices at even distances are."""
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
    return digest(b"".join(_pieces(bytes_of(text.strip()))))


def result_digest(text: str) -> bytes:
    """Return the digest of a result without its volatile parts."""
    raw = bytes_of(text.strip())
    if len(raw) <= MOST_SCRUBBED:
        return digest(scrub(raw))
    head, middle, tail = _pieces(raw)
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


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Yield head, middle and tail of what is long; the middle with its length."""
    if len(raw) <= MOST_SCRUBBED:
        yield raw
        return
    half = MOST_SCRUBBED // 2
    middle = raw[half:-half]
    length = len(middle)
    if length > MOST_HASHED:
        size, stride = MOST_HASHED // SLICES, length // SLICES
        middle = b"".join(middle[at : at + size] for at in range(0, length, stride))
    yield raw[:half]
    yield length.to_bytes(8, "big") + digest(middle)
    yield raw[-half:]


def _is_hollow(text: str) -> bool:
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    if isinstance(value, dict):
        told = [each for key, each in value.items() if key not in FORM]
        return bool(told) and not any(told)
    return isinstance(value, list) and not any(value)
