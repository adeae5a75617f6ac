"""Answers of ``/v1/messages/count_tokens``."""

from typing import Annotated

import msgspec

from switchgear.domain.errors import UpstreamGarbled
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens


class Counted(msgspec.Struct, frozen=True):
    """The whole answer."""

    input_tokens: Annotated[int, msgspec.Meta(ge=0)]


_decode = msgspec.json.Decoder(Counted).decode


def read_count(raw: bytes) -> Usage:
    """Return the input tokens that a target counted.

    Raises:
        UpstreamGarbled: it is no such answer.
    """
    try:
        return Usage(input=Tokens(_decode(raw).input_tokens))
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise UpstreamGarbled("The target's token count could not be read.") from None


def write_count(tokens: Tokens) -> bytes:
    """Return the answer that tells this count."""
    return msgspec.json.encode(Counted(tokens))
