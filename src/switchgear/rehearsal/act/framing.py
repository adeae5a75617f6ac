"""Answers whose HTTP framing is wrong, or that nobody asked for."""

import gzip
from collections.abc import Iterator

from switchgear.rehearsal.act.answer import good, good_whole, healthy
from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import Expect, Phase, row
from switchgear.rehearsal.step import (
    CHUNKED,
    JSON,
    LAST,
    SSE,
    Close,
    Hang,
    Send,
    Step,
    Steps,
    Wait,
    chunk,
    head,
    length,
    respond,
    stream,
)

SMUGGLED = "unasked-for"
"""In every answer that nobody asked for: no caller may ever see it."""
LATER_S = 0.05


def gzip_unasked(ask: Ask, _: str) -> Steps:
    """Compress, although ``identity`` was asked for."""
    body = b"".join(good(ask).all()) if ask.stream else good_whole(ask)
    kind = SSE if ask.stream else JSON
    return [respond(gzip.compress(body), kind=kind, also=(b"content-encoding: gzip",))]


def too_short(ask: Ask, _: str) -> Steps:
    """Send more than the Content-Length says: half of the answer is beyond it."""
    return [_misdeclared(ask, 0.5)]


def too_long(ask: Ask, _: str) -> Steps:
    """Send less than the Content-Length says, and close."""
    return [_misdeclared(ask, 2), Wait(LATER_S), Close()]


def smuggled(ask: Ask, _: str) -> Iterator[Step]:
    """Send a second answer after the good one, in the same breath."""
    body = b"".join(good(ask).all()) if ask.stream else good_whole(ask)
    first = head(200, SSE if ask.stream else JSON, length(len(body))) + body
    yield Send(first + _unasked(ask))


def stray(ask: Ask, _: str) -> Iterator[Step]:
    """Answer well; a moment later send an answer that nobody asked for."""
    yield from healthy(ask)
    yield Wait(LATER_S)
    yield Send(_unasked(ask))


def two_heads(ask: Ask, _: str) -> Steps:
    """Send both a length and a transfer coding, which no message may have."""
    body = good_whole(ask)
    kind = SSE if ask.stream else JSON
    return [Send(head(200, kind, length(len(body)), CHUNKED) + chunk(body) + LAST)]


def not_http(_: Ask, __: str) -> Steps:
    """Answer in another protocol."""
    return [Send(b"SSH-2.0-OpenSSH_9.6\r\n"), Hang()]


def bad_chunk(ask: Ask, _: str) -> Iterator[Step]:
    """Break the framing of a chunked body in the middle of the stream."""
    if not ask.stream:
        raw = good_whole(ask)
        yield Send(head(200, JSON, CHUNKED) + chunk(raw[: len(raw) // 2]) + b"zz\r\n")
    else:
        yield from stream(good(ask).before_break())
        yield Send(b"not a size\r\n")
    yield Hang()


def _misdeclared(ask: Ask, factor: float) -> Send:
    body = b"".join(good(ask).all()) if ask.stream else good_whole(ask)
    kind = SSE if ask.stream else JSON
    return Send(head(200, kind, length(int(len(body) * factor))) + body)


def _unasked(ask: Ask) -> bytes:
    body = good_whole(ask).replace(b"seven", SMUGGLED.encode())
    return head(200, JSON, length(len(body))) + body


ROWS = (
    row(
        "gzip-unasked",
        Phase.HEAD,
        Expect.FALLBACK,
        gzip_unasked,
        "Compressed, although identity was asked for.",
        spoils=True,
    ),
    row(
        "content-length-short",
        Phase.CONTENT,
        Expect.RESCUE,
        too_short,
        "More bytes than the Content-Length says.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
    row(
        "content-length-long",
        Phase.END,
        Expect.ANSWER,
        too_long,
        "Fewer bytes than the Content-Length says.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
    row(
        "length-and-chunked",
        Phase.HEAD,
        Expect.FALLBACK,
        two_heads,
        "Both a Content-Length and a transfer coding.",
        spoils=True,
    ),
    row(
        "bad-chunk",
        Phase.CONTENT,
        Expect.RESCUE,
        bad_chunk,
        "Broken chunks in the middle of the answer.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
    row("not-http", Phase.HEAD, Expect.FALLBACK, not_http, "Another protocol.", spoils=True),
    row(
        "smuggled-response",
        Phase.END,
        Expect.ANSWER,
        smuggled,
        "A second answer behind the good one.",
        spoils=True,
    ),
    row(
        "stray-bytes",
        Phase.END,
        Expect.ANSWER,
        stray,
        "An answer that nobody asked for, on the idle connection.",
        spoils=True,
    ),
)
