import asyncio

import pytest

from switchgear.domain.errors import ReplyClosed, UpstreamLost
from switchgear.domain.fact import Answered, Left
from switchgear.domain.piece import Piece
from switchgear.ports.handler import Head, Read, Reply, Trail

HEAD = Head(
    target="t", model="m", dialect=None, stream=True, tier="small", reason="cheapest", attempts=1
)


def reply_of(*pieces: bytes) -> Reply:
    rest = [Piece(raw) for raw in pieces]

    async def read() -> Piece | None:
        return rest.pop(0) if rest else None

    return Reply(HEAD, read)


async def drain(reply: Reply) -> list[bytes]:
    return [piece.raw or b"" async for piece in reply.pieces]


def test_a_reply_gives_its_pieces_in_order_and_ends() -> None:
    assert asyncio.run(drain(reply_of(b"a", b"b"))) == [b"a", b"b"]


def test_the_last_wrapper_sees_a_piece_last() -> None:
    def marking(mark: bytes, reply: Reply) -> None:
        def wrapper(read: Read) -> Read:
            async def marked() -> Piece | None:
                piece = await read()
                return piece and Piece((piece.raw or b"") + mark)

            return marked

        reply.wrap(wrapper)

    reply = reply_of(b"a")
    marking(b"1", reply)
    marking(b"2", reply)
    assert asyncio.run(drain(reply)) == [b"a12"]


def test_closing_does_every_act_in_order_and_only_once() -> None:
    reply, done = reply_of(b"a"), list[int]()
    reply.at_close(lambda: done.append(1))
    reply.at_close(lambda: done.append(2))
    reply.close()
    reply.close()
    assert done == [1, 2]


def test_an_act_that_fails_stops_no_other_and_is_told() -> None:
    reply, done = reply_of(), list[str]()
    error = RuntimeError("broken")

    def fail() -> None:
        raise error

    reply.at_close(fail)
    reply.at_close(lambda: done.append("after"))
    with pytest.raises(RuntimeError) as caught:
        reply.close()
    assert caught.value is error
    assert done == ["after"]


def test_a_closed_reply_cannot_be_read() -> None:
    async def life() -> None:
        reply = reply_of(b"a")
        reply.close()
        with pytest.raises(ReplyClosed):
            await drain(reply)

    asyncio.run(life())


def test_a_reply_that_broke_never_ends_as_if_it_were_whole() -> None:
    async def life() -> None:
        async def read() -> Piece | None:
            raise UpstreamLost

        reply = Reply(HEAD, read)
        with pytest.raises(UpstreamLost):
            await drain(reply)
        with pytest.raises(ReplyClosed):
            await drain(reply)

    asyncio.run(life())


def test_a_trail_keeps_facts_in_order() -> None:
    trail = Trail()
    trail.add(Left())
    trail.add(Answered())
    assert trail.facts == [Left(), Answered()]
