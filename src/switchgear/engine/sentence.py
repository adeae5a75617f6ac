"""What each reason for or against a target means, in a sentence."""

from switchgear.domain.decision import Reason

SENTENCES = {
    Reason.CHOSEN: "It is the first in the plan",
    Reason.FALLBACK: "It is tried when those before it in the plan fail",
    Reason.NOT_ASKED: "The name that was asked for does not include it",
    Reason.NOT_ALLOWED: "The caller's key may not use it",
    Reason.RULED_OUT: "The rule that matched leaves it out",
    Reason.INCAPABLE: "It lacks what the call needs",
    Reason.TOO_SMALL: "Input and output do not fit its window",
    Reason.WRONG_REGION: "The data may not be handled in its region",
    Reason.TOO_OPEN: "The data is too sensitive for it",
    Reason.REFUSING: "Its breaker refuses calls, because of what it did just before",
    Reason.BELOW_FLOOR: "Its tier is lower than the least that was asked for",
    Reason.ABOVE_CEILING: "Its tier is higher than the call's task may have now",
    Reason.TOO_WEAK: "Its quality is under what the tier asks for",
    Reason.UNLIKELY: "What was learnt gives its answer too small a chance",
    Reason.TOO_DEAR: "Its expected cost is over the ceiling",
    Reason.TOO_SLOW: "Its expected latency is over the ceiling",
    Reason.BAD_INPUT: "The tool's arguments were not found, or do not fit its schema",
    Reason.OTHER_MODEL: "Its vectors are of another model than the one that the name stands for",
    Reason.POOR: "Its last answers here were of no use, so it rests for a while",
    Reason.HALTED: "Its owner has stopped it by the kill switch",
    Reason.NOT_NEEDED: "It could serve, but the plan is long enough without it",
}
"""What each reason means, for one target."""
