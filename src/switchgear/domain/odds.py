"""What was learnt about who would do well on one call: an input of its decision, kept with it."""

import msgspec

from switchgear.domain.units import NanoUsd


class Chance(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How likely one target's answer is to do."""

    target: str
    p: float
    """Calibrated, 0 to 1, to four digits, so that what is stored is what was judged by."""
    spread: float
    """Its standard deviation, likewise."""
    sure: bool
    """Enough is known to choose by it; else it is only for exploring and for the record."""


class Bar(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """From which chance on a target keeps a promise: at most so many of its calls fail."""

    target: str
    failures: float
    """The promised share at most, 0 to 1."""
    confidence: float
    """With which that holds, such as 0.95."""
    least: float
    """The least chance that keeps it; above 1 where nothing is known to keep it."""


class Odds(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """What a version of the learnt model says of one call. Fields are only added at the end."""

    version: str = ""
    """Of the model; empty where nothing was asked of it."""
    chances: tuple[Chance, ...] = ()
    """Of the targets of which something is known, in the policy's order."""
    bars: tuple[Bar, ...] = ()
    """For the promises that the policy makes."""
    purse: NanoUsd = NanoUsd(0)
    """The most that exploring may make this call dearer now; 0 for not at all."""
    rate: float = 0.0
    """The largest share of calls that is explored now."""


NO_ODDS = Odds()
