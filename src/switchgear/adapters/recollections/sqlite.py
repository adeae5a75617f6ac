"""Kept answers that outlive the process: in memory, with a file that follows."""

from pathlib import Path

from typing_extensions import override

from switchgear.adapters.recollections.copyist import Copyist
from switchgear.adapters.recollections.shelf import Bounds, Change, Shelf
from switchgear.ports.clock import Clock
from switchgear.ports.recollection import Owner, Recollection, Recollections


class SqliteRecollections(Recollections):
    """A shelf, and a file that it is filled from at the start.

    Callers only meet the shelf: the file is written behind, by a thread. What a process that is
    killed had not written yet, some milliseconds' worth, is forgotten.
    """

    def __init__(self, bounds: Bounds, clock: Clock, path: Path) -> None:
        """Read the file, which is made if it is not there.

        Raises:
            LedgerDown: it cannot be used.
        """
        self.shelf = Shelf(bounds)
        self._clock = clock
        self._copyist = Copyist(path, clock)
        self._follow(self._copyist.fill(self.shelf))
        self._copyist.start()

    @override
    async def keep(self, owner: Owner, new: Recollection) -> None:
        self._follow(self.shelf.keep(owner, new, self._clock.now()))

    @override
    async def find(self, owner: Owner, name: str) -> Recollection | None:
        found, change = self.shelf.find(owner, name, self._clock.now())
        self._follow(change)
        return found

    @override
    async def forget(self, owner: Owner, name: str) -> bool:
        there, change = self.shelf.forget(owner, name, self._clock.now())
        self._follow(change)
        return there

    @override
    async def aclose(self) -> None:
        await self._copyist.aclose()

    def _follow(self, change: Change) -> None:
        if change.slot or change.gone or change.loose:
            self._copyist.write(change)
