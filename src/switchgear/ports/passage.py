"""What is passed through: a request whose bytes nobody here reads, and its answer."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Capability
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.ports.upstream import Answer

NEEDS = frozenset({Capability.PASSTHROUGH})
NOTHING_SAID = (Turn(Role.USER, (Text(""),)),)

Take = Callable[[], Awaitable[bytes]]
"""The next part of the request's body; empty at its end."""


class Passed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A request to be passed through. As a body it has no bytes of its own: they only come by."""

    model: str = ""
    """What its JSON names; empty where that is not known."""
    named: str = ""
    """The target that the caller wants, by its id; empty where it does not say."""
    dialect: Dialect
    """In which its errors are worded."""
    method: str
    path: str
    """Below the provider's base URL, beginning with a slash."""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Lower-case names; no credential is among them."""
    length: int | None = 0
    """Bytes of the body; None where that is not known beforehand."""
    take: Take
    json: bytes | None = None
    """The whole body, where it is JSON and has been read."""
    inner: tuple[str, ...] = ()
    """The models that the parts of a batch name."""
    raw: bytes = b""
    stream: bool = False

    @property
    def conversation(self) -> Conversation:
        """Nothing that could be read, and what its target must be there for."""
        return Conversation(model=self.model, turns=NOTHING_SAID, max_output=0, needs=NEEDS)

    def require_limit(self) -> None:
        """Do nothing: there is no answer to limit."""


class PassedAnswer(Answer, Protocol):
    """The answer to it; its pieces hold the target's bytes."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Those of the target's headers that the caller gets; known once it is open."""
        ...


def once(raw: bytes) -> Take:
    """Return what gives a body that is there already."""
    parts = [raw]

    async def take() -> bytes:
        return parts.pop() if parts else b""

    return take
