"""A board that is forgotten when the process ends."""

from collections.abc import Iterable

from typing_extensions import override

from switchgear.domain.halt import Halt
from switchgear.engine.halt import Halts, merged
from switchgear.ports.board import Board


class MemoryBoard(Board):
    """For tests, and for a gateway that keeps nothing."""

    def __init__(self) -> None:
        """Start with nothing posted."""
        self._posted: Halts = {}
        self._seen: Halts | None = None

    @override
    def look(self) -> tuple[Halt, ...] | None:
        if self._seen is not None and self._seen == self._posted:
            return None
        self._seen = self._posted
        return tuple(self._posted.values())

    @override
    async def post(self, halts: Iterable[Halt]) -> None:
        self._posted = merged(self._posted, halts)
