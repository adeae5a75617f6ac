"""What a call is told again, and what of its answer is kept."""

from collections.abc import Sequence

import msgspec
import pytest

from support.cast import SMALL
from support.recollected import SYSTEM, model, user
from support.stage import TestBody, a_call
from support.virtual_time import run
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.recollections.memory import MemoryRecollections
from switchgear.adapters.recollections.shelf import Bounds
from switchgear.domain.body import Recalled
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.edit import Recall
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import PreviousNotFound, UpstreamLost
from switchgear.domain.event import Finished, Opened, Stop, TextDelta
from switchgear.domain.piece import Piece
from switchgear.domain.turn import Conversation, Turn
from switchgear.domain.units import Seconds
from switchgear.pipeline.recall import MOST_SAID, owner_of, recall, recalled, retold
from switchgear.ports.handler import Head, Reply, Trail
from switchgear.ports.recollection import Recollection

OURS, OTHER = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
OPENED, END = Opened(id="given", model="m"), Finished(stop=Stop.END)
STREAM = [
    Piece(b"1", (OPENED,)),
    Piece(b"2", (TextDelta("he"),)),
    Piece(b"3", (TextDelta("llo"),)),
    Piece(b"4", (END,)),
]
KEY = Caller(key=Key(id="k", tenant="t"))


def asking(*turns: Turn, name: str = "sg_1", **said: object) -> Call:
    talk = Conversation(
        **{"model": "auto", "turns": turns or (user("hi"),), "keep": True, **said}  # type: ignore[arg-type]  # a test's shorthand
    )
    return msgspec.structs.replace(
        a_call(name), id=name, body=TestBody(conversation=talk), caller=KEY
    )


class Life:
    """One layer over a target that says what it is told to."""

    def __init__(self, dialect: Dialect | None = OURS, pieces: Sequence[Piece] = STREAM) -> None:
        self.kept = MemoryRecollections(
            Bounds(most_bytes=100_000_000, span=Seconds(60)), ManualClock()
        )
        self.calls: list[Call] = []
        self.dialect = dialect
        self.pieces = list(pieces)
        self.seen: list[Piece] = []

    async def inner(self, call: Call, trail: Trail) -> Reply:
        assert not trail.facts
        self.calls.append(call)
        ahead = iter(self.pieces)
        head = Head(
            target="small",
            model="m",
            dialect=self.dialect,
            stream=True,
            tier="small",
            reason="",
            attempts=1,
        )

        async def read() -> Piece | None:
            piece = next(ahead, None)
            if piece is None:
                raise UpstreamLost
            return piece

        return Reply(head, read)

    async def live(self, call: Call, most: int = 99) -> list[Piece]:
        reply = await recall(self.kept, {"small": "sim"})(self.inner)(call, Trail())
        found: list[Piece] = []
        async for piece in reply.pieces:
            found.append(piece)
            if piece.finish is not None or len(found) == most:
                break
        reply.close()
        return found

    async def find(self, name: str) -> Recollection | None:
        return await self.kept.find(owner_of(KEY.key), name)


def test_a_targets_own_bytes_are_kept_under_its_own_id_with_who_holds_them() -> None:
    async def life() -> None:
        stage = Life()
        assert await stage.live(asking(SYSTEM, user("hi"), instructions=1)) == STREAM
        found = await stage.find("given")
        assert found is not None
        assert (found.raw, found.events, found.stream) == (b"4", (), True)
        assert (found.target, found.provider) == ("small", "sim")
        assert found.whole == (user("hi"), model("hello"))

    run(life())


@pytest.mark.parametrize("dialect", [OTHER, None])
def test_a_translated_answer_gets_an_id_of_ours_and_is_held_by_nobody(
    dialect: Dialect | None,
) -> None:
    async def life() -> None:
        stage = Life(dialect)
        pieces = await stage.live(asking())
        assert pieces[0].seen == (Opened(id="resp_sg_1", model="m"),)
        assert pieces[1:] == STREAM[1:]
        found = await stage.find("resp_sg_1")
        assert found is not None
        assert (found.raw, found.target, found.provider) == (b"", "", "")
        assert found.events == (pieces[0].seen[0], TextDelta("hello"), END)

    run(life())


