"""``:countTokens``: what is asked there, and answered.

The request is written flat, as Vertex AI takes it; the plain API wants it inside of
``generateContentRequest``, which is its house's own quirk.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from switchgear.domain.edit import Edit
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.wire.gemini.body import NAMED
from switchgear.wire.gemini.draft import edited, write
from switchgear.wire.strict import members

TAKEN = ("systemInstruction", "tools", "contents")
"""Fields of a request that have to do with its input."""


class Counted(msgspec.Struct, frozen=True):
    """The whole answer, as far as it is read."""

    tokens: Annotated[int, msgspec.Meta(ge=0)] = msgspec.field(name="totalTokens")


_decode = msgspec.json.Decoder(Counted).decode
_encode = msgspec.json.Encoder().encode


class GeminiCounter:
    """The endpoint, as ``wire.tongue`` wants it."""

    def write(self, conversation: Conversation, edits: Sequence[Edit]) -> bytes:
        """Return the request that asks for the count."""
        written = members(write(conversation, edits)[0])
        model, _ = edited(conversation, edits)
        taken = {name: written[name] for name in TAKEN if name in written}
        return _encode({"model": NAMED + model, **taken})

    def write_answer(self, tokens: Tokens) -> bytes:
        """Return the answer that tells a count."""
        return _encode(Counted(tokens))

    def read(self, raw: bytes) -> Tokens:
        """Return the input tokens that a target counted.

        Raises:
            UpstreamGarbled: it is no such answer.
        """
        try:
            return Tokens(_decode(raw).tokens)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise UpstreamGarbled("The target's token count could not be read.") from None
