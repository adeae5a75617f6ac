"""Kept answers that are gone when the process ends."""

from typing_extensions import override

from switchgear.adapters.recollections.shelf import Bounds, Shelf
from switchgear.ports.clock import Clock
from switchgear.ports.recollection import Owner, Recollection, Recollections


class MemoryRecollections(Recollections):
    """A shelf and nothing behind it."""

    def __init__(self, bounds: Bounds, clock: Clock) -> None:
        """Start with nothing kept."""
        self.shelf = Shelf(bounds)
        self._clock = clock

    @override
    async def keep(self, owner: Owner, new: Recollection) -> None:
        self.shelf.keep(owner, new, self._clock.now())

    @override
    async def find(self, owner: Owner, name: str) -> Recollection | None:
        return self.shelf.find(owner, name, self._clock.now())[0]

    @override
    async def forget(self, owner: Owner, name: str) -> bool:
        return self.shelf.forget(owner, name, self._clock.now())[0]

    @override
    async def aclose(self) -> None:
        """Do nothing; what was kept can still be found."""
