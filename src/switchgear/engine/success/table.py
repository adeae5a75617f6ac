"""Count how often each target did well in each group; where labels are few, the wider one helps."""

from collections.abc import Mapping
from math import log

Tally = tuple[float, float]
"""The sum of what was good, and of the weights."""
Cell = dict[str, Tally]
"""Of one group: a tally for each target of which something was seen."""
LEAN = 6.0
"""Labels that the wider group counts for in the narrower one."""
FORGET = 1.0 - 1.0 / 2000.0
"""What older labels of a target in a group still weigh, with each new one."""
CERTAIN = 0.002
"""No mean is nearer to 0 or 1."""
NOTHING: Cell = {}
EVEN = 0.5


def mean_of(table: Mapping[str, Cell], cells: tuple[str, ...], target: str) -> tuple[float, float]:
    """Return the mean of a target in the narrowest group, and how many labels that rests on."""
    mean, labels = EVEN, 0.0
    for key in cells:
        tally = table.get(key, NOTHING).get(target)
        good, seen = tally if tally is not None else (0.0, 0.0)
        lean = LEAN if key else 2.0
        mean = (good + lean * mean) / (seen + lean)
        labels = seen + lean * labels / (lean + labels)
    return mean, labels


def mean_without(
    table: Mapping[str, Cell], cells: tuple[str, ...], target: str, own: Tally
) -> float:
    """Return the mean as it would be without one label, which is in all these groups."""
    mean = EVEN
    for key in cells:
        good, seen = table[key][target]
        lean = LEAN if key else 2.0
        rest = max(0.0, seen - own[1])
        mean = (min(rest, max(0.0, good - own[0])) + lean * mean) / (rest + lean)
    return mean


def logit(mean: float) -> float:
    """Return the log of the odds of a mean."""
    mean = min(1.0 - CERTAIN, max(CERTAIN, mean))
    return log(mean / (1.0 - mean))


def counted(tally: Tally | None, good: float, weight: float, keep: float = FORGET) -> Tally:
    """Return a tally with one more label."""
    if tally is None:
        return good * weight, weight
    return tally[0] * keep + good * weight, tally[1] * keep + weight
