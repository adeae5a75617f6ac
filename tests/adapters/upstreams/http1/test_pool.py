import asyncio
import gc
import threading

import msgspec
import pytest

from support.provider import (
    Stage,
    Visit,
    finish,
    on_both_loops,
    says,
    settle,
    staged,
    stream,
    whole,
)
from support.upstream import make_order
from switchgear.adapters.clock import ManualClock
from switchgear.domain.attempt import Sent
from switchgear.domain.errors import (
    ReplyClosed,
    UpstreamUnreachable,
)
from switchgear.domain.units import Seconds

FRAMES = [b"data: a\n\n", b"data: b\n\n", b"data: [DONE]\n\n"]


SILENT = b""
PARTLY = stream("a", end=False)


def test_a_reused_connection_that_died_unheard_is_replaced_once() -> None:
    async def play(visit: Visit) -> None:
        await visit.request()
        await visit.say(whole())
        await visit.request()
        visit.reset()

    async def life() -> None:
        async with staged(play) as (upstream, stage):
            for _ in range(3):
                await finish(upstream.begin(make_order("m", stream=False)))
            assert len(stage.visits) == 3

    on_both_loops(life)


@pytest.mark.parametrize("late", [False, True])
def test_bytes_that_nobody_asked_for_never_reach_the_next_caller(
    late: bool,  # noqa: FBT001  (pytest passes it)
) -> None:
    async def play(visit: Visit) -> None:
        number = len(stages[0].visits)
        await visit.request()
        if late:
            await visit.say(whole(f"good{number}"))
            await asyncio.sleep(0.005)
            await visit.say(whole("evil"))
        else:
            await visit.say(whole(f"good{number}") + whole("evil"))
        await visit.gone()

    stages: list[Stage] = []

    async def life() -> None:
        async with staged(play) as (upstream, stage):
            stages[:] = [stage]
            for number in (1, 2, 3):
                raw = await finish(upstream.begin(make_order("m", stream=False)))
                assert raw == [b'{"text":"good%d"}' % number]
                await settle()

    on_both_loops(life)


def test_bytes_that_the_loop_has_not_read_yet_never_reach_the_next_caller() -> None:
    async def play(visit: Visit) -> None:
        await visit.request()
        await visit.say(whole("good"))
        asyncio.get_running_loop().call_later(0.005, evil, visit)
        await visit.gone()

    def await_nothing() -> None:
        """Keep the loop from reading until the bytes are surely there."""
        threading.Event().wait(0.02)

    def evil(visit: Visit) -> None:
        visit._writer.write(whole("evil"))
        gate.set()

    gate = asyncio.Event()

    async def life() -> None:
        nonlocal gate
        gate = asyncio.Event()
        async with staged(play) as (upstream, stage):
            await finish(upstream.begin(make_order("m", stream=False)))
            gate.clear()
            await gate.wait()
            await_nothing()
            raw = await finish(upstream.begin(make_order("m", stream=False)))
            assert raw == [b'{"text":"good"}']
            assert len(stage.visits) == 2

    on_both_loops(life)


@pytest.mark.parametrize("turns", range(12))
@pytest.mark.parametrize("way", ["cancel", "close"])
def test_leaving_while_connecting_leaks_nothing(turns: int, way: str) -> None:
    async def life() -> None:
        async with staged(says(SILENT)) as (upstream, stage), asyncio.timeout(10):
            answer = upstream.begin(make_order("m", stream=True))
            task = asyncio.ensure_future(answer.open())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel() if way == "cancel" else answer.close()
            ends = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(ends[0], asyncio.CancelledError | ReplyClosed)
            await settle()
            pool = upstream._lines["sim"].pool
            assert pool.open == pool.idle
            assert all(visit.left.is_set() for visit in stage.visits[pool.idle :])
            gc.collect()

    on_both_loops(life)


def test_there_are_never_more_connections_than_the_limit() -> None:
    async def life() -> None:
        async with staged(says(PARTLY), most=2) as (upstream, _):
            held = [upstream.begin(make_order("m", stream=True)) for _ in range(2)]
            for answer in held:
                await answer.open()
            more = upstream.begin(make_order("m", stream=True))
            with pytest.raises(UpstreamUnreachable, match="all 2 connections to sim are in use"):
                await more.open()
            assert more.sent is Sent.NEVER
            held[0].close()
            await settle()
            await upstream.begin(make_order("m", stream=True)).open()

    on_both_loops(life)


def test_nobody_listening_is_said_without_the_address() -> None:
    async def life() -> None:
        async with staged(says()) as (upstream, _):
            line = upstream._lines["sim"]
            line.pool._origin = msgspec.structs.replace(line.origin, port=1)
            answer = upstream.begin(make_order("m", stream=False))
            with pytest.raises(UpstreamUnreachable) as caught:
                await answer.open()
            assert str(caught.value) == "no connection to sim: ConnectionRefusedError"
            assert answer.sent is Sent.NEVER

    on_both_loops(life)


def test_a_connection_idle_for_too_long_is_not_used() -> None:
    async def life() -> None:
        clock = ManualClock()
        async with staged(says(whole(), whole(), whole()), clock=clock) as (upstream, stage):
            await finish(upstream.begin(make_order("m", stream=False)))
            clock.advance(Seconds(54.0))
            await finish(upstream.begin(make_order("m", stream=False)))
            assert len(stage.visits) == 1
            clock.advance(Seconds(56.0))
            await finish(upstream.begin(make_order("m", stream=False)))
            assert len(stage.visits) == 2

    on_both_loops(life)


def test_a_message_that_ends_a_little_after_the_terminal_frame_keeps_its_connection() -> None:
    async def play(visit: Visit) -> None:
        while await visit.request():
            await visit.say(stream("a").removesuffix(b"0\r\n\r\n"))
            await asyncio.sleep(0.01)
            await visit.say(b"0\r\n\r\n")

    async def life() -> None:
        async with staged(play) as (upstream, stage):
            await finish(upstream.begin(make_order("m", stream=True)))
            pool = upstream._lines["sim"].pool
            assert pool.idle == 0
            await asyncio.sleep(0.02)
            await settle()
            assert pool.idle == 1
            await finish(upstream.begin(make_order("m", stream=True)))
            assert len(stage.visits) == 1

    on_both_loops(life)
