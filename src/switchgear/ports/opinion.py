"""The owner's own word on an answer: functions of theirs that say how good it is."""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec
from typing_extensions import override

from switchgear.domain.turn import Conversation


class Viewed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An answer as a function sees it, with what it answers."""

    text: str
    """Its words."""
    calls: tuple[tuple[str, str], ...] = ()
    """The tools that it asks for: name, and arguments as JSON text."""
    talk: Conversation
    """What it answers."""
    facts: dict[str, Any] = {}
    """Of the call: plain values, such as ``target``, ``agent`` or ``metadata``."""


class Opinions(Protocol):
    """Where functions are asked. It never raises: a function that fails has no opinion."""

    def expect(self, names: Iterable[str]) -> None:
        """Find these functions now, each ``module:name``, beside those of before.

        Raises:
            ValueError: there is no such function; nothing has changed.
        """
        ...

    async def ask(self, name: str, viewed: Viewed) -> float | None:
        """Return how good an answer is, 0 to 1; None where that is not said, or not in time."""
        ...

    def close(self) -> None:
        """Ask nobody any more."""
        ...


class NoOpinions(Opinions):
    """Nobody is asked: the owner has no functions."""

    @override
    def expect(self, names: Iterable[str]) -> None:
        """Do nothing."""

    @override
    async def ask(self, name: str, viewed: Viewed) -> float | None:
        """Say nothing."""
        return None

    @override
    def close(self) -> None:
        """Do nothing."""
