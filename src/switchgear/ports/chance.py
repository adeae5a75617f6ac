"""Chance, as an argument."""

from typing import Protocol


class Chance(Protocol):
    """Where draws come from."""

    def bits(self, count: int) -> int:
        """Return ``count`` unguessable random bits."""
        ...

    def draw(self) -> float:
        """Return a uniform draw from [0, 1); not for secrets."""
        ...
