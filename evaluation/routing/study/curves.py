"""How many labels it takes: the gap that is closed after the first hundred, and after thousands."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from statistics import fmean

from evaluation.routing.figure import Figure, Study
from evaluation.routing.fold import Task
from evaluation.routing.material import Material
from evaluation.routing.metric import apgr
from evaluation.routing.plot import Line, axis_of, chart
from evaluation.routing.roster import MMLU_PAIR

from switchgear.domain.units import UnixMs
from switchgear.engine.success.fit import fitted
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.model import SuccessModel, predict

LABELS = (100, 300, 1_000, 3_000)
DRAWS = 3
TESTED = 1_500
SEED = 23
WEAK, STRONG = MMLU_PAIR


def curve_study(material: Material) -> Study:
    """Return the gap that is closed after so many labels."""
    figures: list[Figure] = []
    lines = []
    for name, what, task in (
        ("blind", "category unknown", material.pair),
        ("grouped", "category known", material.pair_grouped),
    ):
        found = curve(task)
        figures += [
            Figure(
                name=f"curve_{name}_{labels}",
                what=f"APGR after {labels:,} labels, {what}",
                value=fmean(values),
                low=min(values),
                high=max(values),
            )
            for labels, values in found.items()
        ]
        figures.append(_monotone(name, what, list(found.values())))
        lines.append(Line(what, [(n, fmean(values)) for n, values in found.items()], "both"))
    ends = [float(labels) for labels in LABELS]
    values = [value for line in lines for _, value in line.points]
    return Study(
        title="The learning curve",
        lead=(
            "MMLU-Pro, Flash or Pro. A label is one answer of one of the two models, by chance, and"
            f" whether it was right. Mean, least and most of {DRAWS} draws of labels;"
            f" {TESTED:,} other prompts are routed."
        ),
        figures=figures,
        plots={
            "curve.svg": chart(
                "APGR by labels",
                lines,
                axis_of("labels", ends, logs=True),
                axis_of("APGR", [*values, 0.5]),
            )
        },
    )


def curve(task: Task) -> dict[int, list[float]]:
    """Return the APGR of each draw, by the number of labels."""
    chance = Random(SEED)
    found: dict[int, list[float]] = {labels: [] for labels in LABELS}
    for _ in range(DRAWS):
        places = list(range(len(task.items)))
        chance.shuffle(places)
        tested, rest = (
            places[: min(TESTED, len(places) // 3)],
            places[min(TESTED, len(places) // 3) :],
        )
        for labels, values in found.items():
            lessons = [_lesson(task, chance.choice(rest), chance) for _ in range(labels)]
            values.append(_apgr(task, tested, fitted(lessons)))
    return found


def _lesson(task: Task, place: int, chance: Random) -> Lesson:
    name = chance.choice(task.models)
    right = task.items[place].answers[name].right
    return Lesson(task.traits[place], name, right, 1.0, UnixMs(place))


def _apgr(task: Task, places: Sequence[int], model: SuccessModel) -> float:
    scores = []
    for place in places:
        said = {it.target: it.p for it in predict(model, task.traits[place], (WEAK, STRONG))}
        scores.append(said.get(STRONG, 0.5) - said.get(WEAK, 0.5))
    answers = [task.items[place].answers for place in places]
    return apgr(scores, [it[WEAK].right for it in answers], [it[STRONG].right for it in answers])


def _monotone(name: str, what: str, found: Sequence[Sequence[float]]) -> Figure:
    """Return the least step up, from the least of the draws before; below nothing it falls."""
    steps = [fmean(more) - min(fewer) for fewer, more in pairwise(found)]
    return Figure(
        name=f"curve_{name}_rises",
        what=f"least rise over the draws before, {what}",
        value=min(steps),
        bar=0.0,
    )
