"""What every provider of vectors is spoken to with: one form for each dialect."""

from typing import Protocol

import msgspec

from switchgear.domain.event import Usage
from switchgear.wire.embedding.body import EmbeddingBody

CHARS_PER_TOKEN = 4
"""For a caller that must be told a count where the target told none."""


class Vectors(msgspec.Struct, frozen=True):
    """A target's answer, as its caller gets it."""

    raw: bytes
    """In OpenAI's shape, with each vector in the form that was asked for."""
    usage: Usage | None
    """None where the target did not tell."""
    dropped: tuple[str, ...] = ()
    """What was asked for, and the target has passed over."""


class Embedder(Protocol):
    """One dialect's way of asking for vectors."""

    def write(self, body: EmbeddingBody, model: str) -> tuple[bytes, tuple[str, ...]]:
        """Return the request, and the names of what it could not carry.

        Raises:
            NothingFits: it could not carry the texts themselves.
        """
        ...

    def read(self, raw: bytes, body: EmbeddingBody, model: str) -> Vectors:
        """Return the answer as the caller gets it.

        Raises:
            UpstreamGarbled: it is none, or has not one vector for each text.
        """
        ...


def guessed(body: EmbeddingBody) -> int:
    """Return about how many tokens the texts of a request have."""
    turns = body.conversation.turns
    return sum(len(getattr(turn.parts[0], "text", "")) // CHARS_PER_TOKEN + 1 for turn in turns)
