"""Beacons of one process: of a node that is alone, or of several that a test lets meet."""

from typing_extensions import override

from switchgear.ports.beacon import Beacon, Hear


class Ether:
    """What several beacons are in; what was said last stays in it."""

    def __init__(self) -> None:
        """Start with nobody there, and nothing said."""
        self.beacons: list[MemoryBeacon] = []
        self.kept: dict[str, bytes] = {}


class MemoryBeacon(Beacon):
    """Tells those in the same ether, at once; by itself it has one of its own."""

    def __init__(self, ether: Ether | None = None) -> None:
        """Come into the ether."""
        self._ether = ether or Ether()
        self._ether.beacons.append(self)
        self._ears: dict[str, Hear] = {}

    @override
    async def tell(self, topic: str, word: bytes) -> bool:
        self._ether.kept[topic] = word
        for each in [each for each in self._ether.beacons if each is not self]:
            await each.hear(topic, word)
        return True

    async def hear(self, topic: str, word: bytes) -> None:
        """Hear what another one says."""
        if topic in self._ears:
            await self._ears[topic](topic, word)

    @override
    async def listen(self, topic: str, hear: Hear) -> None:
        self._ears[topic] = hear
        if topic in self._ether.kept:
            await hear(topic, self._ether.kept[topic])

    @override
    async def aclose(self) -> None:
        self._ears.clear()
        if self in self._ether.beacons:
            self._ether.beacons.remove(self)
