"""AWS's event-stream framing: bytes in, whole messages out, none of the bytes lost. Sans-io.

A message is its length, the length of its headers, a checksum of these two, the headers, a payload
and a checksum of all that. Source: "Amazon event stream encoding", as botocore reads it.
"""

import struct
from collections.abc import Mapping
from zlib import crc32

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.wire.sse import MAX_PARSED, MAX_PASSED

CONTENT_TYPE = b"application/vnd.amazon.eventstream"

Value = bool | int | str | bytes
"""Of a header; a time is in milliseconds, a UUID its 16 bytes."""

PRELUDE = struct.Struct(">III")
CHECKSUM = struct.Struct(">I")
LEAST = PRELUDE.size + CHECKSUM.size
MAX_HEADERS = 128 << 10
"""Bytes, by the format's own rule."""
TEXT, BYTES, TRUE, FALSE = 7, 6, 0, 1
SIZED = {
    2: struct.Struct(">b"),
    3: struct.Struct(">h"),
    4: struct.Struct(">i"),
    5: struct.Struct(">q"),
    8: struct.Struct(">q"),
    9: struct.Struct("16s"),
}
"""Values whose length their type tells."""
LENGTH = struct.Struct(">H")
KEPT = 32
"""Sets of headers that are read once: a stream has some ten."""

Headers = Mapping[str, Value]
NO_HEADERS: Headers = {}


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message."""

    raw: bytes
    """Its exact bytes. The messages of a stream, put together, are the stream."""
    payload: bytes | None = None
    """None where it was not read."""
    headers: Headers = NO_HEADERS
    more: bool = False
    """A part of a message longer than MAX_PARSED, and not its last."""


class EventStreamReader:
    """Feed it bytes as they come; take the messages that are whole.

    However the bytes are cut, the messages are the same (property-tested), but for the parts of one
    that is too long to be read.
    """

    __slots__ = ("_error", "_held", "_known", "_left", "_sum")

    def __init__(self) -> None:
        """Start with nothing read."""
        self._held = bytearray()
        self._known: dict[bytes, Headers] = {}
        self._error: UpstreamGarbled | None = None
        self._left = 0
        """Bytes still to come of a message that goes on in parts."""
        self._sum = 0
        """Checksum of what has gone on of it."""

    @property
    def rest(self) -> bool:
        """Whether a message has begun that is not whole."""
        return bool(self._held or self._left)

    def feed(self, chunk: bytes) -> list[Message]:
        """Return the messages that this chunk completes, in order.

        Raises:
            UpstreamGarbled: what came is no such message. Messages that came whole before it in
                the same chunk are returned first; then the next call raises.
        """
        if self._error is not None:
            raise self._error
        self._held += chunk
        messages: list[Message] = []
        try:
            self._take(messages)
        except UpstreamGarbled as error:
            self._error = error
            self._held.clear()
            if not messages:
                raise
        return messages

    def _take(self, messages: list[Message]) -> None:
        held, start = self._held, 0
        try:
            while self._left or len(held) - start >= PRELUDE.size:
                step = self._go_on if self._left else self._read
                taken = step(start, messages)
                start += taken
                if not taken:
                    break
        finally:
            del held[:start]

    def _read(self, start: int, messages: list[Message]) -> int:
        """Read the message that begins at ``start``; return its length, 0 if it is not whole."""
        held = self._held
        total, headers, checksum = PRELUDE.unpack_from(held, start)
        if crc32(held[start : start + 8]) != checksum:
            raise UpstreamGarbled("The target sent a message whose beginning is corrupt.")
        if total > MAX_PASSED:
            raise UpstreamGarbled(f"The target sent an event of more than {MAX_PASSED} bytes.")
        if headers > MAX_HEADERS or total < headers + LEAST:
            raise UpstreamGarbled("The target sent a message whose lengths cannot be.")
        if total > MAX_PARSED:
            self._left, self._sum = total, 0
            return self._go_on(start, messages)
        if len(held) - start < total:
            return 0
        raw = bytes(held[start : start + total])
        if crc32(raw[:-4]) != CHECKSUM.unpack_from(raw, total - 4)[0]:
            raise UpstreamGarbled(CORRUPT)
        end = PRELUDE.size + headers
        messages.append(Message(raw, raw[end:-4], self._headers(raw[PRELUDE.size : end])))
        return int(total)

    def _go_on(self, start: int, messages: list[Message]) -> int:
        """Let go what came of a message that is too long to be read; return how much that is."""
        size = min(self._left - CHECKSUM.size, len(self._held) - start)
        if size:
            raw = bytes(self._held[start : start + size])
            self._sum = crc32(raw, self._sum)
            self._left -= size
            messages.append(Message(raw, more=True))
            return size
        raw = bytes(self._held[start : start + CHECKSUM.size])
        if len(raw) < CHECKSUM.size:
            return 0
        if CHECKSUM.unpack(raw)[0] != self._sum:
            raise UpstreamGarbled(CORRUPT)
        self._left = 0
        messages.append(Message(raw))
        return CHECKSUM.size

    def _headers(self, raw: bytes) -> Headers:
        known = self._known.get(raw)
        if known is None:
            known = read_headers(raw)
            if len(self._known) < KEPT:
                self._known[raw] = known
        return known


CORRUPT = "The target sent a message that is corrupt."


def read_headers(raw: bytes) -> Headers:
    """Return the headers of a message.

    Raises:
        UpstreamGarbled: they are not whole, of no type there is, or one stands twice.
    """
    found: dict[str, Value] = {}
    place = 0
    try:
        while place < len(raw):
            end = place + 1 + raw[place]
            name, kind = raw[place + 1 : end].decode(), raw[end]
            value, place = _value(raw, kind, end + 1)
            if name in found or not name:
                raise UpstreamGarbled("The target sent a message with a header twice.")
            found[name] = value
    except (IndexError, KeyError, ValueError, struct.error):
        raise UpstreamGarbled("The target sent a message whose headers cannot be read.") from None
    return found


def _value(raw: bytes, kind: int, place: int) -> tuple[Value, int]:
    """Return a header's value, and where the next header begins."""
    if kind in (TRUE, FALSE):
        return kind == TRUE, place
    if kind in (TEXT, BYTES):
        start = place + LENGTH.size
        end = start + LENGTH.unpack_from(raw, place)[0]
        value = raw[start:end]
        if end > len(raw):
            raise ValueError("cut short")
        return (value.decode() if kind == TEXT else value), end
    form = SIZED[kind]
    return form.unpack_from(raw, place)[0], place + form.size


def write_message(headers: Headers, payload: bytes) -> bytes:
    """Return one message; an int is written as the type of 64 bits."""
    lines = b"".join([_header(name, value) for name, value in headers.items()])
    return framed(lines, payload)


def framed(headers: bytes, payload: bytes) -> bytes:
    """Return one message of headers that are written already."""
    total = LEAST + len(headers) + len(payload)
    lengths = PRELUDE.pack(total, len(headers), 0)[:8]
    body = b"".join((lengths, CHECKSUM.pack(crc32(lengths)), headers, payload))
    return body + CHECKSUM.pack(crc32(body))


def _header(name: str, value: Value) -> bytes:
    written = name.encode()
    head = bytes((len(written),)) + written
    if isinstance(value, bool):
        return head + bytes((TRUE if value else FALSE,))
    if isinstance(value, int):
        return head + b"\x05" + SIZED[5].pack(value)
    kind, content = (TEXT, value.encode()) if isinstance(value, str) else (BYTES, value)
    return head + bytes((kind,)) + LENGTH.pack(len(content)) + content
