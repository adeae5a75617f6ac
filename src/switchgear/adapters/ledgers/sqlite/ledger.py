"""The ledger's face to the event loop, which never waits for the file."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from switchgear.adapters.budgets.steady import SteadyClock
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.item import KeptPolicy
from switchgear.adapters.ledgers.spill import Spill, Spilling
from switchgear.adapters.ledgers.sqlite.budget import SqliteBudgets
from switchgear.adapters.ledgers.sqlite.catalogue import Catalogue
from switchgear.adapters.ledgers.sqlite.checkpoint import Checkpointer
from switchgear.adapters.ledgers.sqlite.prune import prune
from switchgear.adapters.ledgers.sqlite.schema import open_for_writing
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.adapters.ledgers.sqlite.writer import Writer
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query

Value = TypeVar("Value")
NO_JOURNAL = Spilling()


class SqliteLedger:
    """One file, which several processes may share.

    Not kept of a decision are the figures and details of its verdicts: ``decide`` gives them again
    from the ask, the situation and the policy. Spans are rounded to microseconds.

    With a journal, what the file cannot take for a while is kept there, is found all the same, and
    is brought into the file when that can be.
    """

    def __init__(
        self, path: Path, *, durable: bool = True, spilling: Spilling = NO_JOURNAL
    ) -> None:
        """Open the file, made if it is not there.

        Raises:
            LedgerDown: it cannot be used; the message says why.
        """
        self._path = path
        open_for_writing(path, durable=durable).close()
        self._shelf = Shelf(path)
        self._checkpointer = Checkpointer(path)
        self._spill = Spill(path, spilling, SystemClock(), durable=durable)
        written = self._checkpointer.want
        clock = SteadyClock(SystemClock())
        self._writer = Writer(path, self._spill, clock, durable=durable, written=written)
        self._catalogue = Catalogue(self._shelf, self._spill)
        self._reader = ThreadPoolExecutor(1, "ledger-reader")
        self.budgets = SqliteBudgets(self._writer, self._look)
        """In the same file."""

    @property
    def waiting(self) -> int:
        """Rows in the journal that the file has not taken yet."""
        return len(self._spill.waiting)

    @property
    def lost(self) -> int:
        """Calls that were answered though nothing took their row."""
        return self._spill.lost

    async def write(self, entry: Entry) -> None:
        """Keep one call; the row stays even if the waiter is cancelled."""
        await self._writer.write(entry)

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        return await self._read(lambda: self._catalogue.find(entry_id))

    async def list(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first."""
        return await self._read(lambda: self._catalogue.page(query))

    async def keep_policy(self, version: str, document: bytes) -> None:
        """Keep a policy under its version."""
        await self._writer.write(KeptPolicy(version, document))

    async def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        return await self._read(lambda: self._catalogue.find_policy(version))

    async def prune(self, before: UnixMs) -> int:
        """Drop the calls that arrived before a moment; return how many."""
        return await asyncio.to_thread(prune, self._path, before)

    async def aclose(self) -> None:
        """Write all that waits, and close the file."""
        self._writer.stop()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.join()
        self._checkpointer.close()
        self._reader.shutdown()
        self._shelf.close()

    async def _look(self, look: Callable[[Shelf], Value]) -> Value:
        return await self._read(lambda: look(self._shelf))

    async def _read(self, read: Callable[[], Value]) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._reader, read)
