"""Server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.domain.errors import UpstreamGarbled
from switchgear.wire.sse import MAX_PARSED, MAX_PASSED, Frame, SseReader

STREAM = (
    b"\xef\xbb\xbfevent: delta\rdata: h\xc3\xa9\r\n\r\n"  # CR, CRLF
    b": keep-alive\n\n"
    b"data: a\xe2\x80\xa8b\x85c\x0bd\r\rdata: \xff\xfe\ndata\n\n"  # not line ends; not UTF-8
    b"event: \xff\r\ndata:  x\n\r\nid: 1\n\n\ndata: unfinished\n"
)
FRAMES = [
    Frame(b"\xef\xbb\xbfevent: delta\rdata: h\xc3\xa9\r\n\r\n", b"h\xc3\xa9", "delta"),
    Frame(b": keep-alive\n\n"),
    Frame(b"data: a\xe2\x80\xa8b\x85c\x0bd\r\r", b"a\xe2\x80\xa8b\x85c\x0bd"),
    Frame(b"data: \xff\xfe\ndata\n\n", b"\xff\xfe\n"),
    Frame(b"event: \xff\r\ndata:  x\n\r\n", b" x", "\ufffd"),
    Frame(b"id: 1\n\n"),
    Frame(b"\n"),
    Frame(b"data: unfinished\n", b"unfinished", whole=False),
]
soup = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\n\n", b"data", b"data: ", b"event", b":", b" ", b"x", b"\xef\xbb\xbf"]
    ),
    max_size=60,
).map(b"".join)


def read(stream: bytes, cuts: list[int]) -> list[Frame]:
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    reader = SseReader()
    frames = [frame for start, end in pairwise(edges) for frame in reader.feed(stream[start:end])]
    return frames + reader.end()


@given(st.lists(st.integers(0, len(STREAM))))
def test_however_the_bytes_are_cut_the_frames_are_the_same(cuts: list[int]) -> None:
    assert read(STREAM, cuts) == FRAMES


@given(soup, st.lists(st.integers(0, 200)))
def test_no_bytes_raise_and_no_cut_changes_what_they_mean(stream: bytes, cuts: list[int]) -> None:
    assert read(stream, cuts) == read(stream, []) == read(stream, list(range(len(stream))))


@given(soup, st.lists(st.integers(0, 200)))
def test_the_frames_put_together_are_the_stream(stream: bytes, cuts: list[int]) -> None:
    assert b"".join(frame.raw for frame in read(stream, cuts)) == stream


def test_a_frame_is_given_with_the_chunk_that_ends_it() -> None:
    reader = SseReader()
    assert [len(reader.feed(part)) for part in (b"data: x\n", b"\n", b"data: y\r\n\r\n")] == [
        0,
        1,
        1,
    ]


def test_a_long_frame_is_passed_on_unread() -> None:
    raw = b"data: " + b"x" * MAX_PARSED + b"\n\n"
    assert read(raw + b"data: y\n\n", [70_000]) == [
        Frame(raw, unread=True),
        Frame(b"data: y\n\n", b"y"),
    ]


@given(st.integers(MAX_PARSED - 9, MAX_PARSED + 99), st.lists(st.integers(0, 1 << 22), max_size=6))
@settings(max_examples=30, deadline=None)
def test_a_frame_that_is_too_long_goes_on_in_parts_as_it_comes(size: int, cuts: list[int]) -> None:
    lines = b"data: " + b"x\r\n" * (size // 3) + b"y" * size + b"\r\n\r\n"
    stream = b"data: a\n\n" + lines + b"\r\ndata: b\n\n"
    frames = read(stream, cuts)
    assert b"".join(frame.raw for frame in frames) == stream
    long = [frame for frame in frames if frame.unread]
    assert [frame.more for frame in long] == [True] * (len(long) - 1) + [False]
    assert b"".join(frame.raw for frame in long) == lines
    assert [frame.data for frame in frames if not frame.unread] == [b"a", None, b"b"]


def test_of_a_frame_that_is_too_long_little_is_held() -> None:
    reader, part = SseReader(), b"x" * 65_536
    passed = sum(len(frame.raw) for _ in range(160) for frame in reader.feed(part))
    assert 160 * len(part) - passed <= MAX_PARSED + len(part)


@pytest.mark.parametrize("line", [b"data: xx\n", b"data:\n", b": x", b"event: x"])
@pytest.mark.parametrize("size", [1 << 16, 1 << 25])
def test_a_frame_is_bounded_whatever_its_bytes_are(line: bytes, size: int) -> None:
    stream = line * (MAX_PASSED // len(line) + 1)
    with pytest.raises(UpstreamGarbled):
        read(stream, list(range(0, len(stream), size)))


def test_a_frame_that_overflows_does_not_take_the_good_ones_of_its_chunk_along() -> None:
    reader = SseReader()
    endless = b"data: " + b"x" * MAX_PASSED + b"\n\n"
    assert [frame.data for frame in reader.feed(b"data: good\n\n" + endless)] == [b"good"]
    with pytest.raises(UpstreamGarbled):
        reader.feed(b"data: later\n\n")


def test_many_frames_are_not_one_long_frame() -> None:
    reader = SseReader()
    frame = b": hello\nevent: x\ndata: " + b"y" * 100_000 + b"\n\n"
    assert all(len(reader.feed(frame)) == 1 for _ in range(2 * MAX_PASSED // len(frame)))
