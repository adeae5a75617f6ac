import asyncio
from typing import Any

import msgspec
import pytest
from typing_extensions import override

from support.cast import CALC
from support.function import HELD
from support.upstream import PlainBody
from switchgear.adapters.upstreams.tool import ToolUpstream
from switchgear.config.setup import ToolSource, ToolSpec
from switchgear.domain.errors import (
    UpstreamError,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamRejected,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.domain.event import Finished, TextDelta
from switchgear.domain.piece import Piece
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.domain.units import Seconds
from switchgear.ports.upstream import Answer, Order


class Words(PlainBody, frozen=True):
    """A body whose user says this."""

    words: str = ""

    @property
    @override
    def conversation(self) -> Conversation:
        return Conversation(model="auto", turns=(Turn(Role.USER, (Text(self.words),)),))


def spec(function: str, **settings: Any) -> ToolSpec:
    return ToolSpec(
        target="calc",
        function=function,
        source=ToolSource(json=True),
        schema=msgspec.Raw(b'{"type":"object"}'),
        settings=settings,
    )


def begin(upstream: ToolUpstream, words: str, *, stream: bool = False) -> Answer:
    return upstream.begin(Order(target=CALC, body=Words(words=words, stream=stream)))


async def read(answer: Answer) -> list[Piece]:
    await answer.open()
    pieces = []
    while (piece := await answer.read()) is not None:
        pieces.append(piece)
    answer.close()
    return pieces


def run(tool: ToolSpec, words: str, run_time: float = 2.0) -> str:
    async def life() -> str:
        upstream = ToolUpstream({"calc": tool}, Seconds(run_time))
        try:
            (piece,) = await read(begin(upstream, words))
        finally:
            upstream.close()
        assert piece.raw == b""
        assert piece.finish is not None
        return "".join(event.text for event in piece.seen if isinstance(event, TextDelta))

    return asyncio.run(life())


OWN = "support.function:"


@pytest.mark.parametrize(
    ("tool", "words", "result"),
    [
        (spec("arithmetic"), '{"expression": "6 * 7"}', "42"),
        (spec("template", template="{{Hi}} {name}!"), '{"name": "Ada {x}"}', "{Hi} Ada {x}!"),
        (spec("template", template="{n.real} {n}"), '{"n": [1]}', "{n.real} [1]"),
        (spec("json_path", path="a.b[1].c-d"), '{"a":{"b":[0,{"c-d":{"e":1}}]}}', '{"e":1}'),
        (spec("lookup", table={"de": "Berlin"}, key="land"), '{"land": "de"}', "Berlin"),
        (spec("lookup", table={"1": "one"}, default="none"), '{"key": 2}', "none"),
        (spec("lookup", table={1: "one"}), '{"key": 1}', "one"),
        (spec(OWN + "add"), '{"a": 1, "b": 2}', "3.0"),
        (spec(OWN + "add", scale=2.0), '{"a": 1, "b": 2, "scale": 9}', "6.0"),
    ],
)
def test_a_function_answers_the_call(tool: ToolSpec, words: str, result: str) -> None:
    assert run(tool, words) == result


@pytest.mark.parametrize(
    ("tool", "words", "error", "says"),
    [
        (spec("arithmetic"), '{"expression": "1/0"}', UpstreamRejected, "division by zero"),
        (spec("arithmetic"), '{"expression": 1}', UpstreamRejected, "must be a text"),
        (spec("arithmetic"), "no object", UpstreamRejected, "there is no JSON object"),
        (spec("template", template="{x}"), "{}", UpstreamRejected, "argument x is missing"),
        (spec("json_path", path="a[0]"), '{"a": []}', UpstreamRejected, "nothing at"),
        (spec("lookup", table={"a": 1}), '{"key": "b"}', UpstreamRejected, "no such key"),
        (spec(OWN + "fail"), "{}", UpstreamFailed, "the tool calc failed with KeyError$"),
        (spec(OWN + "add"), '{"a": 1}', UpstreamFailed, "failed with TypeError$"),
        (spec(OWN + "flood"), "{}", UpstreamGarbled, "more than 1,000,000 characters"),
    ],
)
def test_what_goes_wrong_is_named(
    tool: ToolSpec, words: str, error: type[UpstreamError], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(tool, words)


def test_a_function_that_hangs_is_left_behind() -> None:
    HELD.clear()
    try:
        with pytest.raises(UpstreamSilent):
            run(spec(OWN + "hang"), "{}", run_time=0.01)
    finally:
        HELD.set()


def test_closing_wakes_whoever_waits_for_a_function() -> None:
    async def life() -> None:
        upstream = ToolUpstream({"calc": spec(OWN + "hang")})
        answer = begin(upstream, "{}")
        asyncio.get_running_loop().call_later(0.01, answer.close, UpstreamGarbled("enough"))
        with pytest.raises(UpstreamGarbled, match="enough"):
            await answer.open()
        upstream.close()

    HELD.clear()
    try:
        asyncio.run(life())
    finally:
        HELD.set()


def test_a_streamed_answer_ends_with_a_piece_of_its_own() -> None:
    async def life() -> None:
        upstream = ToolUpstream({"calc": spec("arithmetic")})
        pieces = await read(begin(upstream, '{"expression":"1"}', stream=True))
        assert [bool(piece.finish) for piece in pieces] == [False, True]
        assert isinstance(pieces[1].seen[-1], Finished)
        upstream.refresh({})
        with pytest.raises(UpstreamUnreachable):
            await begin(upstream, "{}").open()
        upstream.close()

    asyncio.run(life())


@pytest.mark.parametrize(
    "tool",
    [
        spec("sing"),
        spec("support.function:missing"),
        spec("support.nothing:add"),
        spec(OWN + "wait"),
        spec(OWN + "HELD"),
        spec("template"),
        spec("json_path", path="a["),
        spec("lookup", table={}),
    ],
)
def test_a_tool_that_cannot_run_is_refused_when_it_is_built(tool: ToolSpec) -> None:
    with pytest.raises(ValueError, match=r"^tool calc: "):
        ToolUpstream({"calc": tool})
