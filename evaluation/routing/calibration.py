"""Whether what is foreseen comes: of ten calls with a chance of 0.9, nine should do."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from evaluation.routing.bootstrap import interval
from evaluation.routing.figure import Figure
from evaluation.routing.fold import Foreseen, Task
from evaluation.routing.metric import bins, brier, ece, skill

Measure = Callable[[Sequence[float], Sequence[float], Sequence[float]], float]
"""Of chances, what came, and base rates."""

ECE_BAR = 0.03
TIMES = 100


class Said(msgspec.Struct, frozen=True):
    """All that was foreseen on one set, prompt by prompt and model by model."""

    chances: list[list[float]]
    """Of each prompt, of each model."""
    rights: list[list[float]]
    base: list[float]
    """How often each model is right: the hardest base rate, as each has its own."""

    def some(self, places: Sequence[int]) -> tuple[list[float], list[float], list[float]]:
        """Return chances, what came, and base rates of some prompts, in one row."""
        chances = [p for place in places for p in self.chances[place]]
        rights = [y for place in places for y in self.rights[place]]
        return chances, rights, self.base * len(places)


def said_of(task: Task, found: Foreseen) -> Said:
    """Return what was foreseen."""
    rights = task.rights
    return Said(
        [[each.p for each in row] for row in found],
        [[rights[name][place] for name in task.models] for place in range(len(task.items))],
        [sum(rights[name]) / len(task.items) for name in task.models],
    )


def calibration_figures(name: str, what: str, said: Said) -> list[Figure]:
    """Return the error, the score and the skill of one set."""
    count = len(said.chances)
    wanted: tuple[tuple[str, str, Measure], ...] = (
        ("ece", "expected calibration error", _ece),
        ("brier", "Brier score", _brier),
        ("brier_skill", "Brier skill against each model's base rate", skill),
    )
    found = []
    for key, words, measure in wanted:
        low, high = interval(count, partial(_measured, measure, said), TIMES)
        found.append(
            Figure(
                name=f"{key}_{name}",
                what=f"{what}: {words}",
                value=measure(*said.some(range(count))),
                low=low,
                high=high,
                bar={"ece": ECE_BAR, "brier_skill": 0.0}.get(key),
                most=key == "ece",
                above=key == "brier_skill",
                digits=4,
            )
        )
    return found


def reliability(said: Said) -> list[tuple[float, float]]:
    """Return what was said and what came, bin by bin; bins with hardly any are left out."""
    chances, rights, _ = said.some(range(len(said.chances)))
    least = len(chances) / 500
    return [(foretold, came) for count, foretold, came in bins(chances, rights) if count >= least]


def _measured(measure: Measure, said: Said, places: Sequence[int]) -> float:
    return measure(*said.some(places))


def _ece(chances: Sequence[float], rights: Sequence[float], _: Sequence[float]) -> float:
    return ece(chances, rights)


def _brier(chances: Sequence[float], rights: Sequence[float], _: Sequence[float]) -> float:
    return brier(chances, rights)
