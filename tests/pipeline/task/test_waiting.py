"""Who waits for a ticket is woken when there is something to see, and only so many wait."""

import asyncio
from contextlib import suppress

import pytest

from support.asked import (
    AGENT,
    APPROVE,
    ASK,
    DENY,
    HUMAN,
    Office,
)
from support.stage import LoopClock
from support.virtual_time import run
from switchgear.domain.errors import Overloaded
from switchgear.domain.ticket import TicketState
from switchgear.domain.units import Seconds
from switchgear.pipeline.task.waiting import MOST_OF_KEY, Waiting
from switchgear.ports.papers import PaperKind, Sought

TICKETS = Sought(kind=PaperKind.TICKET)
BY_ITSELF = Sought(kind=PaperKind.TICKET, state="open")


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


def test_places_are_given_back_however_they_are_left() -> None:
    waiting = Waiting()
    with waiting.place("ti_1", "a"), pytest.raises(ZeroDivisionError), waiting.place("ti_1", "a"):
        raise ZeroDivisionError
    assert not len(waiting)
    waiting.wake("ti_1")
    waiting.wake_all()


def test_who_is_woken_before_it_waits_does_not_wait() -> None:
    async def life() -> None:
        waiting = Waiting()
        with waiting.place("ti_1", "a") as place, waiting.place("ti_2", "a") as other:
            waiting.wake("ti_1")
            assert await place.woken(Seconds(5.0))
            assert not await other.woken(Seconds(5.0))
            assert asyncio.get_running_loop().time() == 5.0
            assert not await place.woken(Seconds(-1.0))

    run(life())
