"""Two models: whose prompts are worth the stronger one.

Each figure is the mean over the folds: chances of different folds are said by different models, and
ranking them as one is biased against all that learn. Source: Airola et al. 2011, "An experimental
comparison of cross-validation techniques for estimating the area under the ROC curve".
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from statistics import fmean

import msgspec
from evaluation.routing.bootstrap import interval
from evaluation.routing.figure import Figure
from evaluation.routing.fold import Foreseen, Task, chances_of, folds
from evaluation.routing.metric import apgr, at, cpt, path


class Pair(msgspec.Struct, frozen=True):
    """Who was right about each prompt."""

    weak: list[float]
    strong: list[float]
    fold: list[int]
    """Each was in."""


def pair_of(task: Task, weak: str, strong: str) -> Pair:
    """Return two of the models of a task."""
    rights = task.rights
    fold = [0] * len(task.items)
    for number, held in enumerate(folds(len(task.items))):
        for place in held:
            fold[place] = number
    return Pair(rights[weak], rights[strong], fold)


def wins(found: Foreseen, weak: str, strong: str) -> list[float]:
    """Return by how much the strong one is the likelier to be right, of each prompt."""
    both = zip(chances_of(found, weak), chances_of(found, strong), strict=True)
    return [better - worse for worse, better in both]


def lengths(task: Task) -> list[float]:
    """Return the length of each prompt: what a router must do better than."""
    return [float(len(it.prompt)) for it in task.items]


def apgr_on(pair: Pair, scores: Sequence[float], places: Sequence[int]) -> float:
    """Return the figure on some of the prompts."""
    return fmean(apgr(*_some(pair, scores, part)) for part in _parts(pair, places))


def pooled(pair: Pair, scores: Sequence[float], places: Sequence[int]) -> float:
    """Return the same with all folds ranked as one."""
    return apgr(*_some(pair, scores, places))


def cpt_on(pair: Pair, scores: Sequence[float], part: float, places: Sequence[int]) -> float:
    """Return the figure on some of the prompts."""
    return fmean(cpt(*_some(pair, scores, each), part) for each in _parts(pair, places))


def gap_on(
    pair: Pair, ours: Sequence[float], other: Sequence[float], places: Sequence[int]
) -> float:
    """Return by how much our APGR is the better on the same prompts."""
    return apgr_on(pair, ours, places) - apgr_on(pair, other, places)


def _parts(pair: Pair, places: Sequence[int]) -> list[list[int]]:
    """Return the prompts of each fold."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in places:
        found[pair.fold[place]].append(place)
    return [found[fold] for fold in sorted(found)]


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


def pooled_figure(name: str, what: str, pair: Pair, scores: Sequence[float]) -> Figure:
    """Return the APGR with all folds ranked as one."""
    figure = partial(pooled, pair, scores)
    low, high = interval(len(scores), figure)
    value = figure(range(len(scores)))
    return Figure(name=name, what=what, value=value, low=low, high=high)


def line_of(pair: Pair, scores: Sequence[float], steps: int = 40) -> list[tuple[float, float]]:
    """Return the accuracy at so many shares of strong calls, for a picture."""
    lines = [path(*_some(pair, scores, part)) for part in _parts(pair, range(len(scores)))]
    shares = [step / steps for step in range(steps + 1)]
    return [(share, fmean(at(line, share) for line in lines)) for share in shares]
