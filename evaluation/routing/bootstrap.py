"""How sure a figure is: the same figure on prompts drawn anew, again and again."""

from collections.abc import Callable, Sequence
from random import Random

TIMES = 300
COVERED = 0.95


def interval(
    count: int, figure: Callable[[Sequence[int]], float | None], times: int = TIMES, seed: int = 7
) -> tuple[float, float]:
    """Return between which values the figure lies in 95 % of the draws of ``count`` prompts.

    Shapes: ``figure`` takes the places of the prompts drawn, sorted; None where it has no value
    there, and such a draw is left out.

    Raises:
        ValueError: it has no value in any draw.
    """
    chance = Random(seed)
    found: list[float] = []
    for _ in range(times):
        value = figure(sorted(chance.choices(range(count), k=count)))
        if value is not None:
            found.append(value)
    if not found:
        raise ValueError("the figure has no value in any draw")
    found.sort()
    cut = int((1 - COVERED) / 2 * len(found))
    return found[cut], found[-1 - cut]
