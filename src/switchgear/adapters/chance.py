"""The machine's chance, and one that tests can repeat."""

import os
import random
from threading import Lock

STORE = 1024
"""Bytes fetched at once."""


class SystemChance:
    """Unguessable bits from the operating system; fast draws from a generator.

    The bits are fetched for many ids at once: to ask the system costs as much as ten ids.
    """

    def __init__(self) -> None:
        """Fetch nothing yet."""
        self._store = b""
        self._process = 0
        """Whose they are: a child that was forked off must not use them too."""
        self._lock = Lock()

    def bits(self, count: int) -> int:
        """Return unguessable random bits, which nobody else gets."""
        size = -(-count // 8)
        with self._lock:
            process = os.getpid()
            if len(self._store) < size or process != self._process:
                self._store, self._process = os.urandom(max(STORE, size)), process
            some, self._store = self._store[:size], self._store[size:]
        return int.from_bytes(some) >> (-count % 8)

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
