"""What was chosen, and why each other target was not."""

from enum import Enum

import msgspec

from switchgear.domain.target import Tier
from switchgear.domain.units import NanoUsd, Seconds


class Reason(Enum):
    """Why a target is or is not in the plan. The value is one letter, stored on the ledger."""

    CHOSEN = "C"
    """First in the plan."""
    FALLBACK = "F"
    """In the plan, tried when those before it fail."""
    NOT_ASKED = "a"
    """The alias, or the name that was asked for, does not include it."""
    NOT_ALLOWED = "k"
    """The key may not use it."""
    RULED_OUT = "r"
    """The policy rule that matched leaves it out."""
    INCAPABLE = "c"
    """It lacks a capability that the call needs."""
    TOO_SMALL = "w"
    """Input and output do not fit its window."""
    WRONG_REGION = "g"
    TOO_OPEN = "s"
    """The data is too sensitive for it."""
    REFUSING = "b"
    """Its breaker refuses calls."""
    BELOW_FLOOR = "f"
    """Its tier is lower than the least that was asked for."""
    ABOVE_CEILING = "u"
    """Its tier is higher than the task of the call may have now."""
    TOO_WEAK = "q"
    """Its quality is under the tier's floor."""
    UNLIKELY = "o"
    """What was learnt gives its answer too small a chance of doing."""
    TOO_DEAR = "d"
    """Its expected cost is over the ceiling."""
    TOO_SLOW = "l"
    """Its expected latency is over the ceiling."""
    BAD_INPUT = "i"
    """A tool whose arguments could not be found, or do not fit its schema."""
    OTHER_MODEL = "m"
    """Its vectors are of another model than the one that the name stands for."""
    POOR = "p"
    """Its last answers on this route were of no use, and it rests there."""
    HALTED = "h"
    """The owner has stopped it by the kill switch."""
    NOT_NEEDED = "n"
    """It could serve, but the plan is long enough without it."""


class Strategy(Enum):
    """By what the targets that can serve are ordered."""

    COST = "cost"
    LATENCY = "latency"
    QUALITY = "quality"
    BALANCED = "balanced"
    WEIGHTED = "weighted"
    VALUE = "value"


class Rescue(Enum):
    """What is done when a target breaks off a stream after content has been seen."""

    CONTINUE = "continue"
    """Another target goes on where it stopped; tool calls are passed on once they are whole."""
    HOLD = "hold"
    """The answer is held back until it is whole, so that it can be made anew, unseen."""
    ERROR = "error"
    """The caller gets one error inside the stream."""


class Limit(Enum):
    """A soft limit that may be relaxed when no target keeps it, in the policy's order."""

    COST = "cost"
    LATENCY = "latency"
    QUALITY = "quality"
    SUCCESS = "success"
    """The chance that was learnt; where that is sure it stands in for quality."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The judgement on one target. Figures are None where it was struck out before them."""

    target: str
    reason: Reason
    detail: str = ""
    """What exactly was missing or over; empty where the reason says it all."""
    cost: NanoUsd | None = None
    """Expected, for the whole answer."""
    latency: Seconds | None = None
    """Expected, for the whole answer, at the policy's percentile."""
    score: float | None = None
    """What the strategy ordered by; lower is better."""
    chance: float | None = None
    """How likely its answer is to do, 0 to 1, where enough is known to choose by it."""


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The targets to try, best first, with a verdict on every target there was."""

    plan: tuple[str, ...]
    """Target ids."""
    verdicts: tuple[Verdict, ...]
    """In the policy's order of targets."""
    policy: str
    """Version of the policy that judged."""
    rule: str = ""
    """Name of the rule that matched; empty when none did."""
    strategy: Strategy
    tier: Tier
    """The tier that the call needs."""
    complexity: float
    """The estimate that the tier came from, 0 to 1."""
    relaxed: tuple[Limit, ...] = ()
    """Soft limits that no target kept, so they were left out, in order."""
    sticky: bool = False
    """The plan begins with the target that holds the tool loop, or the conversation."""
    why: str = ""
    """Why the first in the plan beat the second, in a sentence."""
    propensity: float = 1.0
    """How probable it was that this one would be the first of the plan, over all draws."""
    explored: bool = False
    """The first was tried in order to learn of it, though another seemed better."""

    @property
    def winner(self) -> str:
        """The first target of the plan; empty when there is none."""
        return self.plan[0] if self.plan else ""
