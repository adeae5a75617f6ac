"""Those who wait for a ticket to be decided: bounded, and woken one and all."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from switchgear.domain.errors import Overloaded
from switchgear.domain.units import Seconds

MOST_WAITING = 2_000
"""In one process."""
MOST_OF_KEY = 200
"""Of those, callers with one key."""


class Place:
    """One who waits."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Let it look again."""
        self._event.set()

    async def woken(self, span: Seconds) -> bool:
        """Wait until there is something to look at; False if the time is over first."""
        try:
            async with asyncio.timeout(max(span, 0.0)):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Waiting:
    """Who waits for which ticket, in this process."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._places: dict[str, set[Place]] = {}
        self._of: dict[str, int] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    @contextmanager
    def place(self, name: str, key: str) -> Iterator[Place]:
        """Wait for a ticket, as long as this is entered.

        Raises:
            Overloaded: as many wait as may.
        """
        if self._count >= MOST_WAITING or self._of.get(key, 0) >= MOST_OF_KEY:
            raise Overloaded("As many callers wait for tickets as may; ask without waiting.")
        place = Place()
        self._places.setdefault(name, set()).add(place)
        self._of[key] = self._of.get(key, 0) + 1
        self._count += 1
        try:
            yield place
        finally:
            self._leave(name, key, place)

    def wake(self, name: str) -> None:
        """Let those look again who wait for one ticket."""
        for place in self._places.get(name, ()):
            place.wake()

    def wake_all(self) -> None:
        """Let everybody look again."""
        for name in self._places:
            self.wake(name)

    def _leave(self, name: str, key: str, place: Place) -> None:
        self._count -= 1
        self._of[key] -= 1
        if not self._of[key]:
            del self._of[key]
        self._places[name].discard(place)
        if not self._places[name]:
            del self._places[name]
