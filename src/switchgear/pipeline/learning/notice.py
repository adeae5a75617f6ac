"""Sees what speaks against a decision without anybody's saying it of that decision."""

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.feedback import TooManyOutcomes
from switchgear.domain.outcome import Outcome, Source
from switchgear.domain.ticket import Ticket, TicketState
from switchgear.domain.units import UnixMs
from switchgear.engine.outcome import HUMAN
from switchgear.pipeline.learning.outcome import Books, Outcomes, Told
from switchgear.pipeline.learning.retry import Retries
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery

MOST_UNDER_WAY = 256
"""Outcomes of our own that are being kept at once; further ones are let go."""
NEAR = 10
"""Calls of a task that are looked through for the last that was answered."""
ACTED = frozenset({"nudge", "escalate", "restrict", "pause", "stop"})
"""Rungs on which something was done about a task that goes in circles."""


class Notices:
    """What shows on a call's own row is not kept again: that is read from the row, every time."""

    def __init__(self, outcomes: Outcomes, ledger: Books, clock: Clock, nursery: Nursery) -> None:
        """Take who keeps what is seen, and where earlier calls are."""
        self.watches = True
        """Whether questions that are asked again are looked for."""
        self._outcomes = outcomes
        self._ledger = ledger
        self._clock = clock
        self._nursery = nursery
        self._retries = Retries()
        self._under_way = 0

    def hear(self, entry: Entry) -> None:
        """Look at a call that has ended for what it says of an earlier one."""
        if entry.rung and entry.task and entry.rung in ACTED:
            self._apart(self._looped(entry))
        if self.watches and (earlier := self._retries.seen(entry)):
            self._apart(self._retried(earlier, entry))

    def decided(self, ticket: Ticket) -> None:
        """Hear what a human decided: a task that is taken over was not done by its target."""
        if sets_aside(ticket):
            self._apart(self.set_aside(ticket))

    async def set_aside(self, ticket: Ticket) -> Told | None:
        """Mark the last answer before a ticket was asked, which a human then set aside.

        Raises:
            TooManyOutcomes, LedgerDown: nothing was kept.
        """
        last = await self._last(before(ticket))
        if last is None:
            return None
        decided = ticket.decided
        return await self._outcomes.note(
            last,
            Outcome(
                id=f"ticket-{ticket.id}",
                decision=last.id,
                at=self._clock.date() if decided is None else decided.at,
                source=Source.HUMAN,
                override=HUMAN,
                by="" if decided is None else decided.by,
            ),
        )

    async def _looped(self, entry: Entry) -> None:
        last = await self._last(Query(task=entry.task, until=entry.at, limit=NEAR))
        if last is not None:
            await self._outcomes.note(last, self._seen(f"loop-{entry.id}", last, Source.LOOP))

    async def _retried(self, earlier: str, entry: Entry) -> None:
        last = await self._ledger.find(earlier)
        if last is not None and last.decision is not None:
            await self._outcomes.note(last, self._seen(f"retry-{entry.id}", last, Source.RETRY))

    def _seen(self, name: str, entry: Entry, source: Source) -> Outcome:
        return Outcome(id=name, decision=entry.id, at=self._clock.date(), source=source, score=0.0)

    async def _last(self, query: Query) -> Entry | None:
        found = await self._ledger.list(query)
        return next((each for each in found if each.target and each.decision is not None), None)

    def _apart(self, work: Coroutine[Any, Any, object]) -> None:
        if self._under_way >= MOST_UNDER_WAY:
            work.close()
            return
        self._under_way += 1
        self._nursery.spawn(self._quietly(work))

    async def _quietly(self, work: Coroutine[Any, Any, object]) -> None:
        """Do what nobody waits for; a store that is away loses a hint, and nothing else."""
        try:
            with suppress(LedgerDown, TooManyOutcomes):
                await work
        finally:
            self._under_way -= 1


def sets_aside(ticket: Ticket) -> bool:
    """Whether a human did not let stand what a task's last answer came to."""
    if not ticket.question.task or ticket.decided is None or ticket.decided.by_default:
        return False
    denied = ticket.state is TicketState.DENIED and ticket.question.action != ""
    return ticket.state is TicketState.TAKEN_OVER or denied


def before(ticket: Ticket) -> Query:
    """Return which calls a ticket came of."""
    return Query(task=ticket.question.task, until=UnixMs(ticket.asked + 1), limit=NEAR)
