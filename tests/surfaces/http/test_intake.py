"""Bodies that are refused, each in its dialect and with a record."""

import msgspec
import pytest

from support.gateway import ScriptedGateway
from support.raw import Answer, answers, ask, connect, exchange, request
from switchgear.surfaces.http.unread import Unread

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
TURN = '{"role":"user","content":"hi"}'
BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"hello",
    "half of it": b'{"model":"echo"',
    "no object": b"[1]",
    "NaN": b'{"model":"echo","max_tokens":9,"temperature":NaN,"messages":[%b]}',
    "Infinity": b'{"model":"echo","max_tokens":9,"temperature":Infinity,"messages":[%b]}',
    "a key twice": b'{"model":"echo","model":"echo","max_tokens":9,"messages":[%b]}',
    "a depth of 65": b'{"model":"echo","max_tokens":9,"messages":[%b],"metadata":'
    + b"[" * 64 + b"]" * 64 + b"}",
    "a depth of 100,000": b'{"model":' + b"[" * 100_000,
    "a lone surrogate": b'{"model":"echo\\ud800","max_tokens":9,"messages":[%b]}',
    "NUL": b'{"model":"echo\\u0000","max_tokens":9,"messages":[%b]}',
    "bad UTF-8": b'{"model":"echo\xff","max_tokens":9,"messages":[%b]}',
    "a byte order mark": b'\xef\xbb\xbf{"model":"echo","max_tokens":9,"messages":[%b]}',
    "no model": b'{"max_tokens":9,"messages":[%b]}',
    "no messages": b'{"model":"echo","max_tokens":9}',
}  # fmt: skip


def post(port: int, body: bytes, *lines: str, path: str = CHAT) -> Answer:
    return ask(port, request(path, *lines, body=body))


def good(model: str = "echo", padding: int = 0) -> bytes:
    turn = {"role": "user", "content": "hi" + "x" * padding}
    return msgspec.json.encode({"model": model, "max_tokens": 9, "messages": [turn]})


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_gets_400_in_the_callers_dialect_and_is_written_down(
    port: int, gateway: ScriptedGateway, name: str, path: str
) -> None:
    answer = post(port, BAD_BODIES[name].replace(b"%b", TURN.encode()), path=path)
    error = msgspec.json.decode(answer.body)["error"]
    assert (answer.status, error["code"]) == (400, "malformed_body")
    assert answer.headers["x-should-retry"] == "false"
    assert isinstance(gateway.calls[-1].body, Unread)
    assert gateway.calls[-1].id == answer.headers["x-switchgear-decision"]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("content-type: text/plain", 415),
        ("content-type: application/json; charset=latin-1", 415),
        ("content-type: multipart/form-data; boundary=x", 415),
        ("content-encoding: gzip", 415),
        ("content-encoding: br", 415),
        ("content-type: application/json", 200),
        ("content-type: application/json; charset=UTF-8", 200),
        ('content-type: Application/JSON;charset="utf-8"', 200),
        ("content-encoding: identity", 200),
    ],
)
def test_only_plain_json_is_taken(port: int, line: str, status: int) -> None:
    assert post(port, good(), line).status == status


def test_a_body_of_no_type_is_refused_as_a_page_in_a_browser_may_send_it(port: int) -> None:
    untyped = request(CHAT, body=good()).replace(b"content-type: application/json\r\n", b"")
    assert b"content-type" not in untyped
    assert ask(port, untyped).status == 415


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_body_over_the_limit_is_refused_by_its_word(port: int, path: str) -> None:
    (answer,) = answers(exchange(port, request(path, "content-length: 1000001")))
    assert answer.status == 413
    assert answer.headers["connection"] == "close"


def test_a_body_over_the_limit_is_refused_when_nothing_was_said_of_its_size(port: int) -> None:
    head = request(CHAT, "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    (answer,) = answers(exchange(port, head, *[chunk] * 20))
    assert answer.status == 413
    assert answer.headers["connection"] == "close"


def test_a_body_of_just_the_limit_is_taken(port: int) -> None:
    body = good(padding=1_000_000 - len(good()))
    assert len(body) == 1_000_000
    assert post(port, body).status == 200


def test_a_large_body_that_is_bad_is_refused_like_a_small_one(port: int) -> None:
    assert post(port, good(padding=500_000)[:-1]).status == 400


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_call(
    port: int, gateway: ScriptedGateway
) -> None:
    before = len(gateway.calls)
    with connect(port) as line:
        line.sendall(request(CHAT, "content-length: 500") + b"{")
    assert post(port, good()).status == 200
    assert len(gateway.calls) == before + 1
