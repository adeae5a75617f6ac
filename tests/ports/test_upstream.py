"""What every upstream keeps to, whatever it calls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import pytest

from support.cast import CALC, SMALL
from support.provider import Visit, staged, stream, whole
from support.upstream import make_order
from switchgear.adapters.upstreams.scripted import Says, ScriptedUpstream
from switchgear.adapters.upstreams.switch import SwitchUpstream
from switchgear.adapters.upstreams.tool import ToolUpstream
from switchgear.config.setup import ToolSource, ToolSpec
from switchgear.domain.attempt import Sent
from switchgear.domain.errors import ReplyClosed, UpstreamBusy
from switchgear.domain.target import Kind, Target
from switchgear.ports.upstream import Answer, Upstream

Kept = AbstractAsyncContextManager[tuple[Upstream, Target]]
GREETING = ToolSpec(
    target="calc",
    function="template",
    source=ToolSource(pattern="(?P<all>.*)"),
    schema=msgspec.Raw(b"{}"),
    settings={"template": "hello"},
)


async def play(visit: Visit) -> None:
    while request := await visit.request():
        await visit.say(stream("a", "b") if request.endswith(b'"s"') else whole())


@asynccontextmanager
async def http() -> AsyncIterator[tuple[Upstream, Target]]:
    async with staged(play) as (upstream, _):
        yield upstream, SMALL


@asynccontextmanager
async def scripted() -> AsyncIterator[tuple[Upstream, Target]]:
    yield ScriptedUpstream({"small": Says("a b")}), SMALL


@asynccontextmanager
async def tool() -> AsyncIterator[tuple[Upstream, Target]]:
    upstream = ToolUpstream({"calc": GREETING})
    yield upstream, CALC
    upstream.close()


@asynccontextmanager
async def switch() -> AsyncIterator[tuple[Upstream, Target]]:
    upstream = ToolUpstream({"calc": GREETING})
    yield SwitchUpstream({Kind.TOOL: upstream}, ScriptedUpstream({})), CALC
    upstream.close()


def begin(upstream: Upstream, target: Target, *, streamed: bool) -> Answer:
    return upstream.begin(make_order(target, stream=streamed, raw=b'"s"' if streamed else b"{}"))


each = pytest.mark.parametrize("kept", [http, scripted, tool, switch])
both = pytest.mark.parametrize("streamed", [False, True])


@each
@both
def test_an_answer_ends_with_its_only_finish_and_then_gives_nothing(
    kept: Callable[[], Kept],
    streamed: bool,  # noqa: FBT001  (pytest passes it)
) -> None:
    async def life() -> None:
        async with kept() as (upstream, target):
            answer = begin(upstream, target, streamed=streamed)
            await answer.open()
            pieces = []
            while (piece := await answer.read()) is not None:
                pieces.append(piece)
            assert [bool(piece.finish) for piece in pieces[:-1]] == [False] * (len(pieces) - 1)
            assert pieces[-1].finish
            assert streamed or len(pieces) == 1
            assert answer.stream is streamed
            assert answer.sent is Sent.HEARD
            assert (answer.broken, answer.foreign, answer.place) == (0, False, None)
            assert all(bool(piece.raw) is (answer.dialect is not None) for piece in pieces)
            answer.close()
            answer.close()

    asyncio.run(life())


@each
@both
def test_nothing_is_sent_when_it_is_closed_before_it_is_opened(
    kept: Callable[[], Kept],
    streamed: bool,  # noqa: FBT001  (pytest passes it)
) -> None:
    async def life() -> None:
        async with kept() as (upstream, target):
            answer = begin(upstream, target, streamed=streamed)
            answer.close(UpstreamBusy())
            with pytest.raises(UpstreamBusy):
                await answer.open()
            assert answer.sent is Sent.NEVER

    asyncio.run(life())


@each
@both
def test_reading_after_closing_is_an_error_and_never_an_end(
    kept: Callable[[], Kept],
    streamed: bool,  # noqa: FBT001  (pytest passes it)
) -> None:
    async def life() -> None:
        async with kept() as (upstream, target):
            answer = begin(upstream, target, streamed=streamed)
            await answer.open()
            answer.close()
            with pytest.raises(ReplyClosed):
                await answer.read()

    asyncio.run(life())
