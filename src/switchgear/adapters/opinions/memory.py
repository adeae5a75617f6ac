"""Opinions that are known beforehand: the memory twin, for tests."""

import asyncio
from collections.abc import Iterable, Mapping

from typing_extensions import override

from switchgear.ports.opinion import Opinions, Viewed


class MemoryOpinions(Opinions):
    """Says of each text what it was told to."""

    def __init__(self, said: Mapping[str, float] | None = None) -> None:
        """Take the opinion on each text; of others there is none."""
        self._said = dict(said or {})
        self._known: frozenset[str] = frozenset()
        self.asked: list[tuple[str, Viewed]] = []

    @override
    def expect(self, names: Iterable[str]) -> None:
        wanted = frozenset(names)
        for name in wanted:
            if ":" not in name:
                raise ValueError(f"there is no function {name}")
        self._known |= wanted

    @override
    async def ask(self, name: str, viewed: Viewed) -> float | None:
        self.asked.append((name, viewed))
        await asyncio.sleep(0)
        return self._said.get(viewed.text) if name in self._known else None

    @override
    def close(self) -> None:
        self._known = frozenset()
