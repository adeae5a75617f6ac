"""A page of entries of which some wait in a journal."""

import msgspec

from switchgear.domain.entry import Entry
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import MOST_ROWS, Query


class Merge:
    """What is asked of the database, and the page that comes of it and of what waits."""

    def __init__(self, waiting: list[Entry], query: Query, last: Entry | None) -> None:
        """Take what waits, oldest first, and the entry that the page before ended with, if any."""
        self._query = query
        self._places = {each.id: place for place, each in enumerate(waiting)}
        self.within = query
        """What to ask the database for."""
        if last is not None:
            place = self._places.get(last.id, -1)
            waiting = [it for it in waiting if (it.at, self._places[it.id]) < (last.at, place)]
            if place >= 0:
                until = last.at + 1 if query.until is None else min(query.until, last.at + 1)
                self.within = msgspec.structs.replace(query, before="", until=UnixMs(until))
        self._fitting = [
            msgspec.structs.replace(it, request=None) for it in waiting if query.fits(it)
        ]
        self._fitting.sort(key=lambda it: (it.at, self._places[it.id]), reverse=True)

    def page(self, found: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Return the page, newest first; of one moment, those that wait are newer."""
        kept = [it for it in found if it.id not in self._places]
        # Sorting keeps the order of equals, so those that wait stay before those of the database.
        page = sorted([*self._fitting, *kept], key=lambda it: it.at, reverse=True)
        return tuple(page[: min(self._query.limit, MOST_ROWS)])
