"""Many models with their prices: what it costs to be as right as the best of them, or nearly."""

from collections.abc import Sequence
from operator import itemgetter

import msgspec
from evaluation.routing.bootstrap import interval
from evaluation.routing.chooser import Weighing
from evaluation.routing.figure import Figure
from evaluation.routing.fold import Foreseen, Task
from evaluation.routing.metric import Point, aiq, cost_at
from evaluation.routing.target import targets_of

VALUES = tuple(10 ** (-6 + step / 6) for step in range(37))
"""Dollars that a right answer is worth: each makes one operating point."""
NEARLY = 0.97
POINT = 0.01
THOUSAND = 1_000.0
BEYOND = -1.0
"""What a cut counts as where the accuracy cannot be had at all."""


class Way(msgspec.Struct, frozen=True):
    """One way to choose: of each prompt what it cost, and whether it was right."""

    usd: tuple[float, ...]
    right: tuple[float, ...]

    def on(self, places: Sequence[int]) -> Point:
        """Return the mean cost of a thousand prompts, and the accuracy."""
        if len(places) < 2:
            raise ValueError("one prompt has no mean")
        some = itemgetter(*places)
        usd, right = sum(some(self.usd)), sum(some(self.right))
        return usd / len(places) * THOUSAND, right / len(places)


class Ladder(msgspec.Struct, frozen=True):
    """The single models, and a router's operating points."""

    singles: dict[str, Way]
    ways: tuple[Way, ...]

    @property
    def count(self) -> int:
        """How many prompts there are."""
        return len(next(iter(self.singles.values())).usd)


def ladder_of(task: Task, found: Foreseen) -> Ladder:
    """Return the operating points of the product's decision, for each worth of a right answer."""
    usd, rights = task.usd, task.rights
    singles = {name: Way(tuple(usd[name]), tuple(rights[name])) for name in task.models}
    weighing = Weighing(targets_of(task.models), task.asks)
    ways: dict[tuple[str, ...], Way] = {}
    for value in VALUES:
        took = weighing.chosen(found, value)
        if took not in ways:
            ways[took] = Way(
                tuple(usd[name][place] for place, name in enumerate(took)),
                tuple(rights[name][place] for place, name in enumerate(took)),
            )
    return Ladder(singles, tuple(ways.values()))


def static(ladder: Ladder, places: Sequence[int]) -> list[Point]:
    """Return the single models."""
    return [way.on(places) for way in ladder.singles.values()]


def routed(ladder: Ladder, places: Sequence[int]) -> list[Point]:
    """Return the operating points."""
    return [way.on(places) for way in ladder.ways]


def cut(ladder: Ladder, places: Sequence[int]) -> float:
    """Return by which share it is cheaper than the static mix at 97 % of the best accuracy."""
    singles = static(ladder, places)
    wanted = NEARLY * max(right for _, right in singles)
    before, after = cost_at(singles, wanted), cost_at(routed(ladder, places), wanted)
    return BEYOND if before is None or after is None else 1 - after / before


def saving(ladder: Ladder, frontier: str, places: Sequence[int]) -> float:
    """Return how often its cost goes into the frontier's, at that one's accuracy less a point."""
    cost, right = ladder.singles[frontier].on(places)
    ours = cost_at(routed(ladder, places), right - POINT)
    return 0.0 if ours is None else cost / ours


def mixed(ladder: Ladder, frontier: str, places: Sequence[int]) -> float:
    """Return the same of the static mix."""
    cost, right = ladder.singles[frontier].on(places)
    ours = cost_at(static(ladder, places), right - POINT)
    return 0.0 if ours is None else cost / ours


def best(ladder: Ladder) -> str:
    """Return the model that is right most often."""
    return max(ladder.singles, key=lambda name: sum(ladder.singles[name].right))


def aiq_gain(ladder: Ladder, places: Sequence[int]) -> float:
    """Return by how much its mean quality over all budgets is the better."""
    singles = static(ladder, places)
    dearest = max(cost for cost, _ in singles)
    return aiq(routed(ladder, places), dearest) - aiq(singles, dearest)


def cut_figure(name: str, what: str, ladder: Ladder, bar: float | None = None) -> Figure:
    """Return the cut with its interval."""
    low, high = interval(ladder.count, lambda places: cut(ladder, places), 200)
    value = cut(ladder, range(ladder.count))
    return Figure(name=name, what=what, value=value, low=low, high=high, bar=bar)


def saving_figure(
    name: str, what: str, ladder: Ladder, frontier: str, bar: float | None = None
) -> Figure:
    """Return the saving with its interval."""
    low, high = interval(ladder.count, lambda places: saving(ladder, frontier, places), 200)
    value = saving(ladder, frontier, range(ladder.count))
    return Figure(name=name, what=what, value=value, low=low, high=high, bar=bar, digits=2)
