"""What may be promised of a share of failures: exact bounds, and the least score that keeps one."""

from collections.abc import Iterable
from math import exp, inf, lgamma, log

NEVER = 2.0
"""A bar that no chance reaches."""


def clopper_pearson(failures: int, n: int, delta: float) -> float:
    """Return the exact upper bound of a share: it is below that with confidence 1 - ``delta``."""
    if failures >= n:
        return 1.0
    low, high = failures / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(failures, n, middle) > delta:
            low = middle
        else:
            high = middle
    return high


def bar_of(seen: Iterable[tuple[float, bool]], alpha: float, delta: float) -> float:
    """Return the least score from which on at most ``alpha`` fail, with confidence 1 - ``delta``.

    Shapes: of each of ``seen`` its score, out of fold, and whether it failed. Above 1 where no
    score is known to keep it. ``below`` is how likely so few failures are of so many, were each as
    likely as ``alpha``, and ``likely`` the logarithm of exactly so many: the exact bound is at most
    ``alpha`` just where that is at most ``delta``, and one step leads from each count to the next.
    """
    ranked = sorted(seen, reverse=True)
    stays, odds = log(1.0 - alpha), log(alpha) - log(1.0 - alpha)
    bar, failures, below, likely = NEVER, 0, 1.0, 0.0
    for place, (score, failed) in enumerate(ranked, 1):
        below -= alpha * exp(likely)
        likely += stays + log(place / (place - failures))
        if failed:
            failures += 1
            likely += odds + log((place - failures + 1) / failures)
            below += exp(likely)
        whole = place == len(ranked) or ranked[place][0] < score
        if whole and failures < place and below <= delta:
            bar = score
    return bar


def _at_most(failures: int, n: int, share: float) -> float:
    """Return how likely so few failures are, where each of ``n`` fails with this probability."""
    chance, rest = log(share) if share else -inf, log(1.0 - share) if share < 1 else -inf
    return sum(
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * chance + (n - k) * rest)
        for k in range(failures + 1)
        if (k == 0 or share > 0) and (n == k or share < 1)
    )
