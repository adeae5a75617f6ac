"""Tickets outlive their process, and their defaults hold once, whoever looks."""

import asyncio
import multiprocessing
from contextlib import suppress
from multiprocessing.synchronize import Barrier
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
    lived,
)
from support.stage import LoopClock
from support.virtual_time import run
from switchgear.domain.errors import LedgerDown
from switchgear.domain.supervision import TicketDecided
from switchgear.domain.task import Status
from switchgear.domain.ticket import TicketState, Verdict
from switchgear.domain.units import Seconds
from switchgear.ports.papers import PaperKind, Papers, Sought, Write, Written

TICKETS = Sought(kind=PaperKind.TICKET)
BY_ITSELF = Sought(kind=PaperKind.TICKET, state="open")


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


def _sweep(path: Path, begin: Barrier) -> None:
    """Sweep at the same moment as others, and exit with how many tickets were closed here."""

    async def life() -> int:
        clock = HandClock()
        clock.ms += DAY_MS
        office = Office.on(path, clock)
        await office.tickets.list(TICKETS)  # the file is open before all begin
        begin.wait(20)
        while True:
            with suppress(LedgerDown):  # locked for too long: a process tries again in a second
                await office.tickets.sweep()
                break
        await office.aclose()
        return office.tickets.decided.total()

    raise SystemExit(asyncio.run(life()))


def test_processes_that_sweep_at_once_close_each_ticket_once(tmp_path: Path) -> None:
    path, spawning = tmp_path / "ledger.db", multiprocessing.get_context("fork")

    async def ask() -> None:
        office = Office.on(path, HandClock())
        for _ in range(30):
            await office.tickets.ask(ASK, AGENT)
        await office.aclose()

    asyncio.run(ask())
    begin = spawning.Barrier(3)
    workers = [spawning.Process(target=_sweep, args=(path, begin)) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert sum(each.exitcode or 0 for each in workers) == 30


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
