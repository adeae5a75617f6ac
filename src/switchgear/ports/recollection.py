"""Where answers are kept that callers go on from by their id."""

from typing import Protocol

import msgspec

from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation, Turn
from switchgear.domain.units import UnixMs


class Owner(msgspec.Struct, frozen=True, gc=False, order=True):
    """Whose an answer is. Nobody else ever finds it."""

    key: str = ""
    tenant: str = ""


class Recollection(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, and all that led to it."""

    id: str
    """As the caller has it."""
    at: UnixMs
    """When its call came."""
    decision: str
    """The call's decision id."""
    earlier: tuple[Turn, ...] = ()
    """What was said before the call, down from the beginning."""
    asked: Conversation
    """The call's own request; its ``previous`` is the answer that ``earlier`` ends with."""
    answer: tuple[Turn, ...]
    """What was answered, as it is said again to whoever must be told."""
    events: tuple[Event, ...] = ()
    """The same as events, where ``raw`` is not there."""
    raw: bytes = b""
    """The answer in the caller's own dialect, as a target wrote it: the whole body, or the last
    frame of a stream."""
    stream: bool = False
    """``raw`` is the last frame of a stream."""
    target: str = ""
    """Who answered; empty unless its provider holds the answer too."""
    provider: str = ""
    """Who holds the answer too; empty when nobody does."""

    @property
    def input(self) -> tuple[Turn, ...]:
        """What the call itself said, without what held for it alone."""
        return self.asked.turns[self.asked.instructions :]

    @property
    def whole(self) -> tuple[Turn, ...]:
        """All that was said, the answer included."""
        return (*self.earlier, *self.input, *self.answer)


class Recollections(Protocol):
    """Answers of a while. What is found is what was kept; what does not fit is forgotten."""

    async def keep(self, owner: Owner, new: Recollection) -> None:
        """Keep one answer; who looks for it from now on finds it, until it is too old or too much.

        What it has in common with the answer that it goes on from is kept only once.
        """
        ...

    async def find(self, owner: Owner, name: str) -> Recollection | None:
        """Return one answer of this owner's, and count its age anew."""
        ...

    async def forget(self, owner: Owner, name: str) -> bool:
        """Forget one answer of this owner's, or say that there is none.

        Answers that went on from it can still be gone on from.
        """
        ...

    async def aclose(self) -> None:
        """Bring all that waits to where it is kept, and close."""
        ...
