"""A request body, in whatever dialect it came."""

from typing import Protocol

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Conversation, Turn


class Body(Protocol):
    """What the rest of the house may know of a request body; implemented in ``wire``."""

    @property
    def dialect(self) -> Dialect:
        """The wire format that it came in."""
        ...

    @property
    def raw(self) -> bytes:
        """The caller's exact bytes."""
        ...

    @property
    def model(self) -> str:
        """What the caller asked for."""
        ...

    @property
    def stream(self) -> bool:
        """Whether the caller wants the answer as it comes."""
        ...

    @property
    def conversation(self) -> Conversation:
        """The request in our words; read once, then kept."""
        ...

    def require_limit(self) -> None:
        """Check that the caller named a limit for the answer, where its dialect demands one.

        Raises:
            MalformedBody: it did not; a request that only counts tokens need not.
        """
        ...


class Recalled(msgspec.Struct, frozen=True, gc=False):
    """A body that goes on from an earlier answer, with all that was said until then."""

    own: Body
    """As it came: it only names that answer."""
    turns: tuple[Turn, ...]
    """What was said until then, that answer included."""
    conversation: Conversation
    """The whole: ``turns`` and its own, and no ``previous``."""
    target: str = ""
    """Who gave that answer; empty unless its provider holds it."""
    provider: str = ""
    """Who holds it, and so needs to be told nothing again; empty when nobody does."""

    @property
    def dialect(self) -> Dialect:
        """The wire format that it came in."""
        return self.own.dialect

    @property
    def raw(self) -> bytes:
        """The caller's exact bytes."""
        return self.own.raw

    @property
    def model(self) -> str:
        """What the caller asked for."""
        return self.own.model

    @property
    def stream(self) -> bool:
        """Whether the caller wants the answer as it comes."""
        return self.own.stream

    def require_limit(self) -> None:
        """Check what its own body checks."""
        self.own.require_limit()
