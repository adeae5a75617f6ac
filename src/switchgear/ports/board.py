"""Where the halts of one machine are posted, so that they outlive its processes."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from switchgear.domain.halt import Halt


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a word that was said here; it is in force here in any case."""

    halt: Halt
    posted: bool
    """It outlives this process."""
    told: bool
    """The other nodes have been told; if not, that is tried again."""


class Board(Protocol):
    """What is posted is seen by every process of the machine, and by whoever starts later.

    Anybody may post: what others have posted meanwhile stays.
    """

    def look(self) -> tuple[Halt, ...] | None:
        """Return all that is posted; None when that is what it was at the last look.

        It takes no longer than a look at a file's date.

        Raises:
            HaltsUnknown: it cannot be known; nobody may take that for "nothing is stopped".
        """
        ...

    async def post(self, halts: Iterable[Halt]) -> None:
        """Add words to what is posted.

        Raises:
            HaltsUnknown: they are not posted.
        """
        ...
