"""Calls that are sent again under one idempotency key have one answer."""

import asyncio

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.pouring import END, HEAD, drink, keyed, nothing, pouring
from support.stage import LoopClock, Scenery, Stage, a_call
from support.virtual_time import run
from switchgear.adapters.upstreams.scripted import InTurn, Refuses, Says, Script, Stalls
from switchgear.config.setup import Keeping
from switchgear.domain.call import Call
from switchgear.domain.caller import Caller, Key
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End
from switchgear.domain.errors import (
    IdempotencyMismatch,
    Overloaded,
    UpstreamLost,
    UpstreamRejected,
)
from switchgear.domain.piece import Piece
from switchgear.domain.units import Seconds
from switchgear.pipeline.idempotency import MOST_ONE, Answers, share, title_of
from switchgear.pipeline.limit import limit
from switchgear.pipeline.record import LARGE, record
from switchgear.pipeline.sharing import MOST_READERS, Title
from switchgear.pipeline.stack import stack
from switchgear.ports.handler import Reply, Trail
from switchgear.ports.nursery import Nursery

WORDS = "one two three four"
WINDOW = Seconds(600.0)


class Place:
    """A stage whose calls may carry keys."""

    def __init__(self, script: Script, slots: int = 1) -> None:
        self.stage = Stage({"small": script}, around=Scenery(slots=slots))
        self.answers = Answers(LoopClock(), self.stage.nursery)
        self.handler = stack(
            [
                record(self.stage.desk),
                share(self.answers, Keeping(window=WINDOW)),
                limit(self.stage.slots),
            ],
            self.stage.router,
        )

    async def ask(self, call: Call) -> Reply:
        return await self.handler(call, Trail())

    async def whole(self, call: Call) -> list[Piece]:
        reply = await self.ask(call)
        try:
            return [piece async for piece in reply.pieces]
        finally:
            reply.close()

    async def in_order(self, *rows: str) -> None:
        """Nothing is open or taken, and every call has its one row."""
        await self.stage.nursery.aclose()
        assert self.stage.upstream.open_answers == 0
        assert self.stage.slots.taken == 0
        assert list(self.stage.memory.entries) == list(rows)


