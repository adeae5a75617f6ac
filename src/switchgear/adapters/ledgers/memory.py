"""A ledger that forgets when the process ends."""

import msgspec

from switchgear.adapters.budgets.memory import MemoryBudgets
from switchgear.adapters.clock import SystemClock
from switchgear.domain.entry import Entry
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import MOST_ROWS, Query


class MemoryLedger:
    """A dict of entries, of which the oldest go first when it is full."""

    def __init__(self, most: int = 100_000, clock: Clock | None = None) -> None:
        """Start empty; ``most`` entries are kept. The clock is for the budgets."""
        self.budgets = MemoryBudgets(clock or SystemClock())
        self.entries: dict[str, Entry] = {}
        self.policies: dict[str, bytes] = {}
        self._most = most

    async def write(self, entry: Entry) -> None:
        """Keep one call; a second with the same id is an error."""
        if entry.id in self.entries:
            raise ValueError(f"decision {entry.id} is already on the ledger")
        self.budgets.book.settle(entry.charges)
        if len(self.entries) >= self._most:
            del self.entries[next(iter(self.entries))]
        self.entries[entry.id] = msgspec.structs.replace(entry, charges=())

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        return self.entries.get(entry_id)

    async def list(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first."""
        written = enumerate(self.entries.values())
        dated = sorted(((each.at, place, each) for place, each in written), reverse=True)
        newest_first = [each for _, _, each in dated]
        if query.before:
            ids = [each.id for each in newest_first]
            place = ids.index(query.before) if query.before in ids else len(ids)
            newest_first = newest_first[place + 1 :]
        fitting = [each for each in newest_first if query.fits(each)]
        page = fitting[: min(query.limit, MOST_ROWS)]
        return tuple(msgspec.structs.replace(each, request=None) for each in page)

    async def keep_policy(self, version: str, document: bytes) -> None:
        """Keep a policy under its version."""
        self.policies[version] = document

    async def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        return self.policies.get(version)

    async def aclose(self) -> None:
        """Do nothing; what was kept stays readable."""
