"""Tickets are asked, decided once, waited for, claimed once, and outlive their process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from support.asked import (
    AGENT,
    APPROVE,
    ASK,
    DAY_MS,
    DENY,
    HUMAN,
    REFUND,
    HandClock,
    Office,
    about,
    raised,
)
from support.stage import LoopClock
from support.virtual_time import run
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import LedgerDown, MalformedBody, NotAllowed, Overloaded
from switchgear.domain.supervision import TaskConflict, TicketDecided, UnknownTask, UnknownTicket
from switchgear.domain.task import Caps, Status
from switchgear.domain.ticket import Ruling, TicketKind, TicketState, Verdict
from switchgear.domain.units import Seconds
from switchgear.engine.ticket import digest_of
from switchgear.pipeline.task.ticket import MOST_OPEN
from switchgear.pipeline.task.waiting import MOST_OF_KEY
from switchgear.ports.papers import PaperKind, Papers, Sought, Write, Written

TICKETS = Sought(kind=PaperKind.TICKET)
BY_ITSELF = Sought(kind=PaperKind.TICKET, state="open")


def lived(life: Callable[[Office], Awaitable[None]]) -> None:
    async def whole() -> None:
        office = Office()
        await life(office)
        await office.aclose()

    asyncio.run(whole())


def test_what_is_asked_is_bound_to_the_action_and_found_by_whose_it_is() -> None:
    async def life(office: Office) -> None:
        ticket = await office.tickets.ask(ASK, AGENT)
        assert (ticket.digest, ticket.key, ticket.state) == (
            digest_of(REFUND),
            "agent",
            TicketState.OPEN,
        )
        assert ticket.deadline - ticket.asked == DAY_MS
        assert await office.tickets.find(ticket.id, AGENT) == ticket
        assert await office.tickets.find(ticket.id, HUMAN) == ticket
        with pytest.raises(UnknownTicket):
            await office.tickets.find(ticket.id, Key(id="stranger"))
        with pytest.raises(UnknownTicket):
            await office.tickets.find("ti_none", AGENT)
        assert await office.tickets.list(TICKETS, AGENT) == (ticket,)
        assert await office.tickets.list(TICKETS, HUMAN) == (ticket,)
        assert await office.tickets.list(TICKETS, Key(id="stranger")) == ()

    lived(life)


def test_a_tenants_decider_sees_and_decides_only_its_tenants() -> None:
    async def life(office: Office) -> None:
        ours = await office.tickets.ask(ASK, Key(id="a", tenant="acme"))
        theirs = await office.tickets.ask(ASK, Key(id="b", tenant="other"))
        boss = Key(id="boss", tenant="acme", rights=frozenset({Right.DECIDE}))
        assert await office.tickets.list(TICKETS, boss) == (ours,)
        with pytest.raises(UnknownTicket):
            await office.tickets.decide(theirs.id, APPROVE, boss)
        decided = await office.tickets.decide(ours.id, APPROVE, boss)
        assert decided.state is TicketState.APPROVED

    lived(life)


def test_who_asked_may_not_decide_it_without_the_right() -> None:
    async def life(office: Office) -> None:
        ticket = await office.tickets.ask(ASK, AGENT)
        with pytest.raises(NotAllowed, match="decide"):
            await office.tickets.decide(ticket.id, APPROVE, AGENT)
        assert (await office.tickets.find(ticket.id)).state is TicketState.OPEN
        able = Key(id="agent", rights=frozenset({Right.ADMIN}))
        assert (await office.tickets.decide(ticket.id, APPROVE, able)).decided is not None

    lived(life)


def test_only_the_first_decision_holds_and_the_second_is_told_which() -> None:
    async def life(office: Office) -> None:
        ticket = await office.tickets.ask(ASK, AGENT)
        rulings = [APPROVE, DENY] * 5
        found = await asyncio.gather(
            *[office.tickets.decide(ticket.id, each, HUMAN) for each in rulings],
            return_exceptions=True,
        )
        winners = [each for each in found if not isinstance(each, BaseException)]
        assert len(winners) == 1
        late = [each for each in found if isinstance(each, TicketDecided)]
        assert len(late) == 9
        verdict = winners[0].verdict
        assert verdict is not None
        assert all(f"{verdict.value}, by the key human" in each.message for each in late)

    lived(life)


def test_the_same_decision_sent_again_with_its_id_is_no_second_one() -> None:
    async def life(office: Office) -> None:
        ticket = await office.tickets.ask(ASK, AGENT)
        ruling = msgspec.structs.replace(APPROVE, id="once")
        first = await office.tickets.decide(ticket.id, ruling, HUMAN)
        assert await office.tickets.decide(ticket.id, ruling, HUMAN) == first
        for other in (APPROVE, msgspec.structs.replace(DENY, id="once")):
            with pytest.raises(TicketDecided):
                await office.tickets.decide(ticket.id, other, HUMAN)
        with pytest.raises(TicketDecided):
            await office.tickets.decide(ticket.id, ruling, Key(id="x", rights=HUMAN.rights))

    lived(life)


def test_a_task_waits_from_the_moment_that_is_asked_and_goes_on_when_that_is_approved() -> None:
    async def life(office: Office) -> None:
        await office.task(caps=Caps(steps=10, depth=2))
        ticket = await office.tickets.ask(about(why="a loop", code="loop"), pauses=True)
        live = await office.tasks.find("tk_1")
        assert live is not None
        task = live.task
        assert (task.status, task.ticket, task.why, task.code) == (
            Status.PAUSED,
            ticket.id,
            "a loop",
            "loop",
        )
        assert ticket.key == "agent"
        await office.tickets.decide(ticket.id, raised(steps=20), HUMAN)
        assert live.task.status is Status.RUNNING
        assert (live.task.ticket, live.task.why, live.task.code) == ("", "", "")
        assert live.task.caps == Caps(steps=20, depth=2)

    lived(life)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [(Verdict.DENY, Status.STOPPED), (Verdict.TAKE_OVER, Status.PAUSED)],
)
def test_a_task_whose_ticket_is_not_approved_does_not_go_on(
    verdict: Verdict, status: Status
) -> None:
    async def life(office: Office) -> None:
        await office.task()
        ticket = await office.tickets.ask(about(), pauses=True)
        await office.tickets.decide(ticket.id, Ruling(verdict=verdict), HUMAN)
        live = await office.tasks.find("tk_1")
        assert live is not None
        assert (live.task.status, live.task.ticket) == (status, "")
        assert ticket.id in live.task.why

    lived(life)


def test_a_task_that_waits_is_not_asked_about_twice() -> None:
    async def life(office: Office) -> None:
        await office.task()
        asked = [office.tickets.ask(about(), pauses=True) for _ in range(5)]
        found = await asyncio.gather(*asked)
        assert len({each.id for each in found}) == 1
        assert len(await office.tickets.list(TICKETS)) == 1

    lived(life)


def test_what_does_not_run_cannot_be_paused() -> None:
    async def life(office: Office) -> None:
        await office.task(status=Status.STOPPED)
        with pytest.raises(TaskConflict, match="stopped"):
            await office.tickets.ask(about(), pauses=True)
        with pytest.raises(MalformedBody):
            await office.tickets.ask(ASK, AGENT, pauses=True)
        assert await office.tickets.list(TICKETS) == ()

    lived(life)


def test_a_ticket_about_anothers_task_is_refused() -> None:
    async def life(office: Office) -> None:
        await office.task()
        for question in (about(), about("tk_none")):
            with pytest.raises(UnknownTask):
                await office.tickets.ask(question, Key(id="stranger"))

    lived(life)


def test_a_decision_leaves_a_task_alone_that_no_longer_waits_for_it() -> None:
    async def life(office: Office) -> None:
        await office.task()
        ticket = await office.tickets.ask(about(), pauses=True)

        await office.tasks.change(
            "tk_1",
            lambda task: msgspec.structs.replace(task, status=Status.RUNNING, ticket=""),
            "resume",
        )
        await office.tickets.decide(ticket.id, DENY, HUMAN)
        assert await office.status() is Status.RUNNING

    lived(life)


def test_what_was_approved_is_claimed_once_and_only_as_it_was_asked() -> None:
    async def life(office: Office) -> None:
        await office.task()
        question = msgspec.structs.replace(ASK, task="tk_1")
        ticket = await office.tickets.ask(question, AGENT)
        with pytest.raises(TicketDecided, match="open"):
            await office.tickets.claim(ticket.id, REFUND, AGENT)
        await office.tickets.decide(ticket.id, APPROVE, HUMAN)
        with pytest.raises(NotAllowed, match="not the action"):
            await office.tickets.claim(ticket.id, '{"amount":3000,"tool":"refund"}', AGENT)
        with pytest.raises(NotAllowed, match="Only who asked"):
            await office.tickets.claim(ticket.id, REFUND, HUMAN)
        found = await asyncio.gather(
            *[office.tickets.claim(ticket.id, REFUND, AGENT) for _ in range(5)],
            return_exceptions=True,
        )
        assert sorted(isinstance(each, TicketDecided) for each in found) == [False, *[True] * 4]
        assert (await office.tickets.find(ticket.id)).claimed_by == "agent"

    lived(life)


@pytest.mark.parametrize("status", [Status.PAUSED, Status.STOPPED])
def test_nothing_is_claimed_for_a_task_that_does_not_run(status: Status) -> None:
    async def life(office: Office) -> None:
        await office.task()
        ticket = await office.tickets.ask(msgspec.structs.replace(ASK, task="tk_1"), AGENT)
        await office.tickets.decide(ticket.id, APPROVE, HUMAN)
        await office.tasks.change(
            "tk_1", lambda task: msgspec.structs.replace(task, status=status), "halt"
        )
        with pytest.raises(TaskConflict, match=status.value):
            await office.tickets.claim(ticket.id, REFUND, AGENT)

    lived(life)


def test_nothing_is_claimed_that_was_denied() -> None:
    async def life(office: Office) -> None:
        ticket = await office.tickets.ask(ASK, AGENT)
        await office.tickets.decide(ticket.id, DENY, HUMAN)
        with pytest.raises(TicketDecided, match="not approved"):
            await office.tickets.claim(ticket.id, REFUND, AGENT)

    lived(life)


def test_who_waits_is_told_at_once_by_this_process_and_in_a_second_by_another() -> None:
    async def life() -> None:
        here = Office(clock=LoopClock())
        other = Office(here.papers, here.clock)
        here.tickets.keep()
        one, two = [await here.tickets.ask(ASK, AGENT) for _ in range(2)]
        loop = asyncio.get_running_loop()
        waits = [
            asyncio.ensure_future(here.tickets.wait(each.id, AGENT, Seconds(55.0)))
            for each in (one, two)
        ]
        await asyncio.sleep(10.5)
        assert len(here.tickets.waiting) == 2
        await here.tickets.decide(one.id, APPROVE, HUMAN)
        assert (await waits[0]).state is TicketState.APPROVED
        assert loop.time() == 10.5
        await other.tickets.decide(two.id, DENY, HUMAN)
        assert (await waits[1]).state is TicketState.DENIED
        assert 10.5 < loop.time() <= 11.6
        assert not len(here.tickets.waiting)
        await here.aclose()
        await other.aclose()

    run(life())


def test_who_waits_in_vain_is_told_that_it_is_open_when_the_time_is_over() -> None:
    async def life() -> None:
        office = Office(clock=LoopClock())
        office.tickets.keep()
        ticket = await office.tickets.ask(ASK, AGENT)
        assert (await office.tickets.wait(ticket.id, AGENT, Seconds(5.0))) == ticket
        assert asyncio.get_running_loop().time() == 5.0
        gone = asyncio.ensure_future(office.tickets.wait(ticket.id, AGENT, Seconds(55.0)))
        await asyncio.sleep(1)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        assert not len(office.tickets.waiting)
        await office.aclose()

    run(life())


def test_nobody_is_kept_waiting_by_a_server_that_stops() -> None:
    async def life() -> None:
        office = Office(clock=LoopClock())
        office.tickets.keep()
        ticket = await office.tickets.ask(ASK, AGENT)
        wait = asyncio.ensure_future(office.tickets.wait(ticket.id, AGENT, Seconds(55.0)))
        await asyncio.sleep(3.5)
        office.tickets.leaving = lambda: True
        assert (await wait).state is TicketState.OPEN
        assert asyncio.get_running_loop().time() < 5
        await office.aclose()

    run(life())


def test_so_many_wait_and_no_more() -> None:
    async def life() -> None:
        office = Office(clock=LoopClock())
        ticket = await office.tickets.ask(ASK, AGENT)
        waits = [
            asyncio.ensure_future(office.tickets.wait(ticket.id, AGENT, Seconds(5.0)))
            for _ in range(MOST_OF_KEY)
        ]
        await asyncio.sleep(0.1)
        with pytest.raises(Overloaded):
            await office.tickets.wait(ticket.id, AGENT, Seconds(5.0))
        assert await office.tickets.wait(ticket.id, AGENT, Seconds(0.0)) == ticket
        await asyncio.gather(*waits)

    run(life())


def test_one_key_has_only_so_many_open() -> None:
    async def life(office: Office) -> None:
        for _ in range(MOST_OPEN):
            await office.tickets.ask(ASK, AGENT)
        with pytest.raises(Overloaded):
            await office.tickets.ask(ASK, AGENT)
        await office.tickets.ask(ASK, HUMAN)

    lived(life)


def test_after_the_deadline_the_default_holds_and_nobody_decides_any_more() -> None:
    async def life() -> None:
        office = Office(clock=LoopClock())
        office.tickets.keep()
        await office.task()
        stays = await office.tickets.ask(about(span=Seconds(60.0)), pauses=True)
        goes = await office.tickets.ask(
            msgspec.structs.replace(ASK, span=Seconds(60.0), default=Verdict.APPROVE), AGENT
        )
        wait = asyncio.ensure_future(office.tickets.wait(stays.id, None, Seconds(90.0)))
        await asyncio.sleep(31)
        assert office.tickets.open == 2
        assert (await wait).state is TicketState.EXPIRED
        assert asyncio.get_running_loop().time() < 62
        await asyncio.sleep(31)
        live = await office.tasks.find("tk_1")
        assert live is not None
        assert (live.task.status, live.task.code) == (Status.STOPPED, "by_hand")
        with pytest.raises(TicketDecided, match="deadline"):
            await office.tickets.decide(stays.id, APPROVE, HUMAN)
        claimed = await office.tickets.claim(goes.id, REFUND, AGENT)
        assert (claimed.state, claimed.verdict) == (TicketState.EXPIRED, Verdict.APPROVE)
        assert office.tickets.decided == {TicketState.EXPIRED: 2}
        assert office.tickets.open == 0
        await office.aclose()

    run(life())


def test_who_decides_after_the_deadline_is_late_even_before_anybody_swept() -> None:
    async def life(office: Office) -> None:
        clock = office.clock
        assert isinstance(clock, HandClock)
        await office.task()
        ticket = await office.tickets.ask(about(), pauses=True)
        clock.ms += DAY_MS
        with pytest.raises(TicketDecided, match="deadline"):
            await office.tickets.decide(ticket.id, APPROVE, HUMAN)
        assert await office.status() is Status.STOPPED

    lived(life)


def test_a_ticket_that_is_answered_after_a_restart_lets_its_task_go_on(tmp_path: Path) -> None:
    async def life() -> None:
        clock = HandClock()
        before = Office.on(tmp_path / "ledger.db", clock)
        await before.task()
        ticket = await before.tickets.ask(about(), pauses=True)
        await before.aclose()
        after = Office.on(tmp_path / "ledger.db", clock)
        assert await after.status() is Status.PAUSED
        await after.tickets.decide(ticket.id, APPROVE, HUMAN)
        assert await after.status() is Status.RUNNING
        await after.aclose()

    asyncio.run(life())


def test_what_fell_due_while_nothing_ran_has_happened_once_after_the_start(tmp_path: Path) -> None:
    async def life() -> None:
        clock = HandClock()
        before = Office.on(tmp_path / "ledger.db", clock)
        await before.task()
        tickets = [await before.tickets.ask(about(), pauses=True)]
        tickets += [await before.tickets.ask(ASK, AGENT) for _ in range(20)]
        await before.aclose()
        clock.ms += DAY_MS
        both = [Office.on(tmp_path / "ledger.db", clock) for _ in range(2)]
        await asyncio.gather(*[each.tickets.sweep() for each in both])
        assert sum(each.tickets.decided.total() for each in both) == len(tickets)
        for ticket in tickets:
            found = await both[0].tickets.find(ticket.id)
            assert (found.state, found.verdict) == (TicketState.EXPIRED, Verdict.DENY)
            log = await both[1].papers.notes(PaperKind.TICKET, ticket.id)
            assert [each.body for each in log] == [b'"ask"', b'"expired"']
        assert await both[1].status() is Status.STOPPED
        log = await both[0].papers.notes(PaperKind.TASK, "tk_1")
        assert [each.body for each in log] == [b'"opened"', b'"pause"', b'"expired"']
        assert await both[0].tickets.list(BY_ITSELF) == ()
        for each in both:
            await each.aclose()

    asyncio.run(life())


def test_a_decision_in_one_process_reaches_the_task_in_another(tmp_path: Path) -> None:
    async def life() -> None:
        one, other = [Office.on(tmp_path / "ledger.db", HandClock()) for _ in range(2)]
        await one.task()
        other.tasks.keep()
        assert await other.status() is Status.RUNNING
        ticket = await one.tickets.ask(about(), pauses=True)
        await other.tickets.decide(ticket.id, DENY, HUMAN)
        assert await one.status() is Status.STOPPED
        assert await other.status() is Status.STOPPED
        await one.aclose()
        await other.aclose()

    asyncio.run(life())


class Failing:
    """Papers that take nothing for a while."""

    def __init__(self, papers: Papers) -> None:
        self._papers = papers
        self.down = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._papers, name)

    async def write(self, writes: tuple[Write, ...]) -> Written:
        if self.down:
            raise LedgerDown
        return await self._papers.write(writes)


def test_a_store_that_is_away_holds_up_no_deadline_for_good() -> None:
    async def life() -> None:
        papers = Failing(Office().papers)
        office = Office(papers, LoopClock())  # type: ignore[arg-type]  # it has all the verbs
        office.tickets.keep()
        ticket = await office.tickets.ask(msgspec.structs.replace(ASK, span=Seconds(5.0)), AGENT)
        papers.down = True
        await asyncio.sleep(10)
        assert (await office.tickets.find(ticket.id)).state is TicketState.OPEN
        with pytest.raises(LedgerDown):
            await office.tickets.ask(ASK, AGENT)
        papers.down = False
        await asyncio.sleep(2)
        assert (await office.tickets.find(ticket.id)).state is TicketState.EXPIRED
        await office.aclose()

    run(life())


def test_what_asks_for_input_is_answered_with_json() -> None:
    async def life(office: Office) -> None:
        question = msgspec.structs.replace(ASK, kind=TicketKind.INPUT)
        ticket = await office.tickets.ask(question, AGENT)
        with pytest.raises(MalformedBody):
            await office.tickets.decide(ticket.id, APPROVE, HUMAN)
        ruling = Ruling(verdict=Verdict.ANSWER, answer='{"seat":"12A"}')
        found = await office.tickets.decide(ticket.id, ruling, HUMAN)
        assert found.decided is not None
        assert (found.state, found.decided.ruling.answer) == (
            TicketState.ANSWERED,
            '{"seat":"12A"}',
        )

    lived(life)
