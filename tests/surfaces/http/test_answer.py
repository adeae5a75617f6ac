"""How replies are written, whole and streaming, in the caller's dialect."""

import pytest

from support.gateway import CHAT as CHAT_BODY
from support.gateway import MESSAGE, ScriptedGateway, chat_frames, message_frames
from support.raw import Answer, answers, ask, connect, request

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
PATHS = pytest.mark.parametrize("path", [CHAT, MESSAGES])
ALWAYS = {
    "x-switchgear-decision",
    "x-switchgear-target",
    "x-switchgear-tier",
    "x-switchgear-reason",
    "x-switchgear-attempts",
    "x-switchgear-task",
    "x-switchgear-overhead-ms",
    "x-switchgear-dropped",
}


def call(port: int, path: str, model: str, *lines: str, stream: bool = False) -> Answer:
    return ask(port, request(path, *lines, body=body(model, stream=stream)))


def body(model: str, *, stream: bool = False) -> bytes:
    flag = b"true" if stream else b"false"
    turn = b'{"role":"user","content":"hi"}'
    return b'{"model":"%b","stream":%b,"max_tokens":9,"messages":[%b]}' % (
        model.encode(),
        flag,
        turn,
    )


@pytest.mark.parametrize(("path", "raw"), [(CHAT, CHAT_BODY), (MESSAGES, MESSAGE)])
def test_a_whole_answer_in_the_callers_dialect_passes_untouched(
    port: int, path: str, raw: bytes
) -> None:
    answer = call(port, path, "echo")
    assert (answer.status, answer.body) == (200, raw)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-switchgear-cost-usd"] == "0.000012300"


@pytest.mark.parametrize(("path", "frames"), [(CHAT, chat_frames()), (MESSAGES, message_frames())])
def test_a_stream_in_the_callers_dialect_passes_untouched(
    port: int, path: str, frames: list[bytes]
) -> None:
    answer = call(port, path, "echo", stream=True)
    assert (answer.status, answer.body) == (200, b"".join(frames))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "x-switchgear-cost-usd" not in answer.headers


@PATHS
@pytest.mark.parametrize("model", ["cross", "events"])
def test_an_answer_in_another_dialect_or_none_is_rendered(port: int, path: str, model: str) -> None:
    whole, stream = call(port, path, model), call(port, path, model, stream=True)
    assert b'"Hello"' in whole.body
    assert b'"Hel"' in stream.body
    assert b'"lo"' in stream.body
    end = b"data: [DONE]\n\n" if path == CHAT else b'data: {"type":"message_stop"}\n\n'
    assert stream.body.endswith(end)


@PATHS
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["echo", "fail:no_target"])
def test_every_answer_tells_how_it_came_about(
    port: int, path: str, model: str, *, stream: bool
) -> None:
    answer = call(port, path, model, "x-switchgear-task: t 1", stream=stream)
    assert set(answer.headers) >= ALWAYS
    assert answer.headers["x-switchgear-task"] == "t 1"
    assert answer.headers["x-switchgear-task-source"] == "x-switchgear-task; confidence=1.00"
    if model == "echo":
        assert answer.headers["x-switchgear-target"] == "sim/large"
        assert answer.headers["x-switchgear-attempts"] == "2"
        assert answer.headers["x-switchgear-overhead-ms"] == "1.230"
        assert answer.headers["x-switchgear-dropped"] == "seed, logit_bias"


@pytest.mark.parametrize(
    ("path", "frames", "kinds"),
    [
        (CHAT, chat_frames()[:1], [b'"lo"', b'"finish_reason":"stop"', b"[DONE]"]),
        (
            MESSAGES,
            message_frames()[:3],
            [b'"lo"', b"content_block_stop", b"message_delta", b"message_stop"],
        ),
    ],
)
def test_a_stream_of_two_targets_goes_on_where_the_bytes_of_the_first_ended(
    port: int, path: str, frames: list[bytes], kinds: list[bytes]
) -> None:
    answer = call(port, path, "rescued", stream=True)
    begun = b"".join(frames)
    assert answer.body.startswith(begun)
    added = answer.body.removeprefix(begun).removesuffix(b"\n\n").split(b"\n\n")
    assert [kind in frame for kind, frame in zip(kinds, added, strict=True)] == [True] * len(kinds)


@PATHS
def test_a_whole_answer_of_two_targets_is_written_from_its_events(port: int, path: str) -> None:
    assert b'"Hello"' in call(port, path, "rescued").body


def test_a_header_can_hold_no_line_break(port: int) -> None:
    answer = call(port, CHAT, "echo")
    assert answer.headers["x-switchgear-reason"] == "cheapest that fits??x-evil: 1"
    assert "x-evil" not in answer.headers


@PATHS
def test_an_error_in_the_middle_of_a_stream_is_told_there_and_no_end_is_feigned(
    port: int, path: str
) -> None:
    answer = call(port, path, "cut", stream=True)
    assert answer.status == 200
    assert b"upstream_lost" in answer.body.rpartition(b"data: ")[2]
    assert b"[DONE]" not in answer.body
    assert b"message_stop" not in answer.body


@PATHS
def test_a_stream_that_breaks_before_its_first_piece_is_a_plain_error(port: int, path: str) -> None:
    answer = call(port, path, "breaks", stream=True)
    assert answer.status == 502
    assert answer.headers["x-switchgear-reason"] == "upstream_lost"


def test_the_terminal_frame_and_the_end_of_the_answer_come_together(port: int) -> None:
    """In one write: a client that stops at the terminal frame has had all of the answer."""
    with connect(port) as line:
        line.sendall(request(CHAT, body=body("echo", stream=True)))
        got = b""
        while b"[DONE]" not in got:
            got += line.recv(65_536)
    assert got.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


def test_every_reply_is_closed_once_however_it_ended(port: int, gateway: ScriptedGateway) -> None:
    gateway.closed.clear()
    made = [call(port, CHAT, model, stream=True) for model in ("echo", "cut", "breaks", "cross")]
    assert gateway.closed == [answer.headers["x-switchgear-decision"] for answer in made]


def test_answers_follow_one_another_on_one_connection(port: int) -> None:
    last = request(CHAT, "connection: close", body=body("echo"))
    sent = request(CHAT, body=body("echo", stream=True)) + last
    with connect(port) as line:
        line.sendall(sent)
        got = b""
        while chunk := line.recv(65_536):
            got += chunk
    assert [answer.status for answer in answers(got)] == [200, 200]
