"""What an answer tells of its stream besides the events."""

from contextlib import suppress

import pytest

from support.cast import target
from support.provider import Play, Visit, on_both_loops, staged
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import UpstreamGarbled, UpstreamLost
from switchgear.domain.piece import Piece, Place
from switchgear.ports.upstream import Answer, Order
from switchgear.wire.registry import TONGUES
from switchgear.wire.sse import MAX_PARSED

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
RAW = b'{"model":"a","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"x"}]}'
OPEN = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
STOP = b'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
BROKEN = b"data: {\n\n"
START = b'data: {"type":"message_start","message":{"id":"m","model":"m"}}\n\n'
BLOCK = b'data: {"type":"content_block_start","index":%d,"content_block":{"type":"%b"}}\n\n'


def says(said: bytes) -> Play:
    """Say this and close the connection in the midst of the answer."""

    async def play(visit: Visit) -> None:
        await visit.request()
        await visit.say(HEAD + b"%x\r\n%b\r\n" % (len(said), said))

    return play


def read(
    dialect: Dialect, play: Play, caller: Dialect | None = None
) -> list[tuple[Answer, list[Piece]]]:
    """Read an answer as far as it goes, on each loop; for a caller of the same dialect, or this."""
    found: list[tuple[Answer, list[Piece]]] = []

    async def life() -> None:
        body = TONGUES[caller or dialect].parse(RAW)
        async with staged(play, tongues=TONGUES, dialect=dialect) as (upstream, _):
            answer = upstream.begin(Order(target=target("m"), body=body))
            await answer.open()
            pieces: list[Piece] = []
            found.append((answer, pieces))
            with suppress(UpstreamLost, UpstreamGarbled):
                while (piece := await answer.read()) is not None:
                    pieces.append(piece)
            answer.close()

    on_both_loops(life)
    return found


def test_broken_frames_are_counted_and_left_out() -> None:
    said = OPEN + BROKEN + OPEN + BROKEN + STOP + b"data: [DONE]\n\n"
    for answer, pieces in read(Dialect.OPENAI_CHAT, says(said)):
        assert answer.broken == 2
        assert b"".join(piece.raw or b"" for piece in pieces) == said.replace(BROKEN, b"")


def test_the_place_and_what_is_foreign_are_told_after_the_stream_broke() -> None:
    said = START + BLOCK % (0, b"text") + BLOCK % (1, b"server_tool_use")
    for answer, pieces in read(Dialect.ANTHROPIC_MESSAGES, says(said)):
        assert pieces[-1].finish is None
        assert (answer.place, answer.foreign) == (Place(2, "server_tool_use"), True)
    for answer, _ in read(Dialect.ANTHROPIC_MESSAGES, says(START + BLOCK % (0, b"text"))):
        assert (answer.place, answer.foreign) == (Place(1, "text"), False)


DELTA = b'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n'


@pytest.mark.parametrize(
    ("dialect", "said", "whole"),
    [
        (Dialect.OPENAI_CHAT, OPEN + STOP, True),
        (Dialect.OPENAI_CHAT, OPEN, False),
        (Dialect.ANTHROPIC_MESSAGES, START + BLOCK % (0, b"text") + DELTA, True),
        (Dialect.ANTHROPIC_MESSAGES, START + BLOCK % (0, b"text"), False),
    ],
)
def test_a_stream_that_broke_after_its_reason_to_stop_is_whole(
    dialect: Dialect, said: bytes, *, whole: bool
) -> None:
    for _, pieces in read(dialect, says(said)):
        assert b"".join(piece.raw or b"" for piece in pieces).startswith(said)
        assert (pieces[-1].finish is not None) is whole


def test_an_event_too_long_to_be_read_passes_as_it_is_but_cannot_be_translated() -> None:
    long = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n'
    said = OPEN + long % (b"x" * (MAX_PARSED + 1)) + STOP + b"data: [DONE]\n\n"
    for answer, pieces in read(Dialect.OPENAI_CHAT, says(said)):
        assert b"".join([piece.raw or b"" for piece in pieces]) == said
        assert (pieces[-1].finish is not None, answer.foreign) == (True, True)
    for answer, pieces in read(Dialect.OPENAI_CHAT, says(said), Dialect.ANTHROPIC_MESSAGES):
        assert not any(piece.finish for piece in pieces), "a part is missing: it is no success"
        assert not answer.foreign, "the caller has nothing of it, so somebody else can go on"
