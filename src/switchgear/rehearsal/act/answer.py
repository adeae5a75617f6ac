"""Answers that are good, and those that only come in an odd way."""

from collections.abc import Iterator

from switchgear.rehearsal.ask import Ask
from switchgear.rehearsal.fault import STREAM_ONLY, Expect, Phase, row
from switchgear.rehearsal.step import (
    CHUNKED,
    CRLF,
    LAST,
    SSE,
    Send,
    Step,
    Steps,
    Wait,
    chunk,
    head,
    respond,
    streamed,
)
from switchgear.rehearsal.voice import (
    TEXT,
    Parts,
    call_parts,
    encode,
    parts,
    whole,
    whole_call,
    words_of,
)

PIECE = 16
"""Bytes of a drop."""
DROP_S, WORD_S = 0.005, 0.03


def healthy(ask: Ask, _: str = "") -> Steps:
    """Answer well; where a tool call is demanded, with one."""
    if ask.must_call:
        arguments = encode(ask.fitting).decode()
        if ask.stream:
            return streamed(call_parts(ask, arguments).all())
        return [respond(whole_call(ask, arguments))]
    return say(ask, words_of(ask))


def say(ask: Ask, words: list[str]) -> Steps:
    """Answer with these words."""
    if ask.stream:
        return streamed(parts(ask, words).all())
    return [respond(whole(ask, "".join(words)))]


def good(ask: Ask) -> Parts:
    """Return the good stream."""
    return parts(ask, words_of(ask))


def good_whole(ask: Ask) -> bytes:
    """Return the good whole answer."""
    return whole(ask, "".join(words_of(ask)))


def anew(ask: Ask, _: str) -> Steps:
    """Begin the answer anew, although asked to go on."""
    return say(ask, [f" {word}" if place else word for place, word in enumerate(TEXT.split(" "))])


def overlap(ask: Ask, _: str) -> Steps:
    """Repeat the last three words before going on."""
    said = ask.said.rstrip()
    if not said or not TEXT.startswith(said):
        return healthy(ask)
    last = " ".join(said.split(" ")[-3:])
    return say(ask, [last, *words_of(ask)])


def slow(ask: Ask, seconds: str) -> Iterator[Step]:
    """Answer well, the first content so many tenths of a second late."""
    yield Wait(float(seconds) / 10)
    yield from healthy(ask)


def drip(ask: Ask, milliseconds: str) -> Iterator[Step]:
    """Answer well, a few bytes at a time."""
    pause = float(milliseconds) / 1000
    if not ask.stream:
        raw = respond(good_whole(ask)).data
        for start in range(0, len(raw), PIECE):
            yield Wait(pause)
            yield Send(raw[start : start + PIECE])
        return
    yield Send(head(200, SSE, CHUNKED))
    body = b"".join(good(ask).all())
    for start in range(0, len(body), PIECE):
        yield Wait(pause)
        yield Send(chunk(body[start : start + PIECE]))
    yield Send(LAST)


def paced(ask: Ask, milliseconds: str) -> Steps:
    """Answer well, with a pause before each event: there is time to leave in its middle."""
    if not ask.stream:
        return [Wait(float(milliseconds) / 1000), respond(good_whole(ask))]
    return streamed(good(ask).all(), float(milliseconds) / 1000)


def line_ends(ask: Ask, ends: str) -> Steps:
    """Answer well, with CR or CRLF at the ends of lines."""
    if not ask.stream:
        return healthy(ask)
    mark = b"\r" if ends == "cr" else CRLF
    return streamed([frame.replace(b"\n", mark) for frame in good(ask).all()])


def cut_anywhere(ask: Ask, seed: str) -> Iterator[Step]:
    """Answer well, cut into pieces of one to nine bytes, CRLF for line ends."""
    size = int(seed)
    if ask.stream:
        body = b"".join(good(ask).all()).replace(b"\n", CRLF)
        yield Send(head(200, SSE, CHUNKED))
    else:
        body = respond(good_whole(ask)).data
    while body:
        size = (size * 7 + 3) % 11 % 9 + 1
        yield Send(chunk(body[:size]) if ask.stream else body[:size])
        yield Wait(0.0)
        body = body[size:]
    if ask.stream:
        yield Send(LAST)


ROWS = (
    row("healthy", Phase.NEVER, Expect.ANSWER, healthy, "Answers well."),
    row(
        "slow-3",
        Phase.NEVER,
        Expect.ANSWER,
        slow,
        "Begins its answer so many tenths of a second late.",
        argument="3",
    ),
    row(
        "paced-50",
        Phase.NEVER,
        Expect.ANSWER,
        paced,
        "Pauses so many ms before each event.",
        argument="50",
    ),
    row(
        "slow-drip-5",
        Phase.NEVER,
        Expect.ANSWER,
        drip,
        "Sends 16 bytes at a time, so many ms apart.",
        argument="5",
    ),
    row(
        "line-ends-cr",
        Phase.NEVER,
        Expect.ANSWER,
        line_ends,
        "Ends its lines with CR.",
        forms=STREAM_ONLY,
        argument="cr",
    ),
    row(
        "line-ends-crlf",
        Phase.NEVER,
        Expect.ANSWER,
        line_ends,
        "Ends its lines with CRLF.",
        forms=STREAM_ONLY,
        argument="crlf",
    ),
    row(
        "cut-anywhere-1",
        Phase.NEVER,
        Expect.ANSWER,
        cut_anywhere,
        "Comes in pieces of 1 to 9 bytes, with CRLF; the number seeds the cuts.",
        argument="1",
    ),
    row(
        "healthy-anew",
        Phase.NEVER,
        Expect.ANSWER,
        anew,
        "Answers well, but begins anew when asked to go on.",
    ),
    row(
        "healthy-overlap",
        Phase.NEVER,
        Expect.ANSWER,
        overlap,
        "Answers well, but repeats three words when asked to go on.",
    ),
)
