"""Who is told what happened."""

from typing import Protocol

from switchgear.domain.entry import Entry


class Signals(Protocol):
    """Told of every call, once, when it has ended."""

    def observe(self, entry: Entry) -> None:
        """Take note of one call; it must not wait."""
        ...
