"""Orders and a plain body, for tests of upstreams."""

import msgspec

from support.cast import target
from switchgear.domain.dialect import Dialect
from switchgear.domain.target import Target
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.ports.upstream import Order


class PlainBody(msgspec.Struct, frozen=True):
    """A body that is what it is told to be."""

    raw: bytes = b"{}"
    stream: bool = False
    model: str = "auto"
    dialect: Dialect = Dialect.OPENAI_CHAT

    @property
    def conversation(self) -> Conversation:
        turns = (Turn(Role.USER, (Text("hello"),)),)
        return Conversation(model=self.model, stream=self.stream, turns=turns)

    def require_limit(self) -> None:
        """It needs none."""


def make_order(
    to: str | Target, *, stream: bool, raw: bytes = b"{}", dialect: Dialect = Dialect.OPENAI_CHAT
) -> Order:
    at = target(to) if isinstance(to, str) else to
    return Order(target=at, body=PlainBody(raw=raw, stream=stream, dialect=dialect))
