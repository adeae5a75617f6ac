"""Odds in a line: what was learnt of the cast."""

from switchgear.domain.odds import Bar, Chance, Odds
from switchgear.domain.units import NanoUsd


def odds(
    sure: dict[str, float] | None = None,
    unsure: dict[str, float] | None = None,
    bars: tuple[Bar, ...] = (),
    purse: int = 0,
    rate: float = 0.0,
) -> Odds:
    """By target: chances that are sure, with a small spread, and others with a large one."""
    known = [Chance(name, p, 0.02, sure=True) for name, p in (sure or {}).items()]
    guessed = [Chance(name, p, 0.2, sure=False) for name, p in (unsure or {}).items()]
    return Odds(
        version="m1",
        chances=(*known, *guessed),
        bars=bars,
        purse=NanoUsd(purse),
        rate=rate,
    )
