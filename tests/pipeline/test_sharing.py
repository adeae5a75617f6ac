"""One answer, and all who read it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.pouring import END, HEAD, drink, keyed, pouring
from support.virtual_time import run
from switchgear.domain.errors import Overloaded, ReplyClosed, UpstreamLost
from switchgear.domain.event import TextDelta
from switchgear.domain.fact import Skipped
from switchgear.domain.piece import Piece
from switchgear.pipeline.sharing import MOST_BEHIND, Relay, Shared, Title, weight
from switchgear.ports.handler import Handler, Reply, Trail
from switchgear.ports.nursery import Nursery

TITLE = Title(key=b"k", digest="d", call="c1")


class Watched:
    """A shared answer, and how often it has changed."""

    def __init__(self, inner: Handler, readers: int) -> None:
        self.changes = 0
        self.nursery = Nursery()
        self.shared = Shared(TITLE, self.nursery, self._count)
        first = self.shared.open(inner, keyed("c1"), Trail())
        self.readers = [first, *(self.shared.join(Trail()) for _ in range(readers - 1))]

    def _count(self, _: Shared) -> None:
        self.changes += 1

    async def replies(self) -> list[Reply]:
        await self.shared.committed()
        replies = [Reply(self.shared.head, reader.read) for reader in self.readers]
        for reply, reader in zip(replies, self.readers, strict=True):
            reply.at_close(reader.leave)
        return replies


def test_nobody_knows_who_answers_before_it_has_committed() -> None:
    async def life() -> None:
        watched = Watched(pouring(1), 1)
        with pytest.raises(ReplyClosed):
            _ = watched.shared.head
        await watched.shared.committed()
        assert watched.shared.head is HEAD
        watched.readers[0].leave()
        watched.readers[0].leave()
        assert watched.shared.left
        await watched.nursery.aclose()

    run(life())


def test_nobody_joins_an_answer_whose_beginning_is_gone() -> None:
    async def life() -> None:
        watched = Watched(pouring(1), 1)
        watched.shared.disown()
        with pytest.raises(Overloaded):
            watched.shared.join(Trail())
        assert await drink((await watched.replies())[0]) == 1
        await watched.nursery.aclose()

    run(life())


def test_facts_go_to_whoever_answers_for_them() -> None:
    first, second = Trail(), Trail()
    relay = Relay(first)
    relay.add(Skipped("a"))
    relay.owner = second
    relay.add(Skipped("b"))
    assert (first.facts, second.facts) == ([Skipped("a")], [Skipped("b")])
    assert relay.facts == [Skipped("a"), Skipped("b")]


def test_what_waits_is_told_when_the_work_is_cancelled() -> None:
    async def life() -> None:
        async def never(*_: object) -> Reply:
            await asyncio.Event().wait()
            raise AssertionError

        watched = Watched(never, 1)
        waiting = asyncio.ensure_future(watched.shared.committed())
        await asyncio.sleep(0)
        watched.shared._work.cancel()
        with pytest.raises(ReplyClosed):
            await waiting

    run(life())


def test_an_answer_that_just_stops_is_lost() -> None:
    async def life() -> None:
        async def inner(*_: object) -> Reply:
            async def read() -> Piece | None:
                return None

            return Reply(HEAD, read)

        watched = Watched(inner, 2)
        for reply in await watched.replies():
            with pytest.raises(UpstreamLost):
                await drink(reply)

    run(life())


def test_who_reads_too_slowly_what_is_not_kept_is_cut_off_alone() -> None:
    async def life() -> None:
        watched = Watched(pouring(*[MOST_BEHIND] * 4), 2)
        watched.shared.disown()
        first, slow = await watched.replies()
        assert await drink(first) == MOST_BEHIND * 4
        with pytest.raises(UpstreamLost, match="slowly"):
            await drink(slow)
        await watched.nursery.aclose()

    run(life())


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 12), st.booleans())
def test_all_readers_get_the_same_pieces_in_whatever_order_they_read(
    order: list[int],
    length: int,
    kept: bool,  # noqa: FBT001  (drawn)
) -> None:
    async def life() -> None:
        watched = Watched(pouring(*range(length)), 4)
        if not kept:
            watched.shared.disown()
        replies = await watched.replies()
        got: list[list[Piece]] = [[], [], [], []]
        for which in order:
            piece = await anext(replies[which].pieces, None)
            if piece is not None:
                got[which].append(piece)
        for which, reply in enumerate(replies):
            got[which] += [piece async for piece in reply.pieces]
            reply.close()
        assert got[0] == got[1] == got[2] == got[3]
        assert len(got[0]) == length + 1
        assert watched.shared.whole
        await watched.nursery.aclose()

    run(life())


def test_a_piece_weighs_what_it_holds() -> None:
    assert 5000 < weight(Piece(None, (TextDelta("x" * 5000),))) < 6000
    assert 5000 < weight(Piece(b"x" * 5000)) < 6000
    assert weight(END) > 0
