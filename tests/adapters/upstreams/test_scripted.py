import asyncio

import msgspec
import pytest

from support.upstream import make_order
from switchgear.adapters.upstreams.scripted import (
    Calls,
    Cuts,
    InTurn,
    Refuses,
    Says,
    ScriptedUpstream,
    Stalls,
)
from switchgear.domain.errors import ReplyClosed, UpstreamBusy, UpstreamLost, UpstreamUnreachable
from switchgear.domain.event import TextDelta
from switchgear.domain.piece import Piece
from switchgear.ports.upstream import Answer


async def read_all(answer: Answer) -> list[Piece]:
    pieces = []
    while (piece := await answer.read()) is not None:
        pieces.append(piece)
    return pieces


def test_it_says_a_word_a_piece_and_ends_with_the_terminal_frame() -> None:
    async def life() -> None:
        upstream = ScriptedUpstream({"small": Says("two  words")})
        answer = upstream.begin(make_order("small", stream=True))
        await answer.open()
        pieces = await read_all(answer)
        texts = [e.text for piece in pieces for e in piece.seen if isinstance(e, TextDelta)]
        assert texts == ["two  ", "words"]
        assert [bool(piece.finish) for piece in pieces] == [False, False, False, False, True]
        assert pieces[-1].raw == b"data: [DONE]\n\n"
        assert upstream.open_answers == 1
        answer.close()
        answer.close()
        assert upstream.open_answers == 0

    asyncio.run(life())


def test_a_whole_answer_is_one_piece() -> None:
    async def life() -> None:
        upstream = ScriptedUpstream({"small": Calls("add", '{"a":1}')})
        answer = upstream.begin(make_order("small", stream=False))
        await answer.open()
        (piece,) = await read_all(answer)
        message = msgspec.json.decode(piece.raw or b"")["choices"][0]["message"]
        assert message["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"a":1}'}
        assert piece.finish is not None
        answer.close()

    asyncio.run(life())


def test_what_is_scripted_to_fail_fails_and_a_script_goes_on_in_turn() -> None:
    async def life() -> None:
        script = InTurn((Refuses(UpstreamBusy, status=429), Cuts("a b", 1), Says("a")))
        upstream = ScriptedUpstream({"small": script})
        refused, cut, said = (upstream.begin(make_order("small", stream=True)) for _ in range(3))
        with pytest.raises(UpstreamBusy):
            await refused.open()
        assert refused.status == 429
        await cut.open()
        with pytest.raises(UpstreamLost):
            await read_all(cut)
        await said.open()
        assert (await read_all(said))[-1].finish
        assert upstream.sent == ["small"] * 3

    asyncio.run(life())


def test_closing_wakes_a_waiting_reader_with_the_given_error() -> None:
    async def life() -> None:
        upstream = ScriptedUpstream({"small": Stalls("a b", 1), "mute": Stalls(after=-1)})
        answer = upstream.begin(make_order("small", stream=True))
        await answer.open()
        await answer.read()
        await answer.read()
        asyncio.get_running_loop().call_later(0.001, answer.close, UpstreamBusy())
        with pytest.raises(UpstreamBusy):
            await answer.read()
        mute = upstream.begin(make_order("mute", stream=True))
        asyncio.get_running_loop().call_later(0.001, mute.close)
        with pytest.raises(ReplyClosed):
            await mute.open()
        assert upstream.open_answers == 0

    asyncio.run(life())


def test_a_network_that_breaks_is_an_upstream_error() -> None:
    async def broken() -> None:
        raise ConnectionResetError

    async def life() -> None:
        upstream = ScriptedUpstream({"small": Says("a")}, pause=broken)
        answer = upstream.begin(make_order("small", stream=True))
        with pytest.raises(UpstreamUnreachable):
            await answer.open()
        answer.close()
        assert upstream.open_answers == 0

    asyncio.run(life())
