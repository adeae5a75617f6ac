"""``/v1/responses/input_tokens``: what is asked there, and answered."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from switchgear.domain.edit import Edit
from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.wire.openai_responses import compose
from switchgear.wire.strict import members

TAKEN = (
    "model",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "text",
    "reasoning",
    "input",
)
"""Fields of a request that have to do with its input; the endpoint takes no limits."""


class Counted(msgspec.Struct, frozen=True):
    """The whole answer."""

    input_tokens: Annotated[int, msgspec.Meta(ge=0)]


_decode = msgspec.json.Decoder(Counted).decode
_encode = msgspec.json.Encoder().encode


class ResponsesCounter:
    """The endpoint, as ``wire.tongue`` wants it."""

    def write(self, conversation: Conversation, edits: Sequence[Edit]) -> bytes:
        """Return the request that asks for the count."""
        written = members(compose.write(conversation, edits)[0])
        return _encode({name: written[name] for name in TAKEN if name in written})

    def write_answer(self, tokens: Tokens) -> bytes:
        """Return the answer that tells a count."""
        return _encode({"object": "response.input_tokens", "input_tokens": tokens})

    def read(self, raw: bytes) -> Tokens:
        """Return the input tokens that a target counted.

        Raises:
            UpstreamGarbled: it is no such answer.
        """
        try:
            return Tokens(_decode(raw).input_tokens)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise UpstreamGarbled("The target's token count could not be read.") from None
