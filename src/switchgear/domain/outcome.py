"""What became of a decision: how its answer did, as somebody or something said later."""

from enum import Enum

import msgspec

from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs


class Fitness(Enum):
    """How the target that was chosen fitted the call."""

    GOOD_FIT = "good_fit"
    UNDERPOWERED = "underpowered"
    """It was too weak: a stronger one was needed."""
    OVERPROVISIONED = "overprovisioned"
    """It did well, and a cheaper one would have."""
    FAILED = "failed"
    """Its answer was of no use, and it is not said that a stronger one's would have been."""


class Source(Enum):
    """Who or what said it. The value is what the ledger keeps."""

    USER = "user"
    """The person who was answered: thumbs."""
    HUMAN = "human"
    """A person whose work it is to judge: a reviewer, or who decided a ticket."""
    LABEL = "label"
    """Somebody who marked decisions at the terminal."""
    EVAL = "eval"
    """A test that knows the right answer, or a judge."""
    IMPORT = "import"
    """A file."""
    VALIDATOR = "validator"
    """Our own check of the answer's form."""
    RETRY = "retry"
    """The user asked the same again."""
    ESCALATION = "escalation"
    """The call went up a tier."""
    LOOP = "loop"
    """Its task went in circles after it."""


IMPLICIT = frozenset({Source.VALIDATOR, Source.RETRY, Source.ESCALATION, Source.LOOP})
"""Seen by ourselves; what is said by others weighs more."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was said of one decision; later ones may say otherwise."""

    id: str
    """Unique within the decision: what comes twice under one id counts once."""
    decision: str
    at: UnixMs
    """When it was said."""
    source: Source
    score: float | None = None
    """How good the answer was, 0 to 1; None where only the fit is said."""
    verdict: Fitness | None = None
    override: str = ""
    """The target that a person would have chosen, or did choose; ``human`` for a person."""
    tool: bool | None = None
    """Whether it chose the right tool; None where that is not said."""
    by: str = ""
    """Id of the key that said it; empty on an open server, and for ourselves."""
    target: str = ""
    """Whose answer it is about; empty for the target that answered."""
    served: Tier | None = None
    """Tier of that target when it was said; None where nobody knew."""
    wanted: Tier | None = None
    """Tier of the override, likewise."""
