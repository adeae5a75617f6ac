"""What is foreseen of each prompt by a model that was fitted without it."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from random import Random

import msgspec
from evaluation.routing.asked import ROUTE, asked
from evaluation.routing.item import Item

from switchgear.domain.ask import Ask
from switchgear.domain.odds import Chance
from switchgear.domain.units import UnixMs
from switchgear.engine.success.fit import PLAIN, Fitting, fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import predict
from switchgear.engine.success.trait import Traits, traits_of

FOLDS = 5
SEED = 11
FEW = 500
"""Prompts that are not worth more processes."""
PRIOR = 10.0
"""Labels that the mean of all groups counts for in a table of groups."""

Foreseen = list[tuple[Chance, ...]]
"""Of each prompt, how likely each model is right, in the order of the task's models."""


class Task(msgspec.Struct, frozen=True):
    """Prompts, the models that are compared on them, and what is known of each."""

    items: Sequence[Item]
    models: tuple[str, ...]
    asks: Sequence[Ask]
    """Of each prompt, as the engine sees it."""
    traits: Sequence[Traits]
    """Likewise, as the success model does."""

    @property
    def rights(self) -> dict[str, list[float]]:
        """Who was right about each prompt."""
        return {name: [it.answers[name].right for it in self.items] for name in self.models}

    @property
    def usd(self) -> dict[str, list[float]]:
        """What each prompt cost."""
        return {name: [it.answers[name].usd for it in self.items] for name in self.models}


def task_of(items: Sequence[Item], models: tuple[str, ...], *, labelled: bool) -> Task:
    """Return a task; ``labelled``: each group of prompts comes by a route of its own."""
    asks = [asked(it.prompt, f"{ROUTE}-{it.group}" if labelled else ROUTE) for it in items]
    return Task(items, models, asks, [traits_of(ask) for ask in asks])


def lessons_of(task: Task, places: Sequence[int]) -> list[Lesson]:
    """Return what these prompts teach, each of all models."""
    return [
        Lesson(task.traits[place], name, task.items[place].answers[name].right, 1.0, UnixMs(place))
        for place in places
        for name in task.models
    ]


def folds(count: int, parts: int = FOLDS, seed: int = SEED) -> list[list[int]]:
    """Return the places in so many parts, by chance."""
    places = list(range(count))
    Random(seed).shuffle(places)
    return [sorted(places[part::parts]) for part in range(parts)]


def chances_of(found: Foreseen, model: str) -> list[float]:
    """Return what is said of one model."""
    return [next(each.p for each in row if each.target == model) for row in found]


def foreseen(task: Task, parts: int = FOLDS, fitting: Fitting = PLAIN) -> Foreseen:
    """Return what the product's success model says of each prompt, out of so many folds.

    Folds are fitted side by side, where there are cores for that; what comes of it is the same.
    """
    helds = folds(len(task.items), parts)
    found: Foreseen = [()] * len(task.items)
    work = partial(_said, task, fitting)
    if len(task.items) < FEW:
        said = list(map(work, helds))
    else:
        with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
            said = list(pool.map(work, helds))
    for held, rows in zip(helds, said, strict=True):
        for place, row in zip(held, rows, strict=True):
            found[place] = row
    return found


def _said(task: Task, fitting: Fitting, held: Sequence[int]) -> Foreseen:
    model = fitted(lessons_of(task, _others(len(task.items), held)), fitting)
    return [predict(model, task.traits[place], task.models) for place in held]


def tabled(task: Task, parts: int = FOLDS) -> Foreseen:
    """Return what a table of groups says of each prompt, out of fold: the plain alternative."""
    found: Foreseen = [()] * len(task.items)
    for held in folds(len(task.items), parts):
        rest = _others(len(task.items), held)
        table = table_of(task, rest)
        for place in held:
            row = table[task.items[place].group]
            found[place] = tuple(Chance(name, row[name], 0.0, sure=True) for name in task.models)
    return found


def table_of(task: Task, places: Sequence[int]) -> defaultdict[str, dict[str, float]]:
    """Return how often each model is right in each group, shrunk to how often it is in all."""
    groups: defaultdict[str, list[Item]] = defaultdict(list)
    for place in places:
        groups[task.items[place].group].append(task.items[place])
    means = {
        name: sum(task.items[place].answers[name].right for place in places) / len(places)
        for name in task.models
    }
    table: defaultdict[str, dict[str, float]] = defaultdict(lambda: means)
    for group, members in groups.items():
        table[group] = {
            name: (sum(it.answers[name].right for it in members) + PRIOR * mean)
            / (len(members) + PRIOR)
            for name, mean in means.items()
        }
    return table


def _others(count: int, held: Sequence[int]) -> list[int]:
    out = frozenset(held)
    return [place for place in range(count) if place not in out]
