import asyncio

import pytest

from switchgear.surfaces.http.asgi import GONE
from switchgear.surfaces.http.edge.exchange import Exchange, compose


class Wire:
    """A line that is never full, and remembers."""

    clogged = False

    def __init__(self) -> None:
        self.defaults = [(b"date", b"today")]
        self.written = b""
        self.done: list[str] = []

    def write(self, data: bytes) -> None:
        self.written += data

    async def unclog(self) -> None:
        raise AssertionError

    def hold(self) -> None:
        self.done.append("hold")

    def release(self) -> None:
        self.done.append("release")

    def ended(self, exchange: Exchange) -> None:
        assert not exchange.keep_alive
        self.done.append("ended")

    def broke(self, exchange: Exchange) -> None:
        del exchange
        self.done.append("broke")


def begin(wire: Wire) -> tuple[Exchange, dict[str, object]]:
    scope: dict[str, object] = {"method": "POST", "http_version": "1.1"}
    return Exchange(scope, wire, keep_alive=False, expects=False), scope


@pytest.mark.parametrize("value", [b"a\nb", b"a\rb", b"a\r\nb: c"])
def test_a_header_with_a_line_break_is_not_sent(value: bytes) -> None:
    with pytest.raises(RuntimeError):
        compose(200, [(b"x", value)])


def test_a_head_is_status_headers_and_an_empty_line() -> None:
    assert compose(200, [(b"a", b"1"), (b"b", b"")]) == b"HTTP/1.1 200 OK\r\na: 1\r\nb: \r\n\r\n"


def test_a_status_that_no_list_has_is_sent_all_the_same() -> None:
    assert compose(460, []) == b"HTTP/1.1 460 \r\n\r\n"


def test_who_asks_late_whether_the_client_has_left_is_told_at_once() -> None:
    exchange, _ = begin(Wire())
    told: list[str] = []
    exchange.leave()
    exchange.when_gone(lambda: told.append("gone"))
    assert told == ["gone"]


def test_a_client_that_leaves_after_the_end_disturbs_nobody() -> None:
    async def life() -> None:
        wire = Wire()
        exchange, scope = begin(wire)
        told: list[str] = []
        assert GONE in dict(scope["extensions"])  # type: ignore[call-overload]  # it is a dict
        exchange.when_gone(lambda: told.append("gone"))
        exchange.finish()
        await exchange.send({"type": "http.response.start", "status": 200, "headers": []})
        assert wire.written == b""
        await exchange.send({"type": "http.response.body", "body": b"x", "more_body": False})
        exchange.leave()
        assert (told, wire.done) == ([], ["ended"])
        assert wire.written.endswith(b"\r\n\r\n1\r\nx\r\n0\r\n\r\n")
        assert (await exchange.receive())["type"] == "http.disconnect"

    asyncio.run(life())


def test_a_body_that_nobody_takes_stops_the_reading_and_goes_on_when_it_is_taken() -> None:
    async def life() -> None:
        wire = Wire()
        exchange, _ = begin(wire)
        assert exchange.arrived() is None
        exchange.feed(b"x" * 70_000)
        assert wire.done == ["hold"]
        first = await exchange.receive()
        assert (len(first["body"]), first["more_body"]) == (70_000, True)
        assert wire.done == ["hold", "release"]
        exchange.finish()
        assert (await exchange.receive())["more_body"] is False
        assert exchange.arrived() is None

    asyncio.run(life())


def test_a_whole_answer_that_cannot_be_sent_leaves_room_for_another() -> None:
    wire = Wire()
    scope: dict[str, object] = {"method": "POST", "http_version": "1.1"}
    exchange = Exchange(scope, wire, keep_alive=True, expects=False)
    exchange.finish()
    with pytest.raises(RuntimeError):
        exchange.answer(200, [(b"x", b"a\nb")], b"body")
    assert (exchange.begun, wire.written, wire.done) == (False, b"", [])


def test_what_is_out_of_the_ordinary_is_answered_by_messages_only() -> None:
    wire = Wire()
    closing, _ = begin(wire)
    closing.finish()
    scope: dict[str, object] = {"method": "POST", "http_version": "1.1"}
    coming = Exchange(scope, wire, keep_alive=True, expects=False)
    head = Exchange(scope | {"method": "HEAD"}, wire, keep_alive=True, expects=False)
    head.finish()
    assert not any(it.answer(200, [], b"body") for it in (closing, coming, head))
    coming.finish()
    assert not coming.answer(204, [], b"")
    assert not coming.answer(413, [(b"connection", b"close")], b"body")
    assert wire.written == b""
