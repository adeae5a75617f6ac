"""The file and the journal, read as one."""

from switchgear.adapters.ledgers.merge import Merge
from switchgear.adapters.ledgers.spill import Spill
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.domain.entry import Entry
from switchgear.ports.ledger import Query


class Catalogue:
    """Looks first at what waits: what is brought into the file meanwhile is found there."""

    def __init__(self, shelf: Shelf, spill: Spill) -> None:
        """Take both."""
        self._shelf = shelf
        self._spill = spill

    def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        return self._spill.find(entry_id) or self._shelf.find(entry_id)

    def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        waiting = self._spill.find_policy(version)
        return self._shelf.find_policy(version) if waiting is None else waiting

    def page(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first; of one moment, those that wait are newer."""
        waiting = self._spill.entries()
        if not waiting:
            return self._shelf.page(query)
        last = self.find(query.before) if query.before else None
        if query.before and last is None:
            return ()
        merge = Merge(waiting, query, last)
        return merge.page(self._shelf.page(merge.within))
