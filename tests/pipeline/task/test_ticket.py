"""Tickets are asked, decided once, and claimed once; tasks wait for them."""

import asyncio

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
    Office,
    about,
    lived,
    raised,
)
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import MalformedBody, NotAllowed, Overloaded
from switchgear.domain.supervision import TaskConflict, TicketDecided, UnknownTask, UnknownTicket
from switchgear.domain.task import Caps, Status
from switchgear.domain.ticket import Ruling, TicketKind, TicketState, Verdict
from switchgear.engine.ticket import digest_of
from switchgear.pipeline.task.ticket import MOST_OPEN
from switchgear.ports.papers import PaperKind, Sought

TICKETS = Sought(kind=PaperKind.TICKET)
BY_ITSELF = Sought(kind=PaperKind.TICKET, state="open")


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


def test_one_key_has_only_so_many_open() -> None:
    async def life(office: Office) -> None:
        for _ in range(MOST_OPEN):
            await office.tickets.ask(ASK, AGENT)
        with pytest.raises(Overloaded):
            await office.tickets.ask(ASK, AGENT)
        await office.tickets.ask(ASK, HUMAN)

    lived(life)


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
