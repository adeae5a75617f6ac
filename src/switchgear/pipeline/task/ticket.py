"""Tickets: asks humans, waits for what they say, and lets the task hear it."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import msgspec

from switchgear.config.setup import Ticketing
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown, MalformedBody, NotAllowed, Overloaded
from switchgear.domain.ids import CHANCE_BITS, mint_ticket
from switchgear.domain.supervision import TaskConflict, UnknownTask, UnknownTicket
from switchgear.domain.task import Status, Task
from switchgear.domain.ticket import Question, Ruling, Ticket, TicketState, Verdict
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import may_use
from switchgear.engine.ticket import (
    check,
    claim,
    decide,
    digest_of,
    expire,
    may_decide,
    may_see,
    owns,
    paused,
    resumed,
    same,
    waits,
)
from switchgear.pipeline.task.registry import Live, Tasks
from switchgear.pipeline.task.waiting import Waiting
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import (
    MOST_FOUND,
    Note,
    Paper,
    PaperKind,
    Papers,
    Sought,
    Write,
    Written,
)

LONGEST = Seconds(31_536_000.0)
"""The latest deadline: a year."""
MOST_OPEN = 100
"""Tickets of one key that are open at once."""
MOST_TRIES = 8
"""At a change, when others are quicker each time."""
MOST_DUE = 100
"""Tickets whose deadlines are looked after in one round."""
COUNTED = 30
"""Rounds between two counts of those that are open."""
ROUND = Seconds(1.0)
"""Between two looks at deadlines, and at what others have decided."""

Told = Callable[[], bool]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Ticket).decode


class Tickets:
    """Every verb holds over all processes that share the store; it outlives a reload."""

    def __init__(self, papers: Papers, tasks: Tasks, clock: Clock, chance: Chance) -> None:
        """Take where they are kept, and the tasks that wait for them."""
        self.span = Seconds(86_400.0)
        """How long humans have, where the question does not say."""
        self.default = Verdict.DENY
        """What holds after that, likewise."""
        self.decided: Counter[TicketState] = Counter()
        """Tickets that were decided in this process, or fell due there, by how they stand now."""
        self.open = 0
        """Tickets that are open in all processes, as they were counted last."""
        self.leaving: Told = lambda: False
        """Whether the server drains: then nobody is kept waiting."""
        self.heard: Callable[[Ticket], object] = lambda _ticket: None
        """Is told of each ticket that somebody decides in this process."""
        self.waiting = Waiting()
        self._papers = papers
        self._tasks = tasks
        self._clock = clock
        self._chance = chance
        self._nursery = Nursery()
        self._number = 0

    async def ask(
        self, question: Question, by: Key | None = None, *, pauses: bool = False
    ) -> Ticket:
        """Open a ticket; ``pauses`` lets its task wait for it, in the same moment.

        Of a task that waits for a ticket already, that one is returned. Where ``by`` is None the
        gateway itself asks, on behalf of whoever opened the task.

        Raises:
            MalformedBody: it cannot be asked.
            UnknownTask: there is none of that id that is the asker's.
            TaskConflict: the task does not run, so it cannot be paused.
            Overloaded: as many of the asker's are open as there may be.
            LedgerDown: nothing was asked.
        """
        check(question)
        if pauses and not question.task:
            raise MalformedBody("What pauses a task says which task.")
        live = await self._task_of(question, by)
        ticket = self._new(question, by, live)
        await self._check_room(ticket)
        if live is None or not pauses:
            if not await self._write(ticket, 1, "ask"):
                raise LedgerDown("The ticket could not be kept; ask again.")
            return ticket
        return await self._pause(live, ticket)

    async def find(self, name: str, by: Key | None = None) -> Ticket:
        """Return one ticket; where ``by`` is None the owner asks.

        Raises:
            UnknownTicket: there is none of that id that is the asker's to know.
            LedgerDown: it is not known.
        """
        ticket, _ = await self._read(name, by)
        return ticket

    async def list(self, sought: Sought, by: Key | None = None) -> tuple[Ticket, ...]:
        """Return the tickets that fit and that the asker may know of, newest first."""
        if by is not None and by.tenant:
            sought = msgspec.structs.replace(sought, tenant=by.tenant)
        elif by is not None and not may_decide(by):
            sought = msgspec.structs.replace(sought, key=by.id, tenant="")
        return tuple([_decode(each.body) for each in await self._papers.list(sought)])

    async def wait(self, name: str, by: Key | None, span: Seconds) -> Ticket:
        """Return a ticket when it is decided, or when ``span`` is over.

        Raises:
            UnknownTicket, LedgerDown: as ``find``.
            Overloaded: as many wait as may.
        """
        ticket = await self.find(name, by)
        if ticket.decided is not None or span <= 0:
            return ticket
        ends = self._clock.now() + span
        with self.waiting.place(name, "" if by is None else by.id) as place:
            while ticket.decided is None and not self.leaving():
                ticket = await self.find(name, by)
                if ticket.decided is not None or not await place.woken(
                    Seconds(ends - self._clock.now())
                ):
                    break
        return ticket

    async def decide(self, name: str, ruling: Ruling, by: Key | None = None) -> Ticket:
        """Decide a ticket, once; the task that waits for it hears it in the same moment.

        Where ``by`` is None, somebody at the machine decides.

        Raises:
            UnknownTicket: there is none of that id that is the decider's to know.
            NotAllowed: the key may not decide.
            MalformedBody: that cannot be said to a ticket of its kind.
            TicketDecided: it was decided before; what is sent again by the same decider with the
                same id is returned as it was.
            LedgerDown: nothing was decided.
        """
        for _ in range(MOST_TRIES):
            ticket, revision = await self._read(name, by)
            if by is not None and not may_decide(by):
                raise NotAllowed("This key may not decide; it takes one with rights: [decide].")
            who, now = "" if by is None else by.id, self._clock.date()
            if same(ticket, ruling, who):
                return ticket
            if ticket.decided is None and ticket.deadline <= now:
                await self._close(expire(ticket, now), revision + 1)
                continue
            closed = decide(ticket, ruling, who, now)
            if await self._close(closed, revision + 1):
                self.heard(closed)
                return closed
        raise LedgerDown("The ticket is changed by too many at once; try again.")

    async def claim(self, name: str, action: str, by: Key) -> Ticket:
        """Begin what was approved, once.

        Units: ``action`` is canonical JSON.

        Raises:
            UnknownTicket: there is none of that id that is the asker's to know.
            NotAllowed: the ticket is another's, or its action another.
            UnknownTask: the task is no longer the asker's.
            TaskConflict: the task does not run.
            TicketDecided: it was not approved, or claimed before.
            LedgerDown: nothing was begun.
        """
        for _ in range(MOST_TRIES):
            ticket, revision = await self._read(name, by)
            if not owns(by, ticket):
                raise NotAllowed("Only who asked may claim what was approved.")
            claimed = claim(ticket, action, by.id, self._clock.date())
            await self._check_runs(ticket, by)
            if await self._write(claimed, revision + 1, "claim"):
                return claimed
        raise LedgerDown("The ticket is changed by too many at once; try again.")

    def expect(self, wanted: Ticketing, leaving: Told) -> None:
        """Know what the owner wants, from now on, and who tells that the server drains."""
        self.span, self.default = wanted.deadline, Verdict(wanted.default)
        self.leaving = leaving

    def keep(self) -> None:
        """Begin to look after deadlines, and to hear what others decide."""
        self._nursery.spawn(self._rounds())

    async def sweep(self) -> None:
        """Close what fell due; what another process closes meanwhile, it leaves."""
        now = self._clock.date()
        sought = Sought(
            kind=PaperKind.TICKET, state=TicketState.OPEN.value, due=now, limit=MOST_DUE
        )
        for paper in await self._papers.list(sought):
            try:
                ticket = _decode(paper.body)
            except msgspec.MsgspecError:
                continue  # a newer version's: that one looks after it
            await self._close(expire(ticket, now), paper.revision + 1)

    async def hear(self) -> None:
        """Wake those who wait for what others have decided."""
        begins = not self._number
        if self.leaving():
            self.waiting.wake_all()
        self._number, papers = await self._papers.since(PaperKind.TICKET, self._number)
        if begins:
            self.waiting.wake_all()
        for paper in papers:
            self.waiting.wake(paper.id)

    async def aclose(self) -> None:
        """Look after nothing more, and let those who wait go."""
        self.leaving = lambda: True
        self.waiting.wake_all()
        await self._nursery.aclose(Seconds(0.0))

    async def count(self) -> None:
        """Learn how many are open, as far as one look tells."""
        sought = Sought(kind=PaperKind.TICKET, state=TicketState.OPEN.value, limit=MOST_FOUND)
        self.open = len(await self._papers.list(sought))

    async def _rounds(self) -> None:
        for number in itertools.count():
            with suppress(LedgerDown):  # it is tried again in a second
                await self.hear()
                await self.sweep()
                if number % COUNTED == 0:
                    await self.count()
            await asyncio.sleep(ROUND)

    async def _task_of(self, question: Question, by: Key | None) -> Live | None:
        if not question.task:
            return None
        live = await self._tasks.find(question.task)
        if live is None or (by is not None and not may_use(by, live.task)):
            raise UnknownTask
        return live

    def _new(self, question: Question, by: Key | None, live: Live | None) -> Ticket:
        now = self._clock.date()
        span = min(self.span if question.span is None else question.span, LONGEST)
        asker = by if by is not None or live is None else live.task
        return Ticket(
            id=mint_ticket(now, self._chance.bits(CHANCE_BITS)),
            question=question,
            digest=digest_of(question.action),
            key="" if asker is None else _key_of(asker),
            tenant="" if asker is None else asker.tenant,
            asked=now,
            deadline=UnixMs(now + round(span * 1000)),
            default=self.default if question.default is None else question.default,
        )

    async def _check_room(self, ticket: Ticket) -> None:
        state, limit = TicketState.OPEN.value, MOST_OPEN
        sought = Sought(kind=PaperKind.TICKET, key=ticket.key, state=state, limit=limit)
        if len(await self._papers.list(sought)) >= MOST_OPEN:
            raise Overloaded(f"{MOST_OPEN} tickets of this key are open; have some decided first.")

    async def _pause(self, live: Live, ticket: Ticket) -> Ticket:
        for _ in range(MOST_TRIES):
            task = live.task
            if task.status is Status.PAUSED and task.ticket:
                return await self.find(task.ticket)
            if task.status is not Status.RUNNING:
                raise TaskConflict(f"The task is {task.status.value}, so it cannot be paused.")
            if await self._tasks.put(live, paused(task, ticket), "pause", (_write_of(ticket, 1),)):
                return ticket
            live = await self._tasks.fresh(task.id) or live
        raise LedgerDown("The task is changed by too many at once; try again.")

    async def _close(self, ticket: Ticket, revision: int) -> bool:
        """Keep a ticket that was decided, with the task that waited for it; False if too late."""
        name, deed = ticket.question.task, ticket.state.value
        live = await self._tasks.fresh(name) if name else None
        if live is not None and waits(live.task, ticket):
            write = _write_of(ticket, revision, deed)
            done = await self._tasks.put(live, resumed(live.task, ticket), deed, (write,))
        else:
            done = await self._write(ticket, revision, deed)
        if done:
            self.decided[ticket.state] += 1
            self.waiting.wake(ticket.id)
        return done

    async def _check_runs(self, ticket: Ticket, by: Key) -> None:
        live = await self._tasks.fresh(ticket.question.task) if ticket.question.task else None
        if live is None:
            return
        if not may_use(by, live.task):
            raise UnknownTask
        if live.task.status in {Status.PAUSED, Status.STOPPED}:
            status = live.task.status.value
            raise TaskConflict(f"The task is {status}, so nothing that was approved may begin.")

    async def _read(self, name: str, by: Key | None) -> tuple[Ticket, int]:
        paper = await self._papers.find(PaperKind.TICKET, name)
        if paper is None:
            raise UnknownTicket
        ticket = _decode(paper.body)
        if by is not None and not may_see(by, ticket):
            raise UnknownTicket
        return ticket, paper.revision

    async def _write(self, ticket: Ticket, revision: int, deed: str) -> bool:
        written = await self._papers.write((_write_of(ticket, revision, deed),))
        return written is Written.DONE


def _key_of(asker: Key | Task) -> str:
    return asker.id if isinstance(asker, Key) else asker.key


def _write_of(ticket: Ticket, revision: int, deed: str = "ask") -> Write:
    decided = ticket.decided
    at = ticket.claimed or (ticket.asked if decided is None else decided.at)
    paper = Paper(
        kind=PaperKind.TICKET,
        id=ticket.id,
        key=ticket.key,
        tenant=ticket.tenant,
        of=ticket.question.task,
        state=ticket.state.value,
        due=ticket.deadline if decided is None else None,
        made=ticket.asked,
        revision=revision,
        body=_encode(ticket),
    )
    return Write(
        paper=paper, notes=(Note(id=str(revision), at=at, revision=revision, body=_encode(deed)),)
    )
