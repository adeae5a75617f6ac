"""What may be promised of a share of failures: exact bounds, and the least score that keeps one."""

from collections.abc import Iterable, Iterator
from math import ceil, exp, lgamma, log, log1p

NEVER = 2.0
"""A bar that no chance reaches."""
HALVINGS = 50
"""Of the interval that the bound is sought in: further than a float tells apart."""
STARTS = (0.3, 0.15)
"""Shares of the sample from which a search sets out; each has its part of what may go wrong."""
STEP = 0.95
"""The calls above one tested bar are at most this share of those above the next."""
TINY = 1e-17


def clopper_pearson(failures: int, n: int, delta: float) -> float:
    """Return the exact upper bound of a share: it is below that with confidence 1 - ``delta``.

    Shapes: ``0 <= failures <= n``; of nothing seen the bound is 1.
    Source: Clopper and Pearson 1934.
    """
    if failures >= n:
        return 1.0
    low, high = failures / n, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _at_most(failures, n, middle) > delta:
            low = middle
        else:
            high = middle
    return high


def bar_of(seen: Iterable[tuple[float, bool]], alpha: float, delta: float) -> float:
    """Return the least score from which on at most ``alpha`` fail, with confidence 1 - ``delta``.

    The bar is chosen by the same sample that the promise is made on. That is sound because bars are
    tested in an order that does not look at failures, and the search ends at the first that is not
    kept: from a few places downward, each with a part of ``delta``.

    Shapes: of each of ``seen`` its score, out of fold, and whether it failed. Above 1 where no
    score is known to keep it.
    Source: Angelopoulos et al. 2021, "Learn then Test", fixed sequences with several starts.
    """
    ranked = sorted(seen, reverse=True)
    sums = [0]
    for _, failed in ranked:
        sums.append(sums[-1] + failed)
    ends = [
        place
        for place in range(1, len(ranked) + 1)
        if place == len(ranked) or ranked[place][0] < ranked[place - 1][0]
    ]
    part = delta / len(STARTS)
    best = 0
    for start in _starts(len(ranked), alpha, part):
        for end in _sequence(ends, start):
            if not _kept(sums[end], end, alpha, part):
                break
            best = max(best, end)
    return ranked[best - 1][0] if best else NEVER


def _starts(n: int, alpha: float, delta: float) -> list[int]:
    """Return where searches begin: no fewer calls than could keep the promise without a failure."""
    if not 0.0 < alpha < 1.0 or not 0.0 < delta < 1.0:
        return []
    least = ceil(log(delta) / log1p(-alpha))
    return [max(least, int(n * share)) for share in STARTS]


def _sequence(ends: list[int], start: int) -> Iterator[int]:
    """Return the numbers of calls above each bar that is tested, fewest first."""
    wanted = float(start)
    for end in ends:
        if end >= wanted:
            yield end
            wanted = end / STEP


def _kept(failures: int, n: int, alpha: float, delta: float) -> bool:
    return failures < n * alpha and _at_most(failures, n, alpha) <= delta


def _at_most(failures: int, n: int, share: float) -> float:
    """Return how likely so few failures are, where each of ``n`` fails with this probability."""
    if not 0.0 < share < 1.0:
        return 1.0 if share <= 0.0 else 0.0
    odds = share / (1.0 - share)
    top = (
        lgamma(n + 1)
        - lgamma(failures + 1)
        - lgamma(n - failures + 1)
        + failures * log(share)
        + (n - failures) * log1p(-share)
    )
    term = total = 1.0
    for count in range(failures, 0, -1):  # from the likeliest down: the rest soon adds nothing
        term *= count / ((n - count + 1) * odds)
        total += term
        if term < TINY * total:
            break
    return exp(top + log(total))
