"""The times that a client has, with all of them short."""

import asyncio
import threading

from support.gateway import FLOOD, ScriptedGateway
from support.raw import answers, connect, exchange, read_all, request
from switchgear.domain.units import Seconds
from switchgear.surfaces.http.edge.watch import NEVER, Watch

CHAT = "/v1/chat/completions"


def test_a_head_that_trickles_in_is_refused(hurried_port: int) -> None:
    with connect(hurried_port) as line:
        stop = threading.Event()

        def trickle() -> None:
            while not stop.wait(0.02):
                line.sendall(b"X: y\r\n")

        line.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n")
        drip = threading.Thread(target=trickle)
        drip.start()
        (answer,) = answers(line.recv(65_536))
        stop.set()
        drip.join()
    assert answer.status == 408
    assert b'"type":"error"' in answer.body
    assert answer.headers["connection"] == "close"


def test_a_connection_that_says_nothing_is_closed_without_a_word(hurried_port: int) -> None:
    assert exchange(hurried_port) == b""
    assert exchange(hurried_port, b"\r\n") == b""


def test_a_body_that_trickles_in_is_refused(hurried_port: int) -> None:
    head = request(CHAT, "content-length: 500")
    (answer,) = answers(exchange(hurried_port, head, b"{"))
    assert answer.status == 408
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-switchgear-reason"] == "request_too_slow"


def test_a_client_that_does_not_read_loses_its_connection_and_its_call(
    hurried_port: int, hurried: ScriptedGateway
) -> None:
    hurried.gone.clear()
    body = b'{"model":"flood","stream":true,"messages":[{"role":"user","content":"hi"}]}'
    with connect(hurried_port) as line:
        line.sendall(request(CHAT, body=body))
        assert hurried.gone.wait(10), "the call goes on though nobody reads"


def test_a_client_that_reads_slowly_keeps_its_connection(
    hurried_port: int, hurried: ScriptedGateway
) -> None:
    hurried.gone.clear()
    body = b'{"model":"flood","stream":true,"messages":[{"role":"user","content":"hi"}]}'
    with connect(hurried_port) as line:
        line.sendall(request(CHAT, body=body))
        for _ in range(20):
            threading.Event().wait(0.05)
            for _ in range(100):
                assert line.recv(len(FLOOD.raw or b""))
        assert not hurried.gone.is_set()
    assert hurried.gone.wait(10)


def test_a_refused_client_that_still_sends_gets_to_read_why(port: int) -> None:
    with connect(port) as line:
        line.sendall(request(CHAT, "content-length: 5000000"))
        for _ in range(40):
            line.sendall(b"x" * 20_000)
            threading.Event().wait(0.001)
        found = read_all(line)
    assert found.startswith(b"HTTP/1.1 413 ")
    assert found.endswith(b"}")


class Clockwork:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.due = self.stall = NEVER
        self.told: list[int] = []

    def late(self) -> None:
        self.told.append(self._watch.now)
        self.due = self.stall = NEVER


def test_the_watch_tells_what_is_late_once_and_nothing_else() -> None:
    watch = Watch(Seconds(8.0))
    early, late, stalled, never = [Clockwork(watch) for _ in range(4)]
    early.due, late.due, stalled.stall = 1, 3, 2

    async def life() -> None:
        for one in (early, late, stalled, never):
            watch.add(one)
        for _ in range(4):
            watch._beat()

    asyncio.run(life())
    assert (early.told, late.told, stalled.told, never.told) == ([1], [3], [2], [])


def test_a_deadline_in_ticks_is_never_shorter_than_in_seconds() -> None:
    watch = Watch(Seconds(0.8))
    assert watch.ticks(Seconds(1.0)) * 0.1 > 1.0
    assert Watch(Seconds(100.0)).ticks(Seconds(10.0)) == 11
