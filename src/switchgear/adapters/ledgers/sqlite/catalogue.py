"""The file and the journal, read as one."""

import msgspec

from switchgear.adapters.ledgers.spill import Spill
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import MOST_ROWS, Query


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
        return self._merged(waiting, query) if waiting else self._shelf.page(query)

    def _merged(self, waiting: list[Entry], query: Query) -> tuple[Entry, ...]:
        places = {each.id: place for place, each in enumerate(waiting)}
        within = query
        if query.before:
            last = self.find(query.before)
            if last is None:
                return ()
            place = places.get(last.id, -1)
            waiting = [it for it in waiting if (it.at, places[it.id]) < (last.at, place)]
            if place >= 0:
                until = last.at + 1 if query.until is None else min(query.until, last.at + 1)
                within = msgspec.structs.replace(query, before="", until=UnixMs(until))
        fitting = [msgspec.structs.replace(it, request=None) for it in waiting if query.fits(it)]
        fitting.sort(key=lambda it: (it.at, places[it.id]), reverse=True)
        found = [it for it in self._shelf.page(within) if it.id not in places]
        # Sorting keeps the order of equals, so those that wait stay before those of the file.
        page = sorted([*fitting, *found], key=lambda it: it.at, reverse=True)
        return tuple(page[: min(query.limit, MOST_ROWS)])
