"""Two models: whose prompts are worth the stronger one."""

from collections.abc import Sequence
from functools import partial

import msgspec
from evaluation.routing.bootstrap import interval
from evaluation.routing.figure import Figure
from evaluation.routing.fold import Foreseen, Task, chances_of
from evaluation.routing.metric import apgr, at, cpt, path


class Pair(msgspec.Struct, frozen=True):
    """Who was right about each prompt."""

    weak: list[float]
    strong: list[float]


def pair_of(task: Task, weak: str, strong: str) -> Pair:
    """Return two of the models of a task."""
    rights = task.rights
    return Pair(rights[weak], rights[strong])


def wins(found: Foreseen, weak: str, strong: str) -> list[float]:
    """Return by how much the strong one is the likelier to be right, of each prompt."""
    both = zip(chances_of(found, weak), chances_of(found, strong), strict=True)
    return [better - worse for worse, better in both]


def lengths(task: Task) -> list[float]:
    """Return the length of each prompt: what a router must do better than."""
    return [float(len(it.prompt)) for it in task.items]


def apgr_on(pair: Pair, scores: Sequence[float], places: Sequence[int]) -> float:
    """Return the figure on some of the prompts."""
    return apgr(*_some(pair, scores, places))


def cpt_on(pair: Pair, scores: Sequence[float], part: float, places: Sequence[int]) -> float:
    """Return the figure on some of the prompts."""
    return cpt(*_some(pair, scores, places), part)


def gap_on(
    pair: Pair, ours: Sequence[float], other: Sequence[float], places: Sequence[int]
) -> float:
    """Return by how much our APGR is the better on the same prompts."""
    return apgr_on(pair, ours, places) - apgr_on(pair, other, places)


def _some(
    pair: Pair, scores: Sequence[float], places: Sequence[int]
) -> tuple[list[float], list[float], list[float]]:
    return (
        [scores[each] for each in places],
        [pair.weak[each] for each in places],
        [pair.strong[each] for each in places],
    )


def apgr_figure(
    name: str, what: str, pair: Pair, scores: Sequence[float], bar: float | None = None
) -> Figure:
    """Return the APGR of a router with its interval."""
    figure = partial(apgr_on, pair, scores)
    low, high = interval(len(scores), figure)
    value = figure(range(len(scores)))
    return Figure(name=name, what=what, value=value, low=low, high=high, bar=bar)


def cpt_figure(name: str, what: str, pair: Pair, scores: Sequence[float], part: float) -> Figure:
    """Return at which share of strong calls so much of the gap is closed."""
    figure = partial(cpt_on, pair, scores, part)
    low, high = interval(len(scores), figure)
    value = figure(range(len(scores)))
    return Figure(name=name, what=what, value=value, low=low, high=high, most=True)


def gap_figure(
    name: str, what: str, pair: Pair, both: tuple[Sequence[float], Sequence[float]]
) -> Figure:
    """Return by how much the first router's APGR is the better; below nothing is a miss."""
    figure = partial(gap_on, pair, *both)
    low, high = interval(len(pair.weak), figure)
    value = figure(range(len(pair.weak)))
    return Figure(name=name, what=what, value=value, low=low, high=high, bar=0.0)


def line_of(pair: Pair, scores: Sequence[float], steps: int = 40) -> list[tuple[float, float]]:
    """Return the accuracy at so many shares of strong calls, for a picture."""
    line = path(scores, pair.weak, pair.strong)
    return [(step / steps, at(line, step / steps)) for step in range(steps + 1)]
