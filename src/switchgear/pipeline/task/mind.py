"""The tasks that one process has in mind, of which there are never too many."""

from collections import OrderedDict
from collections.abc import Iterator

from switchgear.pipeline.task.live import Live

MOST_LIVE = 8_000
"""Tasks that are kept in mind; of the others the store knows what it was told. One takes 1 kB, and
up to 25 kB more when its last 64 moves are known."""
MOST_PARTING = 1000
"""Those that are out of mind, and of which the store has still to be told."""


class Mind:
    """Forgets what was longest out of use, and last what is still to be kept."""

    def __init__(self, most: int = MOST_LIVE) -> None:
        """Start with no task in mind."""
        self._most = most
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._pile: dict[str, Live] = {}

    def __len__(self) -> int:
        """How many are in mind."""
        return len(self._live)

    def __iter__(self) -> Iterator[Live]:
        """All of them, the longest out of use first."""
        return iter(self._live.values())

    def known(self, name: str) -> Live | None:
        """Return a task that is in mind; it is in use."""
        live = self._live.get(name)
        if live is not None:
            self._live.move_to_end(name)
            return live
        live = self._pile.get(name)
        return None if live is None else self.add(live)

    def peek(self, name: str) -> Live | None:
        """Return a task that is in mind, or parting; that does not make it one in use."""
        return self._live.get(name) or self._pile.get(name)

    def add(self, live: Live) -> Live:
        """Know a task; return the one of that id that is known already, if there is one."""
        name = live.task.id
        there = self._live.setdefault(name, self._pile.get(name) or live)
        if there is live:
            live.pile = self._pile
            if live.dirty and live.worth:
                self._pile[name] = live
        if len(self._live) > self._most:
            oldest, _ = self._live.popitem(last=False)
            if len(self._pile) > self._most + MOST_PARTING:
                self._pile.pop(oldest, None)
        return there

    def unkept(self) -> list[Live]:
        """Return those of which the store is to be told, the longest waiting first.

        One that is not worth it yet is forgotten here; it is heard of again with its next call.
        """
        for each in list(self._pile.values()):
            if not (each.dirty and each.worth):
                self.part(each)
        return list(self._pile.values())

    def part(self, live: Live) -> None:
        """Let go of one that the store has been told of."""
        self._pile.pop(live.task.id, None)
