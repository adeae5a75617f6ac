import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.seen import Frames, Seen, read_whole

CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
START = b'data: {"type":"message_start","message":{"usage":{"input_tokens":1}}}\n\n'
BLOCK = (
    b'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
)
DELTA = (
    b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\n\n'
)
CLOSE = b'data: {"type":"content_block_stop","index":0}\n\n'
STOP = b'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}\n\n'
END = b'data: {"type":"message_stop"}\n\n'
GOOD = START + BLOCK + DELTA + CLOSE + STOP + END


def read(dialect: Dialect, *parts: bytes) -> Seen:
    seen = Seen(status=200)
    frames = Frames(seen, dialect)
    for part in parts:
        frames.feed(part)
    frames.end()
    return seen


@given(st.integers(1, len(GOOD) - 1), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_however_a_stream_is_cut_it_reads_the_same(cut: int, end: bytes) -> None:
    stream = GOOD.replace(b"\n", end)
    seen = read(MESSAGES, stream[:cut], stream[cut:])
    assert (seen.text, seen.ended, seen.stop, seen.flaws) == ("a", True, "end_turn", [])


@pytest.mark.parametrize(
    "stream",
    [
        GOOD + END,
        GOOD.replace(CLOSE, b""),
        GOOD.replace(STOP, b""),
        START + GOOD,
        GOOD.replace(BLOCK, b""),
        GOOD.replace(DELTA, b"data: {nonsense\n\n"),
        GOOD.replace(BLOCK, BLOCK + BLOCK),
        GOOD[:-1],
    ],
)
def test_a_stream_that_a_client_would_stumble_over_has_a_flaw(stream: bytes) -> None:
    assert read(MESSAGES, stream).flaws


def test_an_error_ends_a_stream() -> None:
    error = b'data: {"type":"error","error":{"type":"t","message":"m","code":"c"}}\n\n'
    seen = read(MESSAGES, START + error)
    assert (seen.code, seen.ended, seen.flaws) == ("c", False, [])
    assert read(MESSAGES, START + error + END).flaws


def test_an_error_in_the_other_dialects_shape_is_a_flaw() -> None:
    chat = b'data: {"error":{"type":"t","message":"m","code":"c"}}\n\n'
    assert not read(CHAT, chat).flaws
    assert read(MESSAGES, chat).flaws


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[]", b'{"error":{}}', b'{"error":"x"}'])
def test_a_body_that_is_no_answer_has_a_flaw(raw: bytes) -> None:
    seen = Seen(status=502)
    read_whole(seen, CHAT, raw)
    assert seen.flaws
    assert not seen.ended
