"""One try at one target, as the ledger keeps it."""

from enum import Enum

import msgspec

from switchgear.domain.event import Stop, Usage
from switchgear.domain.units import NanoUsd, Seconds, Tokens


class Sent(Enum):
    """How much of a request is known to have left: it decides what may be sent again."""

    NEVER = "never"
    """No byte was written: it certainly cost nothing."""
    UNHEARD = "unheard"
    """Written to a reused connection that then died without one byte: replayed once."""
    MAYBE = "maybe"
    """Written; the target may have worked on it, and billed it."""
    HEARD = "heard"
    """An answer came."""


class Role(Enum):
    """Why an attempt was made."""

    FIRST = "first"
    RETRY = "retry"
    """The same target once more."""
    FALLBACK = "fallback"
    """The next target, after one failed."""
    HEDGE = "hedge"
    """Beside one that takes longer than it nearly always does."""
    RESCUE = "rescue"
    """To go on with an answer that broke off."""
    ESCALATION = "escalation"
    """A stronger target, because the answer of the one before was not good enough."""


class Attempt(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What one try came to."""

    target: str
    role: Role = Role.FIRST
    model: str
    """As it was asked for at the provider."""
    code: str = ""
    """Error code; empty when it answered to the end."""
    status: int = 0
    """The target's HTTP status; 0 when none came."""
    sent: Sent = Sent.NEVER
    began: Seconds
    """After the call's arrival."""
    first_content: Seconds | None = None
    """After ``began``; None when no content came."""
    took: Seconds
    """From ``began`` to the end."""
    usage: Usage | None = None
    """None when the target did not tell."""
    expected_input: Tokens = Tokens(0)
    """Our estimate of the input for this target, made before it was sent."""
    estimated: bool = False
    """The usage is ours, because the target did not tell."""
    cost: NanoUsd = NanoUsd(0)
    stop: Stop | None = None
    dropped: tuple[str, ...] = ()
    """What the translation to this target could not carry."""
    note: str = ""
    """What the target said was wrong, shortened; never content."""
    broken: int = 0
    """Events of its stream that could not be read, and were left out."""
    flaw: str = ""
    """Why an answer that came to its end is of no use; empty when it is."""
