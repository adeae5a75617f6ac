"""How sure a target was of its words, by the log-probabilities that it told."""

from collections.abc import Iterable, Sequence
from math import expm1, isfinite, log

from switchgear.domain.drawn import MOST_DRAWN, Drawn

WIDEST = 10.0
"""Nats; beyond that, surer is not surer."""


def mean_margin(tokens: Iterable[Drawn]) -> float | None:
    """Return by how many nats the token that came was mostly likelier than any other.

    Where the others were not told, it is set against all of them together, which is never more.
    None where nothing was told.
    """
    found: list[float] = []
    for token in tokens:
        if len(found) == MOST_DRAWN:
            break
        if isfinite(token.chosen):
            found.append(_margin(token.chosen, token.rivals))
    return sum(found) / len(found) if found else None


def _margin(chosen: float, rivals: Sequence[float]) -> float:
    others = [each for each in rivals if isfinite(each)]
    if chosen in others:
        others.remove(chosen)
    if others:
        return min(WIDEST, max(-WIDEST, chosen - max(others)))
    rest = -expm1(min(0.0, chosen))
    return WIDEST if rest <= 0 else min(WIDEST, max(-WIDEST, chosen - log(rest)))
