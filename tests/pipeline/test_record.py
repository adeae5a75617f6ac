"""Every call is on the ledger once, whatever came of it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import msgspec
import pytest
from typing_extensions import override

from support.stage import Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.upstreams.scripted import Cuts, Refuses, Says, Script
from switchgear.domain.call import Call
from switchgear.domain.entry import End, Entry
from switchgear.domain.errors import LedgerDown, UpstreamBusy, UpstreamLost
from switchgear.domain.piece import Piece
from switchgear.pipeline.record import LARGE, digest_of
from switchgear.ports.handler import Reply, Trail

FINE = Says("hi there")


class FullLedger(MemoryLedger):
    """Has no room left."""

    @override
    async def write(self, entry: Entry) -> None:
        raise LedgerDown(f"no room for {entry.id}")


async def read_into(got: list[Piece], reply: Reply) -> None:
    async for piece in reply.pieces:
        got.append(piece)  # noqa: PERF401  (what came before an error must be kept)


def entry_after(scripts: Mapping[str, Script], *, read: int = 99) -> Entry:
    async def life() -> Entry:
        stage = Stage(scripts)
        with suppress(UpstreamBusy, UpstreamLost):
            reply = await stage.handler(a_call(), Trail())
            with suppress(StopAsyncIteration, UpstreamLost):
                for _ in range(read):
                    await anext(reply.pieces)
            reply.close()
            reply.close()
        await stage.nursery.aclose()
        assert stage.upstream.open_answers == stage.slots.taken == 0
        assert stage.signals.seen == [stage.entry()]
        return stage.entry()

    return run(life())


def test_an_answer_read_to_its_end() -> None:
    entry = entry_after({"small": FINE})
    assert (entry.end, entry.code, entry.status, entry.target) == (End.ANSWERED, "", 200, "small")
    assert entry.attempts[0].usage is not None
    assert entry.ask is not None
    assert entry.decision is not None


@pytest.mark.parametrize("read", [0, 1, 2])
def test_a_caller_who_left_before_the_end(read: int) -> None:
    entry = entry_after({"small": FINE}, read=read)
    assert (entry.end, entry.code, entry.status) == (End.LEFT, "client_left", 499)
    assert entry.attempts[0].estimated  # the target may bill what it said by then


def test_an_answer_cut_after_content() -> None:
    cut = Cuts("hi there", 1)
    entry = entry_after({"small": cut, "mid": cut})
    assert (entry.end, entry.code) == (End.CUT, "upstream_lost")
    assert [(each.target, each.role.value) for each in entry.attempts] == [
        ("small", "first"),
        ("mid", "rescue"),
        ("mid", "rescue"),
    ]


def test_a_call_that_got_an_error() -> None:
    entry = entry_after({"small": Refuses(UpstreamBusy)})
    assert (entry.end, entry.code, entry.status) == (End.FAILED, "upstream_busy", 429)
    assert entry.target == ""


def test_a_fault_of_our_own_is_recorded_and_nothing_stays_open() -> None:
    async def life() -> None:
        async def broken() -> None:
            raise ZeroDivisionError

        stage = Stage({"small": FINE}, around=Scenery(pause=broken))
        with pytest.raises(ZeroDivisionError):
            await stage.handler(a_call(), Trail())
        assert (stage.entry().code, stage.entry().status) == ("own_fault", 500)
        assert stage.upstream.open_answers == stage.slots.taken == 0

    run(life())


def test_the_row_is_kept_before_the_last_piece_is_handed_on() -> None:
    async def life() -> None:
        stage = Stage({"small": FINE})
        reply = await stage.handler(a_call(), Trail())
        async for piece in reply.pieces:
            assert ("c1" in stage.memory.entries) is (piece.finish is not None)
        reply.close()

    run(life())


def test_a_ledger_that_fails_does_not_hide_why_a_call_failed() -> None:
    async def life() -> None:
        stage = Stage({"small": Refuses(UpstreamBusy)}, around=Scenery(ledger=FullLedger()))
        with pytest.raises(UpstreamBusy):
            await stage.handler(a_call(), Trail())

    run(life())


def test_a_ledger_that_fails_holds_the_last_piece_back_and_nothing_else() -> None:
    async def life() -> None:
        stage = Stage({"small": FINE}, around=Scenery(ledger=FullLedger()))
        reply = await stage.handler(a_call(), Trail())
        got: list[Piece] = []
        with pytest.raises(LedgerDown):
            await read_into(got, reply)
        assert got[0].seen
        assert all(piece.finish is None for piece in got)
        reply.close()
        assert stage.upstream.open_answers == stage.slots.taken == 0

    run(life())


def test_a_caller_cancelled_while_its_last_row_is_written_is_recorded_as_answered() -> None:
    class SlowLedger(MemoryLedger):
        @override
        async def write(self, entry: Entry) -> None:
            await super().write(entry)
            await asyncio.sleep(1)

    async def life() -> None:
        ledger = SlowLedger()
        stage = Stage({"small": FINE}, around=Scenery(ledger=ledger))
        reply = await stage.handler(a_call(stream=False), Trail())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await anext(reply.pieces)
        reply.close()
        await stage.nursery.aclose()
        assert ledger.entries["c1"].end is End.ANSWERED

    run(life())


def test_a_large_body_is_digested_apart_and_leaves_its_row_even_when_the_caller_goes() -> None:
    def large() -> Call:
        call = a_call()
        body = msgspec.structs.replace(call.body, raw=b"x" * (LARGE + 1))  # type: ignore[type-var]  # a struct here
        return msgspec.structs.replace(call, body=body)

    async def life() -> None:
        stage = Stage({"small": FINE})
        reply = await stage.handler(large(), Trail())
        await read_into([], reply)
        reply.close()
        assert stage.entry().digest == digest_of(b"x" * (LARGE + 1))

    async def cancelled() -> None:
        stage = Stage({"small": FINE})
        task = asyncio.ensure_future(stage.handler(large(), Trail()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        await stage.nursery.aclose()
        assert stage.entry().end is End.LEFT
        assert stage.entry().digest == digest_of(b"x" * (LARGE + 1))

    asyncio.run(life())
    asyncio.run(cancelled())
