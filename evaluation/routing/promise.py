"""A promise kept or broken: at most so many of the calls that are routed down fail."""

from collections.abc import Sequence
from random import Random

import msgspec

from switchgear.engine.success.bound import bar_of

ALPHA, DELTA = 0.1, 0.05
RESPLITS = 200


class Kept(msgspec.Struct, frozen=True):
    """What became of one promise over all resplits."""

    broken: float
    """Share of the resplits where more than was promised failed, of all prompts beyond the bar."""
    broken_in_test: float
    """The same of the half that the bar was not set from: its own chance is in this, too."""
    down: float
    """Share of the calls that were routed down, of that half."""
    failed: float
    """Share of those that failed."""


def kept(
    scores: Sequence[float], rights: Sequence[float], times: int = RESPLITS, seed: int = 5
) -> Kept:
    """Return what becomes of the promise when half of the prompts set the bar for the rest."""
    chance = Random(seed)
    places = list(range(len(scores)))
    half = len(places) // 2
    broken = in_test = down = failed = 0.0
    for _ in range(times):
        chance.shuffle(places)
        bar = bar_of(((scores[it], rights[it] < 0.5) for it in places[:half]), ALPHA, DELTA)
        tested = [rights[it] for it in places[half:] if scores[it] >= bar]
        beyond = [rights[it] for it in places if scores[it] >= bar]
        broken += _failing(beyond) > ALPHA
        in_test += _failing(tested) > ALPHA
        down += len(tested) / (len(places) - half)
        failed += _failing(tested)
    return Kept(broken / times, in_test / times, down / times, failed / times)


def _failing(rights: Sequence[float]) -> float:
    return 1 - sum(rights) / len(rights) if rights else 0.0
