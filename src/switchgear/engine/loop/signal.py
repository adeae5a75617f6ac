"""What tells that a task goes in circles."""

import msgspec

EXACT_REPEAT = "exact_repeat"
CYCLE = "cycle"
SAME_ERROR = "same_error"
PING_PONG = "ping_pong"
FAN_OUT = "fan_out"
FUTILE_RETRY = "futile_retry"
NO_NEW_INFORMATION = "no_new_information"
REPEATED_TEXT = "repeated_text"
NEAR_TEXT = "near_text"
GROWTH = "growth"

CODES = (
    *(EXACT_REPEAT, CYCLE, SAME_ERROR, PING_PONG, FAN_OUT, FUTILE_RETRY),
    *(NO_NEW_INFORMATION, REPEATED_TEXT, NEAR_TEXT, GROWTH),
)
OBSERVED = frozenset({NO_NEW_INFORMATION, NEAR_TEXT, GROWTH})
"""Codes of signals that are only written down unless the owner says otherwise."""


class Signal(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One sign that a task goes in circles, as its newest move gave it."""

    code: str
    """One of ``CODES``."""
    act: bool
    """Something is to be done about it; else it is only written down."""
    evidence: str
    """In words: tools, agents, counts and turns, and nothing of what was said."""
    occurrence: str
    """Another one for each new occurrence; the same as long as nothing new has happened."""
