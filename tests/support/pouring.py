"""A handler that pours out pieces, for tests of layers alone."""

import asyncio

import msgspec

from support.stage import a_call
from switchgear.domain.call import Call
from switchgear.domain.event import Finished, Stop
from switchgear.domain.piece import Piece
from switchgear.ports.handler import Handler, Head, Reply, Trail

HEAD = Head(target="t", model="m", dialect=None, stream=True, tier="small", reason="", attempts=1)
END = Piece(b"", (Finished(stop=Stop.END),))


async def nothing() -> Piece | None:
    return None


def pouring(*sizes: int) -> Handler:
    """Answer with pieces of these sizes, and an end."""

    async def inner(call: Call, trail: Trail) -> Reply:
        assert call.idempotency, trail
        ahead = iter([*(Piece(b"x" * size) for size in sizes), END])

        async def read() -> Piece | None:
            await asyncio.sleep(0)
            return next(ahead, None)

        return Reply(HEAD, read)

    return inner


async def drink(reply: Reply) -> int:
    try:
        return sum([len(piece.raw or b"") async for piece in reply.pieces])
    finally:
        reply.close()


def keyed(name: str, key: str = "k", *, raw: bytes = b"{}", stream: bool = True) -> Call:
    call = a_call(name, stream=stream)
    body = msgspec.structs.replace(call.body, raw=raw)  # type: ignore[type-var]  # a test's body
    return msgspec.structs.replace(call, idempotency=key, body=body)
