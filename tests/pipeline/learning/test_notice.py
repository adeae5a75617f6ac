"""Sees what speaks against a decision without anybody's saying it."""

import asyncio
from typing import Any

import pytest

from support.cast import SHAPE, ask
from support.entries import entry
from support.room import NOW, Room, lived
from switchgear.domain.outcome import Source
from switchgear.domain.ticket import Decided, Question, Ruling, Ticket, TicketState, Verdict
from switchgear.domain.units import UnixMs
from switchgear.pipeline.learning.outcome import MOST_KEPT


def ticket(state: TicketState, verdict: Verdict, **more: Any) -> Ticket:
    asking = {"text": "?", "task": "tk", **more.pop("question", {})}
    ended = {"ruling": Ruling(verdict=verdict), "by": "boss", "at": UnixMs(NOW + 9_000)}
    return Ticket(
        id="ti_1",
        question=Question(**asking),
        asked=UnixMs(NOW + 5_000),
        deadline=UnixMs(NOW + 99_000),
        state=state,
        decided=Decided(**{**ended, **more}),
    )


def test_a_question_that_is_asked_again_says_little_against_the_first_answer() -> None:
    async def life(room: Room) -> None:
        question = ask(grams=b"some words", shape=SHAPE)
        await room.call("sg_1", task="tk", ask=question)
        await room.call("sg_2", NOW + 5_000, task="tk", ask=question)
        await room.settle()
        (one,) = await room.desk.of("sg_1")
        assert (one.source, one.score, one.id) == (Source.RETRY, 0.0, "retry-sg_2")
        assert await room.desk.of("sg_2") == ()
        assert room.heard == [one]

    lived(life)


def test_where_nothing_is_learnt_nobody_remembers_questions() -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        for number in range(2):
            await room.call(f"sg_{number}", NOW + number * 5_000, task="tk")
        await room.settle()
        assert await room.desk.of("sg_0") == ()

    lived(life)


@pytest.mark.parametrize(("rung", "kept"), [("nudge", 1), ("stop", 1), ("observe", 0), ("", 0)])
def test_a_loop_that_was_acted_on_speaks_against_the_answer_before(rung: str, kept: int) -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        await room.call("sg_1", task="tk_1")
        await room.call("sg_2", NOW + 1_000, task="tk_1", target="", decision=None)
        await room.call("sg_3", NOW + 1_000, task="tk_2")
        await room.call("sg_4", NOW + 2_000, task="tk_1", rung=rung)
        await room.settle()
        assert [each.source for each in await room.desk.of("sg_1")] == [Source.LOOP] * kept
        for other in ("sg_2", "sg_3", "sg_4"):
            assert await room.desk.of(other) == ()

    lived(life)


def test_a_task_that_a_human_takes_over_was_not_done_by_who_answered_last() -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        await room.call("sg_1", task="tk")
        await room.call("sg_2", NOW + 1_000, task="tk")
        await room.call("sg_3", NOW + 6_000, task="tk")
        for _ in range(2):
            room.notices.decided(ticket(TicketState.TAKEN_OVER, Verdict.TAKE_OVER))
        await room.settle()
        (one,) = await room.desk.of("sg_2")
        assert (one.source, one.override, one.by) == (Source.HUMAN, "human", "boss")
        assert await room.desk.of("sg_1") == await room.desk.of("sg_3") == ()

    lived(life)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (ticket(TicketState.DENIED, Verdict.DENY, question={"action": "{}"}), 1),
        (ticket(TicketState.DENIED, Verdict.DENY), 0),
        (ticket(TicketState.APPROVED, Verdict.APPROVE, question={"action": "{}"}), 0),
        (ticket(TicketState.EXPIRED, Verdict.DENY, by_default=True), 0),
        (ticket(TicketState.TAKEN_OVER, Verdict.TAKE_OVER, question={"task": ""}), 0),
    ],
    ids=["denied action", "denied task", "approved", "by default", "no task"],
)
def test_only_what_a_human_set_aside_speaks_against_an_answer(found: Ticket, kept: int) -> None:
    async def life(room: Room) -> None:
        await room.call("sg_1", task="tk")
        room.notices.decided(found)
        await room.settle()
        assert len(await room.desk.of("sg_1")) == kept

    lived(life)


def test_what_we_see_ourselves_has_a_bound_too() -> None:
    async def life(room: Room) -> None:
        room.notices.watches = False
        await room.call("sg_1", task="tk")
        for number in range(MOST_KEPT + 3):
            later = entry(f"sg_l{number}", at=UnixMs(NOW + 9), task="tk", rung="nudge")
            room.notices.hear(later)
            await asyncio.sleep(0)
        await room.settle()
        assert 0 < len(await room.desk.of("sg_1")) <= MOST_KEPT

    lived(life)
