"""Count how often each target did well in each group; where labels are few, the wider one helps."""

from collections.abc import Mapping, Sequence
from math import log

Tally = tuple[float, float]
"""The sum of what was good, and of the weights."""
Cell = dict[str, Tally]
"""Of one group: a tally for each target of which something was seen."""
LEAN = 6.0
"""Labels that the wider group counts for in the narrower one: what holds elsewhere hardly tells."""
CLOSE = 40.0
"""Likewise for an agent's other tools and prompts: one that says the date is new every day."""
WIDE = 4
"""Groups down to the agent's."""
FORGET = 1.0 - 1.0 / 2000.0
"""What older labels of a target in a group still weigh, with each new one."""
FIRST = 2.0
"""Labels that knowing nothing counts for in the widest."""
LEANS = (FIRST, *(LEAN,) * (WIDE - 1), *(CLOSE,) * 8)
CERTAIN = 0.002
"""No mean is nearer to 0 or 1."""
NOTHING: Cell = {}
TOP = 1.0 - CERTAIN
EVEN = 0.5


def chain_of(table: Mapping[str, Cell], cells: tuple[str, ...]) -> list[Cell]:
    """Return the groups of a call, widest first; one that nothing is known of is empty."""
    return [table.get(key, NOTHING) for key in cells]


def mean_of(groups: Sequence[Cell], target: str) -> tuple[float, float]:
    """Return the mean of a target in the narrowest group, and how many labels that rests on."""
    mean, labels = EVEN, 0.0
    for group, lean in zip(groups, LEANS, strict=False):
        tally = group.get(target)
        if tally is None:
            labels = lean * labels / (lean + labels)
        else:
            good, seen = tally
            mean = (good + lean * mean) / (seen + lean)
            labels = seen + lean * labels / (lean + labels)
    return min(TOP, max(CERTAIN, mean)), labels


def mean_without(
    table: Mapping[str, Cell], cells: tuple[str, ...], target: str, own: Tally
) -> float:
    """Return the mean as it would be without one label, which is in all these groups."""
    mean = EVEN
    for key, lean in zip(cells, LEANS, strict=False):
        good, seen = table[key][target]
        rest = max(0.0, seen - own[1])
        mean = (min(rest, max(0.0, good - own[0])) + lean * mean) / (rest + lean)
    return min(TOP, max(CERTAIN, mean))


def logit(mean: float) -> float:
    """Return the log of the odds of a mean that is neither 0 nor 1."""
    return log(mean / (1.0 - mean))


def counted(tally: Tally | None, good: float, weight: float, keep: float = FORGET) -> Tally:
    """Return a tally with one more label."""
    if tally is None:
        return good * weight, weight
    return tally[0] * keep + good * weight, tally[1] * keep + weight
