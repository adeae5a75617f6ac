"""Answers made to fill the memory of whoever reads them."""

import zlib
from collections.abc import Iterator

from switchgear.rehearsal.act.answer import good
from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import STREAM_ONLY, Expect, Phase, row
from switchgear.rehearsal.step import (
    CHUNKED,
    JSON,
    LAST,
    SSE,
    Send,
    Step,
    chunk,
    head,
    stream,
)
from switchgear.rehearsal.voice import content_frame

MEGABYTE = 1_000_000
BLOCK = 65_536
AT_ONCE = 500
"""Tiny events in one write."""


def long_line(ask: Ask, megabytes: str) -> Iterator[Step]:
    """Put one event of so many megabytes between good ones."""
    it = good(ask)
    if not ask.stream:
        yield Send(head(200, JSON, CHUNKED))
        first, last = b'{"choices":[],"filling":"', b'"}'
    else:
        yield from stream(it.before_break())
        first, _, last = content_frame(ask, "~").partition(b"~")
    yield Send(chunk(first))
    left = int(megabytes) * MEGABYTE
    while left > 0:
        yield Send(chunk(b"a" * min(BLOCK, left)))
        left -= BLOCK
    yield Send(chunk(last))
    if ask.stream:
        rest = (*it.content[len(it.before_break()) - len(it.opening) :], *it.closing, *it.terminal)
        for frame in rest:
            yield Send(chunk(frame))
    yield Send(LAST)


def tiny_events(ask: Ask, count: str) -> Iterator[Step]:
    """Answer with so many events of one letter each."""
    it = good(ask)
    yield from stream(it.opening)
    left = int(count)
    frame = content_frame(ask, ".")
    block = chunk(frame * AT_ONCE)
    while left > 0:
        some = min(AT_ONCE, left)
        yield Send(block if some == AT_ONCE else chunk(frame * some))
        left -= some
    for last in (*it.closing, *it.terminal):
        yield Send(chunk(last))
    yield Send(LAST)


def endless(ask: Ask, _: str) -> Iterator[Step]:
    """Answer with events for as long as anybody reads."""
    it = good(ask)
    if not ask.stream:
        yield Send(head(200, JSON, CHUNKED))
        block = chunk(b" " * BLOCK)
    else:
        yield from stream(it.opening)
        block = chunk(content_frame(ask, ".") * AT_ONCE)
    while True:
        yield Send(block)


def bomb(ask: Ask, megabytes: str) -> Iterator[Step]:
    """Send so many megabytes of nothing, compressed to a thousandth."""
    kind = SSE if ask.stream else JSON
    yield Send(head(200, kind, CHUNKED, b"content-encoding: gzip"))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(int(megabytes)):
        part = squeeze.compress(b" " * MEGABYTE)
        if part:
            yield Send(chunk(part))
    yield Send(chunk(squeeze.flush()))
    yield Send(LAST)


def big_head(_: Ask, kilobytes: str) -> Iterator[Step]:
    """Send a head of so many kilobytes."""
    yield Send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
    for number in range(int(kilobytes)):
        yield Send(b"x-filling-%d: %b\r\n" % (number, b"a" * 1000))
    yield Send(b"content-length: 2\r\n\r\n{}")


ROWS = (
    row(
        "long-line-10",
        Phase.CONTENT,
        Expect.BOUNDED,
        long_line,
        "One event of so many MB.",
        forms=STREAM_ONLY,
        argument="10",
        spoils=True,
    ),
    row(
        "tiny-events-1000000",
        Phase.CONTENT,
        Expect.BOUNDED,
        tiny_events,
        "So many events of one letter.",
        forms=STREAM_ONLY,
        argument="1000000",
    ),
    row(
        "endless", Phase.CONTENT, Expect.BOUNDED, endless, "An answer that never ends.", spoils=True
    ),
    row(
        "bomb-1000",
        Phase.HEAD,
        Expect.BOUNDED,
        bomb,
        "So many MB of blanks, compressed to a thousandth.",
        argument="1000",
        spoils=True,
    ),
    row(
        "big-head-100",
        Phase.HEAD,
        Expect.FALLBACK,
        big_head,
        "A head of so many kB.",
        argument="100",
        spoils=True,
    ),
)
