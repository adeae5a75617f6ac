"""How many tokens a call's input has."""

import msgspec

from support.stage import Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import Refuses, Says
from switchgear.domain.call import Call
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End
from switchgear.domain.errors import NothingFits, UpstreamFailed
from switchgear.ports.handler import Reply, Trail


def anthropic(call: Call) -> Call:
    body = msgspec.structs.replace(call.body, dialect=Dialect.ANTHROPIC_MESSAGES)  # type: ignore[type-var]  # a struct here
    return msgspec.structs.replace(call, body=body)


async def counted(stage: Stage, call: Call) -> tuple[int, Reply]:
    reply = await stage.counting(call, Trail())
    pieces = [piece async for piece in reply.pieces]
    reply.close()
    await stage.nursery.aclose()
    (piece,) = pieces
    assert piece.finish is not None
    assert piece.finish.usage is not None
    assert stage.entry().end is End.ANSWERED
    assert stage.entry().cost == 0
    return piece.finish.usage.input, reply


def test_the_target_counts_where_it_can() -> None:
    async def life() -> None:
        count, reply = await counted(Stage({"small": Says("hi")}), anthropic(a_call()))
        assert count == 10
        assert reply.head.reason == "counted by the target"

    run(life())


def test_it_is_our_estimate_and_says_so_where_no_target_counts() -> None:
    async def life() -> None:
        stage = Stage({"small": Refuses(NothingFits)})
        count, reply = await counted(stage, a_call())
        assert count > 0
        assert reply.head.reason == "estimated"

    run(life())


def test_it_is_our_estimate_where_the_target_fails_to_count() -> None:
    async def life() -> None:
        stage = Stage({"small": Refuses(UpstreamFailed)})
        _, reply = await counted(stage, anthropic(a_call()))
        assert reply.head.reason == "estimated"
        assert stage.upstream.open_answers == 0

    run(life())
