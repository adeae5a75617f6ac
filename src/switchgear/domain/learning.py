"""What the owner wants learnt from outcomes, and what for."""

from enum import Enum

import msgspec


class Use(Enum):
    """What is done with what was learnt."""

    OFF = "off"
    """Nothing is learnt, and nothing is kept to learn from."""
    WATCH = "watch"
    """It is learnt and written down, and chooses nothing."""
    ON = "on"
    """It chooses, where it is sure."""


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """How it is learnt."""

    use: Use = Use.ON
    grams: bool = True
    """Hashes of words are kept with each call; without them only counts and groups are read."""
