"""Finds in text what differs each time: times, UUIDs, addresses, durations, ids."""

from collections.abc import Callable, Iterator

MOST_CUTS = 256
"""Parts of each sort that are cut out of one text; the rest stays."""
GAP = b"~"
"""Stands where something was cut out."""

DIGIT = b"0123456789"
LETTER = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
NUMERIC = DIGIT + b".+-eE"
DIGITS = bytes([0x30 if code in DIGIT else code for code in range(256)])
"""Every digit becomes 0; the length stays, so that places in one are places in the other."""
HEX = bytes([0x68 if chr(code) in "0123456789abcdefABCDEF" else code for code in range(256)])
"""Every hexadecimal digit becomes h."""

DATED = (b"0000-00-00T00:00", b"0000-00-00 00:00", b"0000/00/00 00:00")
LOGGED = (b"\n00:00:00", b"[00:00:00", b"(00:00:00", b"at 00:00:00")
"""A time of day where logs have theirs."""
MONTHS = frozenset(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
UNITS = frozenset(b"ms s sec secs second seconds us ns min mins minute minutes".split())
LONGEST_UNIT = 8
EPOCHS = frozenset({10, 13, 16, 19})
"""Digits of the time since 1970 in seconds, milliseconds, microseconds and nanoseconds."""
UUID = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"
IDS = frozenset({16, 24, 32})
"""Hexadecimal digits of ids of spans, objects and traces; 40 and 64 are hashes of content."""
LEAST_ADDRESS = 6
"""Hexadecimal digits of a memory address; a constant has fewer."""
KEYS = (
    *(b"elapsed", b"duration", b"latency", b'"took"', b'_ms"', b"timestamp", b'"nonce"'),
    *(b'"request_id', b'"requestId', b'"RequestId', b'"trace_id', b'"traceId'),
)
"""Parts of JSON keys whose values differ each time."""
LONGEST_KEY, LONGEST_VALUE, LONGEST_RUN = 40, 200, 400
"""Bytes that are looked at, of a key, a value, or a run of digits."""

Span = tuple[int, int]
Measure = Callable[[bytes, bytes, int], Span | None]
Table = tuple[tuple[bytes, Measure], ...]


def scrub(raw: bytes) -> bytes:
    """Return the text with a gap for each part that differs each time."""
    digits = raw.translate(DIGITS)
    spans = list(_times(raw, digits)) if b"00:00" in digits else []
    spans += _by(BY_DIGITS, raw, digits)
    spans += _by(BY_HEX, raw, raw.translate(HEX))
    if b'":' in raw:
        spans += _by(BY_KEY, raw, raw)
    return _without(raw, spans) if spans else raw


def _by(table: Table, raw: bytes, shape: bytes) -> list[Span]:
    return [
        span
        for needle, measure in table
        if needle in shape
        for span in _found(raw, shape, needle, measure)
    ]


def _found(raw: bytes, shape: bytes, needle: bytes, measure: Measure) -> Iterator[Span]:
    at = shape.find(needle)
    for _ in range(MOST_CUTS):
        if at < 0:
            return
        span = measure(raw, shape, at)
        if span and span[0] < span[1]:
            yield span
        at = shape.find(needle, max(at + 1, span[1] if span else 0))


def _without(raw: bytes, spans: list[Span]) -> bytes:
    pieces = []
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            pieces.append(raw[done:start])
        done = max(done, end)
    pieces.append(raw[done:])
    return GAP.join(pieces)


def _times(raw: bytes, shape: bytes) -> Iterator[Span]:
    """Yield where a date with a time is, or a time that stands where logs have theirs."""
    if shape.startswith(b"00:00:00"):
        yield _time(raw, shape, 0)
    for needle in (*DATED, *LOGGED):
        if needle in shape:
            yield from _found(raw, shape, needle, _time)
    if b" 00:00:00" in shape:
        yield from _found(raw, shape, b" 00:00:00", _dated)


def _dated(raw: bytes, shape: bytes, at: int) -> Span | None:
    """Return where a time is that stands behind the name of a month and a day, or a year."""
    for back in (6, 8):
        if at >= back and raw[at - back : at - back + 3] in MONTHS:
            return _time(raw, shape, at)
    return None


def _time(raw: bytes, shape: bytes, at: int) -> Span:
    """Return where the time that begins here ends, with its seconds and zone, if it has them."""
    end = shape.index(b"00:00", at) + len(b"00:00")
    if shape[end : end + 3] == b":00":
        end += 3
    if raw[end : end + 1] in {b".", b","} and shape[end + 1 : end + 2] == b"0":
        end = _past(raw, end + 1, DIGIT)
    return at, _past_zone(raw, shape, end)


def _past_zone(raw: bytes, shape: bytes, end: int) -> int:
    if raw[end : end + 1] in {b"Z", b"z"}:
        return end + 1
    if raw[end : end + 1] in {b"+", b"-"}:
        for form in (b"00:00", b"0000"):
            if shape[end + 1 : end + 1 + len(form)] == form:
                return end + 1 + len(form)
    return end


def _epoch(raw: bytes, _shape: bytes, at: int) -> Span | None:
    """Return where a number of seconds since 1970 is, from 2014 to 2033, or of parts of them."""
    start, end = _before(raw, at, DIGIT), _past(raw, at, DIGIT)
    dated = raw[start : start + 1] == b"1" and raw[start + 1 : start + 2] in b"456789"
    if end - start not in EPOCHS or not dated or raw[start - 1 : start] in {b".", b"-", b"_"}:
        return (end, end) if end - start > max(EPOCHS) else None
    if raw[end : end + 1] == b".":
        end = _past(raw, end + 1, DIGIT)
    return start, end


def _duration(raw: bytes, _shape: bytes, at: int) -> Span | None:
    """Return where a number with a unit of time is."""
    unit = at + 2 if raw[at + 1 : at + 2] == b" " else at + 1
    end = _past(raw, unit, LETTER, LONGEST_UNIT)
    if raw[unit:end] not in UNITS:
        return None
    start = _before(raw, at, DIGIT)
    if raw[start - 1 : start] == b"." and start > 1:
        start = _before(raw, start - 1, DIGIT)
    if start and raw[start - 1] in LETTER:
        return None
    return start, end


def _address(raw: bytes, shape: bytes, at: int) -> Span | None:
    """Return where a memory address is."""
    if raw[at] != DIGITS[0x30] or raw[at + 1] not in b"xX":
        return None
    end = _past(shape, at + 2, b"h")
    return (at, end) if end - at - 2 >= LEAST_ADDRESS else None


def _uuid(_raw: bytes, _shape: bytes, at: int) -> Span | None:
    return at, at + len(UUID)


def _id(_raw: bytes, shape: bytes, at: int) -> Span | None:
    """Return where an id of hexadecimal digits is; where a longer run is, so as to step over it."""
    end = _past(shape, at, b"h")
    letters = _raw[at:end].isdigit() or _raw[at:end].isalpha()
    return (end, end) if letters or end - at not in IDS else (at, end)


def _value(raw: bytes, _shape: bytes, at: int) -> Span | None:
    """Return where the value of a JSON key is that has something volatile in its name."""
    quote = raw.find(b'"', at + 1, at + LONGEST_KEY)
    if quote < 0:
        return None
    start = _past(raw, quote + 1, b" :", 4)
    if b":" not in raw[quote:start]:
        return None
    if raw[start : start + 1] != b'"':
        return start, _past(raw, start, NUMERIC)
    end = raw.find(b'"', start + 1, start + LONGEST_VALUE)
    return (start, end + 1) if end > 0 else None


def _past(raw: bytes, at: int, among: bytes, most: int = LONGEST_RUN) -> int:
    """Return where the first byte stands from ``at`` on that is not one of those."""
    ahead = raw[at : at + most]
    return at + len(ahead) - len(ahead.lstrip(among))


def _before(raw: bytes, at: int, among: bytes) -> int:
    """Return where the run of such bytes begins that ends before ``at``."""
    behind = raw[max(0, at - LONGEST_RUN) : at]
    return at - len(behind) + len(behind.rstrip(among))


BY_DIGITS: Table = (
    (b"0000000000", _epoch),
    (b"0s", _duration),
    (b"0 s", _duration),
    (b"0m", _duration),
    (b"0 m", _duration),
)
BY_KEY: Table = tuple((key, _value) for key in KEYS)
BY_HEX: Table = (
    (b"hxhhhhhh", _address),
    (UUID, _uuid),
    (b"hhhhhhhhhhhhhhhh", _id),
)
