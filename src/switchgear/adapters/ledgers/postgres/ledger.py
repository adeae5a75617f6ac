"""The ledger's face to the event loop."""

import asyncio
from pathlib import Path

from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.item import KeptPolicy
from switchgear.adapters.ledgers.postgres.account import Accounts
from switchgear.adapters.ledgers.postgres.batch import Batches
from switchgear.adapters.ledgers.postgres.budget import PostgresBudgets
from switchgear.adapters.ledgers.postgres.catalogue import Catalogue
from switchgear.adapters.ledgers.postgres.fault import FAULTS, down
from switchgear.adapters.ledgers.postgres.line import COLD, HOT, Line
from switchgear.adapters.ledgers.postgres.prune import prune
from switchgear.adapters.ledgers.postgres.schema import migrate
from switchgear.adapters.ledgers.postgres.shelf import Shelf
from switchgear.adapters.ledgers.postgres.teller import Teller
from switchgear.adapters.ledgers.postgres.writer import Writer
from switchgear.adapters.ledgers.spill import Spill, Spilling
from switchgear.domain.entry import Entry
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery

NO_JOURNAL = Spilling()
JOURNAL = Path("switchgear")
"""What the journal's file is named after, and where it is: the working directory."""


class PostgresLedger:
    """One database, which many nodes may share: rows, money and keys.

    It has up to three connections: rows are written by one, the accounts asked by another, and all
    that may take longer is read by the third. With a journal, what the database does not take for a
    while is kept there, is found all the same, and is brought into it when that can be.
    """

    def __init__(
        self, url: Secret, spill: Spill, *, durable: bool = True, clock: Clock | None = None
    ) -> None:
        """Know where it is; it is not open yet."""
        clock = clock or SystemClock()
        self._nursery = Nursery()
        self._rows = Line(url, self._nursery, HOT, durable=durable)
        self._money = Line(url, self._nursery, HOT, durable=durable)
        self._reading = Line(url, self._nursery, COLD, durable=durable)
        self._spill = spill
        self._writer = Writer(self._rows, Batches(Accounts(), clock), spill)
        self._teller = Teller(self._money, Accounts(), clock)
        self._tasks: list[asyncio.Task[None]] = []
        self.shelf = Shelf(self._reading)
        self._catalogue = Catalogue(self.shelf, spill)
        self.budgets = PostgresBudgets(self._teller, self.shelf)
        """In the same database."""

    async def open(self) -> None:
        """Open it, and bring its tables up to date.

        Raises:
            LedgerDown: it cannot be used; the message says why.
        """
        await self._rows.open()
        try:
            async with self._rows.taken() as connection:
                await migrate(connection, self.where)
        except FAULTS as error:
            raise down(f"The ledger {self.where} cannot be opened", error) from None
        self._tasks = [self._writer.start(self._nursery), self._teller.start(self._nursery)]

    @property
    def where(self) -> str:
        """The server and its database, for people."""
        return self._reading.where

    @property
    def waiting(self) -> int:
        """Rows in the journal that the database has not taken yet."""
        return len(self._spill.waiting)

    @property
    def lost(self) -> int:
        """Calls that were answered though nothing took their row."""
        return self._spill.lost

    async def write(self, entry: Entry) -> None:
        """Keep one call; the row stays even if the waiter is cancelled."""
        await self._writer.put(entry)

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        return await self._catalogue.find(entry_id)

    async def list(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first."""
        return await self._catalogue.page(query)

    async def keep_policy(self, version: str, document: bytes) -> None:
        """Keep a policy under its version."""
        await self._writer.put(KeptPolicy(version, document))

    async def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        return await self._catalogue.find_policy(version)

    async def prune(self, before: UnixMs) -> int:
        """Drop the calls that arrived before a moment; return how many."""
        async with self.shelf.asked() as connection:
            return await prune(connection, before)

    async def aclose(self) -> None:
        """Write all that waits, and close the connections."""
        self._writer.stop()
        self._teller.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._writer.drain()
        for line in (self._rows, self._money, self._reading):
            await line.close()
        await self._nursery.aclose()


async def open_postgres(
    url: Secret, *, durable: bool = True, spilling: Spilling = NO_JOURNAL, journal: Path = JOURNAL
) -> PostgresLedger:
    """Return the ledger in a database, whose tables are made if they are not there.

    Raises:
        LedgerDown: it cannot be used.
    """
    spill = Spill(journal, spilling, SystemClock(), durable=durable)
    ledger = PostgresLedger(url, spill, durable=durable)
    try:
        await ledger.open()
    except BaseException:
        await ledger.aclose()
        raise
    return ledger
