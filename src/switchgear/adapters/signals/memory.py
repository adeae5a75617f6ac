"""Signals that are only remembered."""

from collections import deque

from switchgear.domain.entry import Entry

MOST_ENTRIES = 1000


class MemorySignals:
    """The last entries, for tests and for an app that is not scraped."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)

    def observe(self, entry: Entry) -> None:
        """Take note of one call."""
        self.entries.append(entry)
