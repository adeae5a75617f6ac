"""What the owner wants learnt from outcomes, and what for."""

from enum import Enum

import msgspec

from switchgear.domain.goal import Goals
from switchgear.domain.units import NanoUsd, Seconds


class Use(Enum):
    """What is done with what was learnt."""

    OFF = "off"
    """Nothing is learnt, and nothing is kept to learn from."""
    WATCH = "watch"
    """It is learnt and written down, and chooses nothing."""
    ON = "on"
    """It chooses, where it is sure."""


class Exploring(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be tried only in order to learn."""

    share: float = 0.05
    """The largest share of calls."""
    daily: NanoUsd = NanoUsd(0)
    """What that may make the calls of one day dearer, over all workers; 0 for not at all."""


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """How it is learnt."""

    use: Use = Use.ON
    grams: bool = True
    """Hashes of words are kept with each call; without them only counts and groups are read."""
    goals: Goals = Goals()
    """What is wanted of the three figures."""
    explore: Exploring = Exploring()
    refit_every: Seconds = Seconds(86_400.0)
    """At the latest after so long all is learnt anew, if there was anything to learn; 0: never."""
    refit_labels: int = 200
    """And after so many new labels; 0: never by their number."""
    min_labels: int = 50
    """From fewer no version is made."""
    half_life: Seconds = Seconds(30 * 86_400.0)
    """After which an outcome counts half."""
    most_influence: float = 0.25
    """The largest share of what is known of a group of calls that one of many keys may have said;
    1 for any."""
    prior: bool = True
    """While labels are few, a refit also tries to begin from what public outcomes tell."""