def test_an_answer_that_never_said_it_began_is_opened_with_our_id() -> None:
    async def life() -> None:
        stage = Life(None, [Piece(None, ()), *STREAM[1:]])
        pieces = await stage.live(asking())
        assert pieces[1].seen == (Opened(id="resp_sg_1", model="m"), TextDelta("he"))
        assert await stage.find("resp_sg_1")

    run(life())


def test_an_answer_that_another_went_on_with_keeps_its_id_and_is_held_by_nobody() -> None:
    async def life() -> None:
        rest = Piece(None, (TextDelta("llo"),), before=(OPENED, TextDelta("he")))
        stage = Life(OURS, [*STREAM[:2], rest, Piece(None, (END,))])
        await stage.live(asking())
        found = await stage.find("given")
        assert found is not None
        assert (found.provider, found.raw) == ("", b"")
        assert found.answer == (model("hello"),)

    run(life())


@pytest.mark.parametrize("change", ["left", "broke", "unkept", "counted", "huge"])
def test_what_is_not_whole_not_wanted_or_too_much_is_not_kept(change: str) -> None:
    async def life() -> None:
        call = asking(keep=change != "unkept")
        pieces, most = list(STREAM), 99
        if change == "left":
            most = 3
        elif change == "broke":
            pieces.pop()
        elif change == "counted":
            call = msgspec.structs.replace(call, endpoint=Endpoint.COUNT)
        elif change == "huge":
            pieces[1] = Piece(b"2", (TextDelta("x" * (MOST_SAID + 1)),))
        stage = Life(OURS, pieces)
        if change == "broke":
            with pytest.raises(UpstreamLost):
                await stage.live(call)
        else:
            await stage.live(call, most)
        assert len(stage.kept.shelf) == 0

    run(life())


def test_a_call_that_goes_on_has_the_whole_before_it_and_its_own_instructions_first() -> None:
    async def life() -> None:
        stage = Life()
        await stage.live(asking(SYSTEM, user("one"), instructions=1))
        other = msgspec.structs.replace(SYSTEM, parts=user("Be long.").parts)
        call = asking(other, user("two"), instructions=1, previous="given", name="sg_2")
        await stage.live(call)
        body = stage.calls[-1].body
        assert isinstance(body, Recalled)
        assert body.own is call.body
        assert body.conversation.turns == (other, user("one"), model("hello"), user("two"))
        assert body.conversation.previous == ""

    run(life())


def test_a_call_that_goes_on_from_what_is_not_its_own_goes_nowhere() -> None:
    async def life() -> None:
        stage = Life()
        await stage.live(asking())
        stranger = msgspec.structs.replace(
            asking(previous="given"), caller=Caller(key=Key(id="k", tenant="other"))
        )
        for call in (stranger, asking(previous="unknown" * 100)):
            with pytest.raises(PreviousNotFound) as caught:
                await stage.live(call)
            assert len(caught.value.message) < 400
        assert len(stage.calls) == 1

    run(life())


def test_only_who_does_not_hold_what_was_said_is_told_it_again() -> None:
    async def life() -> None:
        stage = Life()
        await stage.live(asking())
        call = await recalled(asking(previous="given"), stage.kept)
        elsewhere = msgspec.structs.replace(SMALL, provider="elsewhere")
        again = (Recall((user("hi"), model("hello"))),)
        assert retold(call, SMALL) == ()
        assert retold(call, SMALL, {"sim"}) == again
        assert retold(call, elsewhere) == again
        assert retold(asking(), elsewhere) == ()

    run(life())


def test_an_answer_of_very_many_events_is_kept_as_few() -> None:
    async def life() -> None:
        words = [Piece(b"w", (TextDelta("x"),)) for _ in range(10_000)]
        stage = Life(OTHER, [STREAM[0], *words, STREAM[-1]])
        await stage.live(asking(), most=20_000)
        found = await stage.find("resp_sg_1")
        assert found is not None
        assert len(found.events) == 3

    run(life())
