"""Whether a series changed on its way, and where: two windows, compared at every place.

A scan: at each boundary between periods, all before it is compared with all after it. The sharpest
difference counts, and its probability is multiplied by the number of places that were looked at
(Bonferroni), so that of a hundred series in which nothing happens at most one is said to change.
"""

from collections.abc import Mapping, Sequence
from math import log, sqrt

import msgspec

from switchgear.engine.figure.interval import Moments, by_chance, less, together

LEVEL = 0.01
"""How probable it may be, at most, that what is called a change is chance."""
TINY = 1e-300
"""In place of an error of nothing, where all values are the same."""
LEAST = 20
"""Cases on each side of a change: fewer say nothing."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """A change in a series."""

    place: int
    """Number of the first period after it, from 0."""
    before: float
    after: float
    chance: float
    """How probable a difference like it is where nothing changed, all places considered."""


class Shift(msgspec.Struct, frozen=True, gc=False):
    """A change in how cases spread over names."""

    name: str
    """The one whose share moved most."""
    before: float
    after: float
    """Its shares."""
    chance: float


def rate_change(series: Sequence[tuple[int, int]], least: int = LEAST) -> Change | None:
    """Return where a share changed; each period says how many hits there were among how many.

    Source: the likelihood ratio of two binomials against one; its double is a chi-square of one
    degree of freedom (S. S. Wilks, 1938).
    """
    hits, size = sum(hit for hit, _ in series), sum(many for _, many in series)
    whole = _likelihood(hits, size)
    found: list[tuple[float, Change]] = []
    early = seen = 0
    for place, (hit, many) in enumerate(series[:-1], 1):
        early, seen = early + hit, seen + many
        if seen < least or size - seen < least:
            continue
        gain = _likelihood(early, seen) + _likelihood(hits - early, size - seen) - whole
        chance = by_chance(sqrt(max(2 * gain, 0.0)))
        found.append((chance, Change(place, early / seen, (hits - early) / (size - seen), chance)))
    return _sharpest(found)


def mean_change(series: Sequence[Moments], least: int = LEAST) -> Change | None:
    """Return where a mean changed; each period gives the moments of its values.

    Source: B. L. Welch, "The generalization of Student's problem", 1947; by the normal
    distribution, which for ``least`` values on each side is near enough.
    """
    found: list[tuple[float, Change]] = []
    whole, older = together(series), Moments()
    for place, period in enumerate(series[:-1], 1):
        older = together((older, period))
        newer = less(whole, older)
        if min(older.count, newer.count) < max(least, 2):
            continue
        error = sqrt((older.error or 0.0) ** 2 + (newer.error or 0.0) ** 2)
        apart = newer.mean - older.mean
        chance = by_chance(apart / max(error, TINY))
        found.append((chance, Change(place, older.mean, newer.mean, chance)))
    return _sharpest(found)


def mix_change(
    before: Mapping[str, int], after: Mapping[str, int], least: int = LEAST
) -> Shift | None:
    """Return how the spread over names differs between two windows; None where it does not.

    Each name's share is compared by itself, and its probability multiplied by their number.
    """
    old, new = sum(before.values()), sum(after.values())
    if min(old, new) < least:
        return None
    names = sorted({*before, *after})
    found = [
        Shift(
            name,
            before.get(name, 0) / old,
            after.get(name, 0) / new,
            _of_two(before.get(name, 0), old, after.get(name, 0), new) * len(names),
        )
        for name in names
    ]
    sharpest = min(found, key=lambda each: (each.chance, -abs(each.after - each.before)))
    return sharpest if sharpest.chance < LEVEL else None


def _of_two(hits: int, size: int, others: int, count: int) -> float:
    gain = _likelihood(hits, size) + _likelihood(others, count)
    gain -= _likelihood(hits + others, size + count)
    return by_chance(sqrt(max(2 * gain, 0.0)))


def _sharpest(found: list[tuple[float, Change]]) -> Change | None:
    if not found:
        return None
    chance, change = min(found, key=lambda each: (each[0], each[1].place))
    chance = min(chance * len(found), 1.0)
    return msgspec.structs.replace(change, chance=chance) if chance < LEVEL else None


def _likelihood(hits: int, size: int) -> float:
    """Return the logarithm of the best likelihood of so many hits."""
    misses = size - hits
    parts = [each * log(each / size) for each in (hits, misses) if each]
    return sum(parts)
