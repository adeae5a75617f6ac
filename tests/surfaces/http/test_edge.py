"""What is refused before the app is asked, and what goes on as if nothing were."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.gateway import ScriptedGateway
from support.raw import Answer, answers, ask, connect, exchange, request

CALL = b'{"model":"echo","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}'
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
LONG = "x" * 17_000

BAD_HEADS = {
    "no Host": (b"POST %b HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", 400),
    "an empty Host": (b"POST %b HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "two Hosts": (b"POST %b HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "the same Host twice": (b"POST %b HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    "two Hosts in HTTP/1.0": (b"POST %b HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "both lengths": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        400,
    ),
    "both lengths, turned round": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        400,
    ),
    "two lengths": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        400,
    ),
    "one length twice": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        400,
    ),
    "a list of lengths": (b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n{}", 400),
    "a negative length": (b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\n{}", 400),
    "a signed length": (b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}", 400),
    "a length beyond all numbers": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n{}",
        400,
    ),
    "a coding that is not chunked": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        400,
    ),
    "a folded header": (b"POST %b HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
    "a space before the colon": (b"POST %b HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", 400),
    "NUL in a header": (b"POST %b HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400),
    "a bare line feed": (b"POST %b HTTP/1.1\nHost: a\n\n", 400),
    "a version of the future": (b"POST %b HTTP/2.0\r\nHost: a\r\n\r\n", 400),
    "a WebSocket": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        400,
    ),
    "a header of 200 kB": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        431,
    ),
    "a header that never ends": (b"POST %b HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 600_000, 431),
    "20,000 headers": (b"POST %b HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 20_000 + b"\r\n", 431),
    "101 headers": (b"POST %b HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 100 + b"\r\n", 431),
    "101 headers, and more to come": (b"POST %b HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 101, 431),
    "a query of 17 kB": (b"POST %b?" + LONG.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
    "a broken chunk": (
        b"POST %b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        400,
    ),
}


def only(raw: bytes) -> Answer:
    found = answers(raw)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("name", BAD_HEADS)
def test_a_bad_head_is_refused_in_the_callers_dialect_and_the_connection_closes(
    port: int, name: str, path: str
) -> None:
    sent, status = BAD_HEADS[name]
    answer = only(exchange(port, sent.replace(b"%b", path.encode(), 1)))
    found = msgspec.json.decode(answer.body)
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["x-switchgear-decision"].startswith("sg_")
    assert found["error"]["code"] == answer.headers["x-switchgear-reason"]
    assert (found.get("type") == "error") is (path == MESSAGES)


def test_connect_is_no_method_here(port: int) -> None:
    assert only(exchange(port, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")).status == 405


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"hello\r\n\r\n", b"\x00" * 100,
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"],
)  # fmt: skip
def test_garbage_is_refused(port: int, garbage: bytes) -> None:
    assert only(exchange(port, garbage)).status == 400


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_break_the_server(port: int, noise: bytes) -> None:
    with connect(port) as line:
        line.sendall(b"POST /v1/messages HTTP/1.1\r\n" + noise + b"\r\n\r\n")
    assert ask(port, request("/healthz", method="GET")).status == 200


def test_http_1_0_needs_no_host_and_gets_no_chunks(port: int) -> None:
    body = CALL.replace(b'"max_tokens"', b'"stream":true,"max_tokens"')
    line = b"POST %b HTTP/1.0\r\n" % CHAT.encode()
    fields = b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    found = exchange(port, line + fields + body)
    head, _, stream = found.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding" not in head
    assert stream.startswith(b"data: {")
    assert stream.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("cut", [None, 60, 190, 240])
def test_a_request_to_upgrade_to_http_2_is_served_as_it_is(port: int, cut: int | None) -> None:
    sent = request(
        CHAT, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk",
        body=CALL,
    )  # fmt: skip
    last = request("/healthz", "connection: close", method="GET")
    parts = [sent[:cut], sent[cut:], last] if cut else [sent + last]
    found = answers(exchange(port, *parts))
    assert [answer.status for answer in found] == [200, 200]
    assert b"Hello" in found[0].body


def test_requests_sent_at_once_are_answered_in_order(port: int) -> None:
    many = [request("/healthz", method="GET"), request(CHAT, body=CALL)] * 20
    last = request("/nowhere", "connection: close", method="GET")
    found = answers(exchange(port, b"".join([*many, last])))
    assert [answer.status for answer in found] == [200] * 40 + [404]
    assert [b"Hello" in answer.body for answer in found] == [False, True] * 20 + [False]


def test_a_bad_request_behind_a_good_one_waits_for_its_turn(port: int) -> None:
    found = answers(exchange(port, request(CHAT, body=CALL) + b"garbage\r\n\r\n"))
    assert [answer.status for answer in found] == [200, 400]
    assert found[1].headers["connection"] == "close"


def test_a_bad_chunk_behind_a_good_request_waits_for_its_turn(port: int) -> None:
    bad = request(CHAT, "Transfer-Encoding: chunked") + b"zz\r\n"
    found = answers(exchange(port, request(CHAT, body=CALL) + bad))
    assert [answer.status for answer in found] == [200, 400]


def test_what_comes_after_the_last_request_is_not_looked_at(port: int) -> None:
    last = request("/healthz", "connection: close", method="GET")
    assert only(exchange(port, last + request("/healthz", method="GET"))).status == 200


def test_a_connection_is_used_again(port: int) -> None:
    with connect(port) as line:
        for _ in range(3):
            line.sendall(request("/healthz", method="GET"))
            assert answers(line.recv(65_536))[0].status == 200


def test_head_has_the_head_of_get_and_no_body(port: int) -> None:
    get = ask(port, request("/healthz", method="GET"))
    with connect(port) as line:
        line.sendall(request("/healthz", "connection: close", method="HEAD"))
        head, _, body = line.recv(65_536).partition(b"\r\n\r\n")
    assert f"content-length: {len(get.body)}".encode() in head
    assert not body


def test_a_client_that_asks_first_is_told_to_go_on(port: int) -> None:
    head, _, body = request(CHAT, "Expect: 100-continue", "connection: close", body=CALL).partition(
        b"\r\n\r\n"
    )
    with connect(port) as line:
        line.sendall(head + b"\r\n\r\n")
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(body)
        assert only(line.recv(65_536)).status == 200


def test_a_client_that_asks_first_is_told_at_once_that_its_body_is_too_large(port: int) -> None:
    lines = ("Expect: 100-continue", "content-length: 1000001")
    assert only(exchange(port, request(CHAT, *lines))).status == 413


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_body_in_chunks_is_put_together(port: int, gateway: ScriptedGateway, size: int) -> None:
    parts = [CALL[at : at + size] for at in range(0, len(CALL), size)]
    chunks = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts)
    trailer = b"0\r\nHost: other\r\nX-Trailer: dropped\r\n\r\n"
    head = request(CHAT, "Transfer-Encoding: chunked")
    assert ask(port, head + chunks + trailer).status == 200
    assert gateway.calls[-1].body.raw == CALL


def test_chunks_that_are_all_framing_are_too_large(port: int) -> None:
    head = request(CHAT, "Transfer-Encoding: chunked")
    junk = b"1;" + b"x" * 3_000_000
    assert only(exchange(port, head, junk)).status == 413
