"""AWS's framing: written for botocore's own reader, and read as it reads."""

import struct
from zlib import crc32

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.errors import UpstreamGarbled
from switchgear.wire.eventstream import (
    CORRUPT,
    EventStreamReader,
    Message,
    Value,
    read_headers,
    write_message,
)
from switchgear.wire.sse import MAX_PARSED, MAX_PASSED

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=20)
    | st.binary(min_size=1, max_size=20)
)
MESSAGES = st.tuples(st.dictionaries(NAMES, VALUES, max_size=4), st.binary(max_size=60))
STREAMS = st.lists(MESSAGES, max_size=5)


def written(messages: list[tuple[dict[str, Value], bytes]]) -> bytes:
    return b"".join(write_message(headers, payload) for headers, payload in messages)


def cut(raw: bytes, sizes: list[int]) -> list[bytes]:
    """Cut bytes into pieces of these sizes; what is left is the last."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(raw[start : start + size])
        start += size
    return [*pieces, raw[start:]]


def read(*chunks: bytes) -> list[Message]:
    reader = EventStreamReader()
    return [message for chunk in chunks for message in reader.feed(chunk)]


@given(STREAMS, st.lists(st.integers(0, 40), max_size=12))
def test_what_is_written_is_read_however_it_is_cut(
    messages: list[tuple[dict[str, Value], bytes]], sizes: list[int]
) -> None:
    raw = written(messages)
    found = read(*cut(raw, sizes))
    assert [(dict(each.headers), each.payload) for each in found] == messages
    assert b"".join(each.raw for each in found) == raw


@given(STREAMS, st.lists(st.integers(0, 40), max_size=12))
def test_botocore_reads_the_same(
    messages: list[tuple[dict[str, Value], bytes]], sizes: list[int]
) -> None:
    buffer, found = EventStreamBuffer(), []
    for chunk in cut(written(messages), sizes):
        buffer.add_data(chunk)
        found += [(each.headers, each.payload) for each in buffer]
    assert found == messages


def test_headers_of_every_type_are_read_as_botocore_reads_them() -> None:
    plain = [
        (b"t", 0, b""),
        (b"f", 1, b""),
        (b"byte", 2, struct.pack(">b", -3)),
        (b"short", 3, struct.pack(">h", -300)),
        (b"int", 4, struct.pack(">i", -70_000)),
        (b"long", 5, struct.pack(">q", -(2**40))),
        (b"bytes", 6, b"\x00\x02\xff\x00"),
        (b"text", 7, b"\x00\x03\xe2\x98\x83"),
        (b"time", 8, struct.pack(">q", 1_700_000_000_000)),
        (b"uuid", 9, bytes(range(16))),
    ]
    raw = b"".join(bytes((len(name),)) + name + bytes((kind,)) + it for name, kind, it in plain)
    buffer = EventStreamBuffer()
    buffer.add_data(whole(raw, b"{}"))
    assert dict(read_headers(raw)) == next(iter(buffer)).headers
    assert list(read_headers(raw).values()) == [
        True, False, -3, -300, -70_000, -(2**40), b"\xff\x00", "☃", 1_700_000_000_000,
        bytes(range(16)),
    ]  # fmt: skip


def whole(headers: bytes, payload: bytes) -> bytes:
    lengths = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = lengths + struct.pack(">I", crc32(lengths)) + headers + payload
    return body + struct.pack(">I", crc32(body))


GOOD = write_message({"a": "b"}, b"payload")


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_bit_turned_anywhere_is_found(place: int, flip: int) -> None:
    raw = GOOD[:place] + bytes((GOOD[place] ^ flip,)) + GOOD[place + 1 :]
    with pytest.raises(UpstreamGarbled):
        read(raw)


def prelude(total: int, headers: int) -> bytes:
    lengths = struct.pack(">II", total, headers)
    return lengths + struct.pack(">I", crc32(lengths))


@pytest.mark.parametrize(
    "raw",
    [
        prelude(15, 0),
        prelude(20, 5),
        prelude(500_000, 200_000),
        prelude(MAX_PASSED + 1, 0),
        whole(b"\x01a\x0a", b""),
        whole(b"\x01a\x07\x00\x09b", b""),
        whole(b"\x01a\x04\x00", b""),
        whole(b"\x05a", b""),
        whole(b"\x01a\x00\x01a\x00", b""),
        whole(b"\x00\x00", b""),
        whole(b"\x01\xff\x00", b""),
    ],
)
def test_what_no_message_can_be_is_refused(raw: bytes) -> None:
    with pytest.raises(UpstreamGarbled):
        read(raw)


def test_what_came_whole_before_is_returned_first() -> None:
    reader = EventStreamReader()
    assert len(reader.feed(GOOD + prelude(15, 0))) == 1
    for _ in range(2):
        with pytest.raises(UpstreamGarbled):
            reader.feed(GOOD)


@pytest.mark.parametrize("size", [1000, MAX_PARSED, 3 * MAX_PARSED])
def test_a_message_too_long_to_be_read_passes_in_parts(size: int) -> None:
    stream = GOOD + write_message({"a": "b"}, bytes(2 * MAX_PARSED)) + GOOD
    found = read(*(stream[at : at + size] for at in range(0, len(stream), size)))
    assert b"".join(each.raw for each in found) == stream
    first, *parts, last = found
    assert first.payload == last.payload == b"payload"
    assert {each.payload for each in parts} == {None}
    assert [each.more for each in parts] == [True] * (len(parts) - 1) + [False]


def test_a_long_message_that_is_corrupt_is_found_at_its_end() -> None:
    raw = write_message({}, bytes(2 * MAX_PARSED))
    with pytest.raises(UpstreamGarbled, match=CORRUPT):
        read(raw[:-1], b"x", b"")


def test_it_tells_whether_a_message_is_not_whole() -> None:
    reader = EventStreamReader()
    assert not reader.rest
    reader.feed(GOOD[:-1])
    assert reader.rest
    reader.feed(GOOD[-1:])
    assert not reader.rest
