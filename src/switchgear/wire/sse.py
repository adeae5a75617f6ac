"""Server-sent events: bytes in, whole frames out, none of the bytes lost. Sans-io.

Source: WHATWG HTML, 9.2.6 "Interpreting an event stream". Lines end in CR, LF or CRLF and in
nothing else. Only ``event`` and ``data`` are read; ids and retry times are for browsers.
"""

import re

import msgspec

from switchgear.domain.errors import UpstreamGarbled

MAX_PARSED = 1 << 20
"""Bytes of one frame, at most, that are read. What is longer goes on in parts, as it comes."""
MAX_PASSED = 16 << 20
"""Bytes of one frame, at most, that are passed on."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\r|\n")
BLANK_LINE = re.compile(rb"(?>\r\n|\r|\n)(?>\r\n|\r|\n)")
"""Where a frame ends. Atomic groups, lest a CRLF be taken for two line ends."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame: the lines up to and with a blank line, comments and all."""

    raw: bytes
    """Its exact bytes. The frames of a stream, put together, are the stream."""
    data: bytes | None = None
    """The event's data as it came; None when the frame holds no event, or was not read."""
    name: str = ""
    """What ``event:`` said; empty when it said nothing."""
    whole: bool = True
    """False for what stood after the last blank line: by the standard no event."""
    unread: bool = False
    """Longer than MAX_PARSED: its bytes, or a part of them, are here, and their meaning is not
    known."""
    more: bool = False
    """A part of a frame, and not its last."""


class SseReader:
    """Feed it bytes as they come; take the frames that are whole.

    However the bytes are cut, the frames are the same (property-tested), but for the parts of one
    that is too long to be read; the work grows with the bytes, not with the cuts. A CR that ends a
    chunk waits for the byte after it.
    """

    __slots__ = ("_at_start", "_held", "_overflowed", "_passed")

    def __init__(self) -> None:
        """Start with nothing read."""
        self._held = bytearray()
        self._at_start = True
        self._overflowed = False
        self._passed = 0
        """Bytes that have gone on of the frame that is being held."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """Return the frames that this chunk completes, in order.

        Raises:
            UpstreamGarbled: a frame is longer than MAX_PASSED. Frames that came whole before it
                in the same chunk are returned first; then the next call raises.
        """
        end = len(chunk) - 2
        if self._held or chunk[end:] != b"\n\n" or b"\r" in chunk or end > MAX_PARSED - 3:
            if not self._held and chunk[:6] == b"data: " and _is_one_line(chunk):
                self._at_start = False
                return [Frame(chunk, chunk[6:-4])]
            return self._feed_slowly(chunk)
        line_end = chunk.find(b"\n")
        if chunk[:6] == b"data: " and line_end == end:
            self._at_start = False
            return [Frame(chunk, chunk[6:end])]
        if chunk[:7] == b"event: " and chunk.find(b"\n", line_end + 1) == end:
            data = line_end + 7
            if chunk[line_end + 1 : data] == b"data: ":
                self._at_start = False
                return [Frame(chunk, chunk[data:end], chunk[7:line_end].decode(errors="replace"))]
        if b"\n\n\n" in chunk or chunk[:1] in b"\n\xef":
            return self._feed_slowly(chunk)
        self._at_start = False
        return _split(chunk)

    def end(self) -> list[Frame]:
        """Return what is left when the stream has ended; an unfinished frame is not ``whole``.

        Raises:
            UpstreamGarbled: the last frame was longer than MAX_PASSED.
        """
        self._refuse_overflow()
        frames = self._take(final=True, scanned=max(0, len(self._held) - 3))
        if self._held:
            frames.append(self._read(bytes(self._held), whole=False))
            self._held.clear()
        return frames

    def _feed_slowly(self, chunk: bytes) -> list[Frame]:
        self._refuse_overflow()
        scanned = max(0, len(self._held) - 3)  # a blank line is 4 bytes at most
        self._held += chunk
        frames = self._take(final=False, scanned=scanned)
        self._overflowed |= self._passed + len(self._held) > MAX_PASSED
        if len(self._held) > MAX_PARSED and not self._overflowed:
            frames.append(self._let_go())
        if not frames:
            self._refuse_overflow()
        return frames

    def _let_go(self) -> Frame:
        """Return what is held as a part of its frame; what may begin a blank line stays."""
        end = len(self._held) - 3
        self._passed += end
        with memoryview(self._held) as held:
            raw = bytes(held[:end])
        del self._held[:end]
        self._at_start = False
        return Frame(raw, unread=True, more=True)

    def _refuse_overflow(self) -> None:
        if self._overflowed:
            self._held.clear()
            raise UpstreamGarbled(f"The target sent an event of more than {MAX_PASSED} bytes.")

    def _take(self, *, final: bool, scanned: int) -> list[Frame]:
        """Take the whole frames from what is held; none of it ends before ``scanned``."""
        held, start = self._held, 0
        frames: list[Frame] = []
        known = len(held) if final or held[-1:] != b"\r" else len(held) - 1
        while start < known:
            found = None if self._passed else LINE_END.match(held, start)
            found = found or BLANK_LINE.search(held, max(start, scanned))
            if not found or (found.end() > known):
                break
            if found.end() - start + self._passed > MAX_PASSED:
                self._overflowed = True
                break
            frames.append(self._read(bytes(held[start : found.end()]), whole=True))
            start, self._passed = found.end(), 0
        del held[:start]
        return frames

    def _read(self, raw: bytes, *, whole: bool) -> Frame:
        lines = raw
        if self._at_start:
            lines, self._at_start = raw.removeprefix(BYTE_ORDER_MARK), False
        if len(raw) > MAX_PARSED or self._passed:
            return Frame(raw, whole=whole, unread=True)
        name, data = _fields(LINE_END.split(lines))
        return Frame(raw, data, name, whole)


def _is_one_line(chunk: bytes) -> bool:
    """Say whether a chunk is one line and a blank one, both with CRLF, as Google sends them."""
    end = len(chunk) - 4
    return (
        chunk.endswith(b"\r\n\r\n")
        and chunk.find(b"\r") == end
        and chunk.find(b"\n") == end + 1
        and len(chunk) <= MAX_PARSED
    )


def _split(chunk: bytes) -> list[Frame]:
    """Split a chunk of whole frames whose lines all end in LF."""
    frames = []
    for part in chunk.split(b"\n\n")[:-1]:
        first, line_end, second = part.partition(b"\n")
        if not line_end and first[:6] == b"data: ":
            frames.append(Frame(part + b"\n\n", first[6:]))
        elif first[:7] == b"event: " and second[:6] == b"data: " and b"\n" not in second:
            name = first[7:].decode(errors="replace")
            frames.append(Frame(part + b"\n\n", second[6:], name))
        else:
            name, data = _fields(part.split(b"\n"))
            frames.append(Frame(part + b"\n\n", data, name))
    return frames


def _fields(lines: list[bytes]) -> tuple[str, bytes | None]:
    name = b""
    data: list[bytes] = []
    for line in lines:
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    return name.decode(errors="replace"), b"\n".join(data) if data else None
