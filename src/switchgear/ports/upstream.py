"""A way to call a target."""

from typing import Protocol

import msgspec

from switchgear.domain.attempt import Sent
from switchgear.domain.body import Body
from switchgear.domain.dialect import Dialect
from switchgear.domain.drawn import Drawn
from switchgear.domain.edit import Edit
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.piece import Piece, Place
from switchgear.domain.rate import Quota
from switchgear.domain.target import Target

__all__ = ["Answer", "Endpoint", "Order", "Upstream"]


class Order(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One request to one target."""

    target: Target
    body: Body
    """In the caller's dialect; the adapter translates where the target speaks another."""
    edits: tuple[Edit, ...] = ()
    endpoint: Endpoint = Endpoint.ANSWER
    headers: tuple[tuple[str, str], ...] = ()
    """Lower-case names and values that belong to the caller's dialect, such as
    ``anthropic-beta``: sent only to a target that speaks it."""


class Answer(Protocol):
    """A request and its answer. Whoever holds it closes it; nothing is sent before ``open``."""

    @property
    def dialect(self) -> Dialect | None:
        """Of the raw bytes in the pieces; None where there are only events."""
        ...

    @property
    def stream(self) -> bool:
        """Whether the pieces are frames of a stream, not one whole body."""
        ...

    @property
    def dropped(self) -> tuple[str, ...]:
        """What the translation of the request could not carry."""
        ...

    @property
    def sent(self) -> Sent:
        """How much of the request is known to have left."""
        ...

    @property
    def status(self) -> int:
        """The target's HTTP status; 0 until there is one."""
        ...

    @property
    def broken(self) -> int:
        """How many frames could not be read, and were left out."""
        ...

    @property
    def foreign(self) -> bool:
        """Whether it held content that our events do not know, so that nobody can go on from it."""
        ...

    @property
    def place(self) -> Place | None:
        """Where the bytes end that were read; None where the events tell it all."""
        ...

    @property
    def quota(self) -> Quota | None:
        """What the target says that it still takes from us; None where it does not say."""
        return None

    def drawn(self, raw: bytes) -> tuple[Drawn, ...]:
        """Return how likely the tokens of an answer of its own were, by what the target told.

        Nothing where it told nothing, or its dialect has no words for it.
        """
        del raw
        return ()

    async def open(self) -> None:
        """Send the request, and return when the target has begun to answer it well.

        Raises:
            UpstreamError: it could not be sent, or the target refused it.
        """
        ...

    async def read(self) -> Piece | None:
        """Return the next piece, or None after the one that finished.

        Raises:
            UpstreamError: the answer broke off, or is not of the target's dialect.
        """
        ...

    def close(self, error: SwitchgearError | None = None) -> None:
        """End it now: the connection is closed if the answer has not ended, else kept for reuse.

        A task that waits in ``open`` or ``read`` gets ``error``, or ReplyClosed.
        """
        ...


class Upstream(Protocol):
    """Where answers come from."""

    def begin(self, order: Order) -> Answer:
        """Return the answer to be, with nothing sent yet."""
        ...
