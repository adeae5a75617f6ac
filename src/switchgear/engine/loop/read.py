"""Reads from a conversation what happened in it that is not known yet."""

from switchgear.domain.turn import Conversation
from switchgear.engine.loop.move import Kind, Move
from switchgear.engine.loop.ring import Ring


def moves_of(talk: Conversation, ring: Ring, agent: str = "") -> tuple[Move, ...]:
    """Return what is in the conversation and not in the ring, oldest first.

    ``agent`` is who calls, as far as that is known.
    """
    _ = talk, ring, agent
    return ()


def refusal_of(talk: Conversation, ring: Ring, agent: str = "") -> Move:
    """Return the move of our own final refusal of a request; add it to the ring then.

    A refusal that says when to come again is none: it is not futile to obey it.
    """
    _ = talk, ring
    return Move(kind=Kind.REFUSAL, agent=agent)


def handoff_of(sender: str, receiver: str, ring: Ring) -> Move:
    """Return the move of a hand-off that we were told of in so many words."""
    _ = ring
    return Move(kind=Kind.HANDOFF, agent=sender, to=receiver)
