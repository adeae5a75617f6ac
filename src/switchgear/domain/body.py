"""A request body, in whatever dialect it came."""

from typing import Protocol

from switchgear.domain.dialect import Dialect
from switchgear.domain.turn import Conversation


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
