"""When an answer that is not good enough goes up a tier, and at what price: the owner's wish."""

import msgspec

from switchgear.domain.units import NanoUsd

EMPTY = "empty"
BROKEN_JSON = "broken_json"
OFF_SCHEMA = "off_schema"
NO_TOOL = "no_tool"
BAD_ARGUMENTS = "bad_arguments"
UNKNOWN_TOOL = "unknown_tool"
TRUNCATED = "truncated"
REPEATED = "repeated"
REFUSED = "refused"
UNSURE = "unsure"

CERTAIN = (EMPTY, BROKEN_JSON, OFF_SCHEMA, NO_TOOL, BAD_ARGUMENTS, UNKNOWN_TOOL)
"""Whoever asked cannot use such an answer, whatever it says: that is no matter of opinion."""
CHECKS = (*CERTAIN, TRUNCATED, REPEATED, REFUSED, UNSURE)
"""What answers can be checked for. Beside these stand the owner's functions, ``module:name``."""

MOST = 3
"""Times that one call may go up at most."""


class Escalation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one part of the policy says of it; what is None is left to the part above."""

    on: bool | None = None
    when: tuple[str, ...] | None = None
    """What makes an answer not good enough: names of CHECKS, and functions."""
    most: int | None = None
    """Times that one call goes up."""
    money: NanoUsd | None = None
    """What that may cost beside the first answer, for one call."""
    daily: NanoUsd | None = None
    """And for all calls of one day, UTC."""
    hold: bool | None = None
    """Streams are held back until they are whole, so that all of it can be checked."""
    margin: float | None = None
    """From which an answer is sure enough: the mean over its tokens of by how much the best was
    likelier than the second, in nats."""
    least: float | None = None
    """The least that the owner's functions may say, 0 to 1."""
