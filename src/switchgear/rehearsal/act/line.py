"""Connections that break, hang or trickle."""

from collections.abc import Iterator

from switchgear.rehearsal.act.answer import good, good_whole
from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import Expect, Phase, row
from switchgear.rehearsal.step import (
    CHUNKED,
    JSON,
    SEEN_S,
    SSE,
    Close,
    Hang,
    Reset,
    Send,
    Step,
    Steps,
    Wait,
    head,
    length,
    respond,
    stream,
)


def reset_before_headers(_: Ask, __: str) -> Steps:
    """Break off at once."""
    return [Reset()]


def close_before_headers(_: Ask, __: str) -> Steps:
    """Close at once, without a word."""
    return [Close()]


def hang_before_headers(_: Ask, __: str) -> Steps:
    """Say nothing at all."""
    return [Hang()]


def reset_after_headers(ask: Ask, _: str) -> Steps:
    """Break off between the head and the body."""
    return [_head(ask), Wait(SEEN_S), Reset()]


def hang_before_content(ask: Ask, _: str) -> Iterator[Step]:
    """Begin as a stream begins, and say nothing of the answer."""
    if not ask.stream:
        yield _head(ask)
    else:
        yield from stream(good(ask).opening)
    yield Hang()


def pings_forever(ask: Ask, milliseconds: str) -> Iterator[Step]:
    """Begin as a stream begins, and then send keep-alives and never content."""
    if not ask.stream:
        yield Hang()
    yield from stream(good(ask).opening)
    while True:
        yield Wait(float(milliseconds) / 1000)
        yield Send(b"3\r\n:\n\n\r\n")


def close_before_content(ask: Ask, _: str) -> Iterator[Step]:
    """Begin as a stream begins, and close."""
    if not ask.stream:
        yield _head(ask)
    else:
        yield from stream(good(ask).opening)
    yield Wait(SEEN_S)
    yield Close()


def reset_mid_stream(ask: Ask, _: str) -> Iterator[Step]:
    """Break off in the middle of the answer."""
    yield from _half(ask)
    yield Wait(SEEN_S)
    yield Reset()


def close_mid_stream(ask: Ask, _: str) -> Iterator[Step]:
    """Close in the middle of the answer, as a proxy does that is restarted."""
    yield from _half(ask)
    yield Close()


def hang_mid_stream(ask: Ask, _: str) -> Iterator[Step]:
    """Say nothing more after the middle of the answer."""
    yield from _half(ask)
    yield Hang()


def keep_alive_race(ask: Ask, _: str) -> Steps:
    """Close the connection, as if the request had crossed the close on its way."""
    del ask
    return [Close()]


def _head(ask: Ask) -> Send:
    if ask.stream:
        return Send(head(200, SSE, CHUNKED))
    return Send(head(200, JSON, length(len(good_whole(ask)))))


def _half(ask: Ask) -> Iterator[Step]:
    """Yield a good answer up to its middle."""
    if ask.stream:
        yield from stream(good(ask).before_break())
        return
    body = good_whole(ask)
    raw = respond(body).data
    yield Send(raw[: len(raw) - len(body) // 2])


ROWS = (
    row(
        "refused",
        Phase.CONNECT,
        Expect.FALLBACK,
        reset_before_headers,
        "Nothing listens at its address.",
        spoils=True,
    ),
    row(
        "reset-on-accept",
        Phase.CONNECT,
        Expect.FALLBACK,
        reset_before_headers,
        "Its address resets every connection.",
        spoils=True,
    ),
    row(
        "connect-hang",
        Phase.CONNECT,
        Expect.FALLBACK,
        hang_before_headers,
        "Its address never completes a connection.",
        spoils=True,
    ),
    row(
        "blackhole",
        Phase.CONNECT,
        Expect.FALLBACK,
        hang_before_headers,
        "Its address takes everything and reads nothing.",
        spoils=True,
    ),
    row(
        "reset-before-headers",
        Phase.HEAD,
        Expect.FALLBACK,
        reset_before_headers,
        "Resets the connection instead of answering.",
        spoils=True,
    ),
    row(
        "close-before-headers",
        Phase.HEAD,
        Expect.FALLBACK,
        close_before_headers,
        "Closes the connection instead of answering.",
        spoils=True,
    ),
    row(
        "hang-before-headers",
        Phase.HEAD,
        Expect.FALLBACK,
        hang_before_headers,
        "Takes the request and says nothing.",
        spoils=True,
    ),
    row(
        "keep-alive-race",
        Phase.HEAD,
        Expect.ANSWER,
        keep_alive_race,
        "Closes an idle connection as the next request arrives.",
        warm=True,
        spoils=True,
    ),
    row(
        "reset-after-headers",
        Phase.OPENING,
        Expect.FALLBACK,
        reset_after_headers,
        "Resets after its head.",
        spoils=True,
    ),
    row(
        "close-before-content",
        Phase.OPENING,
        Expect.FALLBACK,
        close_before_content,
        "Opens its stream, and closes.",
        spoils=True,
    ),
    row(
        "hang-before-content",
        Phase.OPENING,
        Expect.FALLBACK,
        hang_before_content,
        "Opens its stream, and says nothing.",
        spoils=True,
    ),
    row(
        "pings-forever-10",
        Phase.OPENING,
        Expect.FALLBACK,
        pings_forever,
        "Opens its stream, and then sends nothing but keep-alives, so many ms apart.",
        argument="10",
        spoils=True,
    ),
    row(
        "reset-mid-stream",
        Phase.CONTENT,
        Expect.RESCUE,
        reset_mid_stream,
        "Resets in the middle of its answer.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
    row(
        "close-mid-stream",
        Phase.CONTENT,
        Expect.RESCUE,
        close_mid_stream,
        "Closes in the middle of its answer.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
    row(
        "hang-mid-stream",
        Phase.CONTENT,
        Expect.RESCUE,
        hang_mid_stream,
        "Says nothing more after the middle of its answer.",
        whole=Expect.FALLBACK,
        spoils=True,
    ),
)
