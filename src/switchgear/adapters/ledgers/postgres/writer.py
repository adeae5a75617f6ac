"""Writes rows: what has gathered in one transaction, and what cannot be written in the journal."""

import asyncio
from collections.abc import Sequence

from switchgear.adapters.ledgers.item import UNKEEPABLE, Item, taken_already
from switchgear.adapters.ledgers.postgres.account import AccountGone
from switchgear.adapters.ledgers.postgres.batch import Batches
from switchgear.adapters.ledgers.postgres.fault import FAULTS, breaks, code_of, down, rejects, taken
from switchgear.adapters.ledgers.postgres.job import Gatherer, Job, Outcome
from switchgear.adapters.ledgers.postgres.line import Line
from switchgear.adapters.ledgers.spill import Spill
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds

MOST_TOGETHER = 128
"""Entries in one transaction: to make their rows takes the event loop some milliseconds."""
AGAIN = 3
"""Times that something is done again when connections break, or others were in the way."""
REPEATED = ("40P01", "40001")
"""Codes of what another transaction was in the way of."""
SHUT = LedgerDown("The call could not be written down: the ledger takes nothing now.")
TWICE: tuple[type[Exception], ...] = (AccountGone, *FAULTS)
HANDLED: tuple[type[Exception], ...] = (LedgerDown, *TWICE)
FAILED = "The call could not be written down"


class Writer(Gatherer[Item]):
    """The one task that writes rows through one connection."""

    def __init__(self, line: Line, batches: Batches, spill: Spill) -> None:
        """Take the connection; what it does not take goes to ``spill``."""
        super().__init__(self._settle, MOST_TOGETHER, self._bring_back)
        self._line = line
        self._batches = batches
        self._spill = spill

    async def _settle(self, jobs: Sequence[Job[Item]]) -> Sequence[Outcome]:
        items = [job.thing for job in jobs]
        if self._spill.shut:
            return await self._keep(items, SHUT)
        try:
            return await self._write(items)
        except HANDLED as error:
            return await self._keep(items, down(FAILED, error))

    async def _write(self, items: list[Item]) -> Sequence[Outcome]:
        """Write them; again where the connection broke, as nobody knows what was done."""
        try:
            async with self._line.taken() as connection:
                await self._batches.write(connection, items)
        except FAULTS as error:
            if rejects(error):
                async with self._line.taken() as connection:
                    faults = await self._batches.write_each(connection, items)
                return [_fault(each, item) for item, each in zip(items, faults, strict=True)]
            if not may_go_well(error):
                raise
            await self._write_missing(items)
        except AccountGone:
            await self._write_missing(items)
        return [None] * len(items)

    async def _write_missing(self, items: Sequence[Item]) -> None:
        for left in reversed(range(AGAIN)):
            try:
                async with self._line.taken() as connection:
                    await self._batches.write_missing(connection, items)
                break
            except TWICE as error:
                if not (left and may_go_well(error)):
                    raise

    async def _keep(self, items: list[Item], why: LedgerDown) -> Sequence[Outcome]:
        return await asyncio.to_thread(self._spill.keep, items, why)  # it waits for the disk

    async def _bring_back(self) -> Seconds | None:
        """Write some of what waits in the journal, and say when there may be more to write."""
        if self._spill.due:
            items = self._spill.next(MOST_TOGETHER)
            try:
                await self._write_missing(items)
            except HANDLED:
                self._spill.refused()
            else:
                await asyncio.to_thread(self._spill.taken, items)
        return self._spill.pause

    async def drain(self) -> None:
        """Write what waits in the journal as far as that can be, and close it."""
        while self._spill.waiting and not self._spill.shut:
            await self._bring_back()
        await asyncio.to_thread(self._spill.close)


def may_go_well(error: BaseException) -> bool:
    """Whether the same may go well when it is done again at once."""
    return isinstance(error, AccountGone) or breaks(error) or code_of(error) in REPEATED


def _fault(error: Exception | None, item: Item) -> Exception | None:
    if error is None:
        return None
    if taken(error) and isinstance(item, Entry):
        return taken_already(item)
    return LedgerDown(UNKEEPABLE)
