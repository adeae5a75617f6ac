"""CountTokens: what is asked there of a Converse request, and answered."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from switchgear.domain.edit import Edit
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.wire.bedrock_converse import draft
from switchgear.wire.strict import members

TAKEN = ("messages", "system", "toolConfig", "additionalModelRequestFields")
"""Fields of a request that have to do with its input; the operation takes no others."""


class Counted(msgspec.Struct, frozen=True, rename="camel"):
    """The whole answer."""

    input_tokens: Annotated[int, msgspec.Meta(ge=0)]


_decode = msgspec.json.Decoder(Counted).decode
_encode = msgspec.json.Encoder().encode


class ConverseCounter:
    """The operation, as ``wire.tongue`` wants it."""

    def write(self, conversation: Conversation, edits: Sequence[Edit]) -> bytes:
        """Return the request that asks for the count."""
        written = members(draft.write(conversation, edits)[0])
        return _encode({"input": {"converse": {it: written[it] for it in TAKEN if it in written}}})

    def write_answer(self, tokens: Tokens) -> bytes:
        """Return the answer that tells a count."""
        return _encode(Counted(tokens))

    def read(self, raw: bytes) -> Tokens:
        """Return the input tokens that a target counted.

        Raises:
            UpstreamGarbled: it is no such answer.
        """
        try:
            return Tokens(_decode(raw).input_tokens)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise UpstreamGarbled("The target's token count could not be read.") from None
