"""What an owner wants done about tasks that go in circles."""

from enum import Enum

import msgspec

RUNGS = ("observe", "nudge", "escalate", "restrict", "pause", "stop")
"""Of the ladder, the lowest first."""


class Stance(Enum):
    """What is done about what is seen. The value is what the config file says."""

    ACT = "act"
    OBSERVE = "observe"
    """It is only written down."""
    OFF = "off"


class Final(Enum):
    """How a client learns that its task was stopped. The value is what the config file says."""

    ERROR = "error"
    """By 422 and the evidence."""
    MESSAGE = "message"
    """By a final answer of ours, for clients that cannot deal with an error."""


class Looping(msgspec.Struct, frozen=True, kw_only=True):
    """How loops are looked for, and how far is gone against them."""

    stance: Stance = Stance.ACT
    """Of all signals: none of them does more than this."""
    highest: str = "stop"
    """Of ``RUNGS``: none above it is climbed."""
    patience: int = 2
    """A rung that was ignored so often is left for the next."""
    final: Final = Final.ERROR
    escalate_to: tuple[str, ...] = ()
    """Target ids, tried first; empty for those that are stronger."""
    poll_tools: tuple[str, ...] = ()
    """Tools that are meant to be called again and again, beside those whose names say so."""
    signals: tuple[tuple[str, Stance], ...] = ()
    """Codes whose stance is not their own default."""
