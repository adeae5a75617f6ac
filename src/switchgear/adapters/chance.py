"""The machine's chance, and one that tests can repeat."""

import os
import random


class SystemChance:
    """Unguessable bits from the operating system; fast draws from a generator."""

    def bits(self, count: int) -> int:
        """Return unguessable random bits."""
        return int.from_bytes(os.urandom(-(-count // 8))) >> (-count % 8)

    def draw(self) -> float:
        """Return a uniform draw; fast, and not for secrets."""
        return random.random()  # noqa: S311  (not for secrets: those are bits)


class SeededChance:
    """The same bits and draws every time, for tests and replays."""

    def __init__(self, seed: int = 0) -> None:
        """Start the sequence of ``seed``."""
        self._random = random.Random(seed)  # noqa: S311  (to be repeated)

    def bits(self, count: int) -> int:
        """Return the next bits of the sequence."""
        return self._random.getrandbits(count)

    def draw(self) -> float:
        """Return the next draw of the sequence."""
        return self._random.random()