@pytest.mark.parametrize("stream", [True, False])
def test_calls_at_the_same_time_share_one_call_to_the_target(stream: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    async def life() -> None:
        place = Place(Says(WORDS))
        calls = [keyed(name, stream=stream) for name in ("c1", "c2", "c3")]
        first, *others = await asyncio.gather(*(place.whole(call) for call in calls))
        assert [first, first] == others
        assert place.stage.upstream.sent == ["small"]
        await place.in_order("c1", "c2", "c3")
        one, two, _ = place.stage.memory.entries.values()
        assert (one.replayed, len(one.attempts), one.cost > 0) == ("", 1, True)
        assert (two.replayed, two.attempts, two.cost) == ("c1", (), 0)
        assert (two.end, two.target) == (End.ANSWERED, "small")

    run(life())


def test_a_later_caller_gets_it_from_the_beginning_and_then_follows() -> None:
    async def life() -> None:
        place = Place(Says(WORDS))
        first = await place.ask(keyed("c1"))
        seen = [await anext(first.pieces) for _ in range(3)]
        second = await place.ask(keyed("c2"))
        ahead = [await anext(second.pieces) for _ in range(5)]
        assert ahead[:3] == seen
        assert second.head.replayed == "c1"
        assert second.head.target == first.head.target
        seen += [piece async for piece in first.pieces]
        ahead += [piece async for piece in second.pieces]
        assert ahead == seen
        first.close()
        second.close()
        await place.in_order("c1", "c2")
        assert place.stage.upstream.sent == ["small"]

    run(life())


def test_the_answer_is_given_again_within_the_window_and_not_after() -> None:
    async def life() -> None:
        place = Place(InTurn((Says("old"), Says("new"))))
        old = await place.whole(keyed("c1"))
        await asyncio.sleep(WINDOW - 1)
        assert await place.whole(keyed("c2")) == old
        await asyncio.sleep(2)
        assert await place.whole(keyed("c3")) != old
        await place.in_order("c1", "c2", "c3")
        assert [each.replayed for each in place.stage.memory.entries.values()] == ["", "c1", ""]

    run(life())


def test_what_answers_again_says_so_and_costsnothing() -> None:
    async def life() -> None:
        place = Place(Says(WORDS))
        first = await place.ask(keyed("c1", stream=False))
        assert (first.head.replayed, first.head.attempts) == ("", 1)
        assert first.head.cost
        assert [piece async for piece in first.pieces]
        first.close()
        again = await place.ask(keyed("c2", stream=False))
        assert (again.head.replayed, again.head.attempts, again.head.cost) == ("c1", 0, 0)
        again.close()
        await place.in_order("c1", "c2")

    run(life())


@pytest.mark.parametrize("ended", [True, False])
def test_a_key_with_another_body_is_refused_and_recorded(ended: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    async def life() -> None:
        place = Place(Says(WORDS))
        first = await place.ask(keyed("c1"))
        if ended:
            assert [piece async for piece in first.pieces]
        with pytest.raises(IdempotencyMismatch):
            await place.ask(keyed("c2", raw=b'{"other":1}'))
        assert place.stage.entry("c2").code == "idempotency_mismatch"
        first.close()
        await place.stage.nursery.aclose()
        assert place.stage.upstream.sent == ["small"]

    run(life())


def test_strangers_dialects_and_other_keys_never_meet() -> None:
    async def titles() -> list[bytes]:
        plain = keyed("c1")
        body = msgspec.structs.replace(plain.body, dialect=Dialect.ANTHROPIC_MESSAGES)  # type: ignore[type-var]  # a test's body
        others = [
            plain,
            msgspec.structs.replace(plain, body=body),
            msgspec.structs.replace(plain, caller=Caller(key=Key(id="other"))),
            msgspec.structs.replace(plain, idempotency="k2"),
            # what a concatenation would confuse
            msgspec.structs.replace(plain, caller=Caller(key=Key(id="a")), idempotency="bk"),
            msgspec.structs.replace(plain, caller=Caller(key=Key(id="ab")), idempotency="k"),
        ]
        return [(await title_of(call)).key for call in others]

    assert len(set(run(titles()))) == 6


def test_large_and_small_bodies_are_told_apart_alike() -> None:
    async def titles() -> list[Title]:
        raws = [b"a", b"b", b"a" * (LARGE + 1), b"b" * (LARGE + 1)]
        return [await title_of(keyed("c1", raw=raw)) for raw in raws]

    # a thread does the large ones, which a loop of virtual time cannot wait for
    assert len({title.digest for title in asyncio.run(titles())}) == 4


def test_a_failure_is_shared_by_who_waited_and_not_kept() -> None:
    async def life() -> None:
        place = Place(InTurn((Refuses(UpstreamRejected), Says(WORDS))))
        found = await asyncio.gather(
            *(place.whole(keyed(name)) for name in ("c1", "c2")), return_exceptions=True
        )
        assert isinstance(found[0], UpstreamRejected)
        assert found[0] is found[1]
        assert len(place.answers) == 0
        assert await place.whole(keyed("c3"))
        assert place.stage.upstream.sent == ["small", "small"]
        await place.in_order("c1", "c2", "c3")
        failed = place.stage.entry("c2")
        assert (failed.end, failed.replayed, failed.attempts) == (End.FAILED, "c1", ())

    run(life())


def test_a_cut_answer_is_cut_for_all_at_the_same_place_and_not_kept() -> None:
    async def life() -> None:
        stage = Stage({"small": Says(WORDS)})
        answers = Answers(LoopClock(), stage.nursery)
        cuts = [True, False]

        async def inner(call: Call, trail: Trail) -> Reply:
            ahead = iter([Piece(b"x"), END])
            broken = cuts.pop(0)

            async def read() -> Piece | None:
                piece = next(ahead)
                if broken and piece is END:
                    raise UpstreamLost
                return piece

            assert call.idempotency, trail
            return Reply(HEAD, read)

        handler = stack([record(stage.desk), share(answers, Keeping())], inner)
        replies = [await handler(keyed(name), Trail()) for name in ("c1", "c2")]
        for reply in replies:
            assert (await anext(reply.pieces)).raw == b"x"
            with pytest.raises(UpstreamLost):
                await anext(reply.pieces)
        again = await handler(keyed("c3"), Trail())  # the key is free before the others have left
        assert [piece async for piece in again.pieces][-1] is END
        for reply in (*replies, again):
            reply.close()
        await stage.nursery.aclose()
        ends = [each.end for each in stage.memory.entries.values()]
        assert ends == [End.CUT, End.CUT, End.ANSWERED]

    run(life())


def test_the_first_may_leave_and_whoever_stays_gets_all_and_answers_for_the_cost() -> None:
    async def life() -> None:
        place = Place(Says(WORDS))
        first = await place.ask(keyed("c1"))
        second = await place.ask(keyed("c2"))
        first.close()
        assert place.stage.upstream.open_answers == 1
        assert [piece async for piece in second.pieces][-1].finish
        second.close()
        await place.stage.nursery.aclose()
        one, two = place.stage.entry("c1"), place.stage.entry("c2")
        assert (one.end, one.attempts, one.cost) == (End.LEFT, (), 0)
        assert (two.end, two.replayed, len(two.attempts)) == (End.ANSWERED, "c1", 1)
        assert two.cost > 0

    run(life())


def test_when_the_last_one_leaves_the_target_is_left_at_once() -> None:
    async def life() -> None:
        place = Place(InTurn((Stalls(WORDS, 2), Says(WORDS))))
        first, second = await place.ask(keyed("c1")), await place.ask(keyed("c2"))
        first.close()
        second.close()
        assert place.stage.upstream.open_answers == 0
        assert place.stage.slots.taken == 0
        assert len(place.answers) == 0
        assert (await place.whole(keyed("c3")))[-1].finish
        await place.stage.nursery.aclose()
        codes = [each.code for each in place.stage.entry("c2").attempts]
        assert codes == ["client_left"], "its time at the target is on nobody's row"

    run(life())


def test_a_caller_who_leaves_before_the_commit_takes_nobody_along() -> None:
    async def life() -> None:
        place = Place(Says(WORDS))
        async with asyncio.TaskGroup() as group:
            first = group.create_task(place.whole(keyed("c1")))
            second = group.create_task(place.whole(keyed("c2")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            first.cancel()
        assert (await second)[-1].finish
        await place.stage.nursery.aclose()
        assert place.stage.upstream.sent == ["small"]
        assert place.stage.entry("c1").end is End.LEFT
        assert place.stage.entry("c2").end is End.ANSWERED

    run(life())


def test_who_reads_along_takes_no_slot_but_there_is_a_bound() -> None:
    async def life() -> None:
        place = Place(Says(WORDS), slots=1)
        replies = [await place.ask(keyed(f"c{n}")) for n in range(MOST_READERS)]
        assert place.stage.slots.taken == 1
        with pytest.raises(Overloaded):
            await place.ask(keyed("one more"))
        for reply in replies:
            reply.close()
        await place.stage.nursery.aclose()
        assert place.stage.upstream.open_answers == 0

    run(life())


def test_a_call_without_a_key_goes_through_as_ifnothing_were_there() -> None:
    async def life() -> None:
        reply = Reply(HEAD, nothing)
        seen: list[tuple[Call, Trail]] = []

        async def inner(call: Call, trail: Trail) -> Reply:
            seen.append((call, trail))
            return reply

        call, trail = a_call(), Trail()
        answers = Answers(LoopClock(), Nursery())
        assert await share(answers, Keeping())(inner)(call, trail) is reply
        assert seen == [(call, trail)]
        assert len(answers) == 0

    run(life())


def test_a_fault_of_ours_reaches_everybody_and_is_reported_once() -> None:
    async def life() -> None:
        nursery = Nursery()

        async def inner(call: Call, trail: Trail) -> Reply:
            await asyncio.sleep(1)
            raise ValueError(call.id, trail)

        handler = share(Answers(LoopClock(), nursery), Keeping())(inner)
        found = await asyncio.gather(
            *(handler(keyed(name), Trail()) for name in "ab"), return_exceptions=True
        )
        assert isinstance(found[0], ValueError)
        assert found[0] is found[1]

    run(life(), reports=1)


def test_an_answer_that_is_too_large_is_shared_but_not_kept() -> None:
    async def life() -> None:
        nursery = Nursery()
        answers = Answers(LoopClock(), nursery)
        handler = share(answers, Keeping())(pouring(MOST_ONE + 1))
        first, second = await handler(keyed("a"), Trail()), await handler(keyed("b"), Trail())
        assert second.head.replayed == "a"
        found = set(await asyncio.gather(drink(first), drink(second)))
        assert found == {MOST_ONE + 1}
        assert (len(answers), answers.size) == (0, 0)
        third = await handler(keyed("c"), Trail())
        assert third.head.replayed == ""
        third.close()
        await nursery.aclose()

    run(life())


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3000), st.booleans()), max_size=30),
    st.integers(1, 20_000),
)
def test_what_is_kept_never_exceeds_its_bound(
    calls: list[tuple[int, int, bool]], most: int
) -> None:
    async def life() -> None:
        nursery = Nursery()
        answers = Answers(LoopClock(), nursery)
        sizes = [0]

        async def inner(call: Call, trail: Trail) -> Reply:
            return await pouring(*[sizes[-1]] * 3)(call, trail)

        handler = share(answers, Keeping(most_bytes=most))(inner)
        held = []
        for key, size, stays in calls:
            sizes.append(size)
            reply = await handler(keyed("c", f"k{key}"), Trail())
            await anext(reply.pieces)
            if stays:
                held.append(reply)
            else:
                await drink(reply)
            assert answers.size <= most
        for reply in held:
            reply.close()
        assert answers.size == sum(answers._sizes.values()) <= most
        assert not answers._running
        await nursery.aclose()

    run(life())
