"""How a target came to its words, as far as it tells: the tokens, and how likely they were."""

import msgspec

MOST_DRAWN = 4096
"""Tokens of one answer that are looked at."""


class Drawn(msgspec.Struct, frozen=True, gc=False):
    """One token of an answer, as its target drew it."""

    chosen: float
    """Natural logarithm of its probability."""
    rivals: tuple[float, ...] = ()
    """Of all that were told for its place, itself among them or not."""
