"""Many models at the prices of 2024: what it costs to be nearly as right as the best of them."""

from collections.abc import Sequence

from evaluation.routing.bootstrap import interval
from evaluation.routing.figure import Figure, Study
from evaluation.routing.fold import Task, tabled
from evaluation.routing.ladder import (
    Ladder,
    aiq_gain,
    best,
    cut_figure,
    ladder_of,
    mixed,
    routed,
    saving_figure,
    static,
)
from evaluation.routing.material import HALVES, THIRDS, Material
from evaluation.routing.metric import aiq, hull
from evaluation.routing.plot import Line, axis_of, chart
from evaluation.routing.roster import MMLU_RULE, MMLU_VERIFIED, ZEROEVAL_RULE

HIDDEN = (
    "An item costs its characters / 4 at the price list's rate. o1-mini's hidden reasoning was"
    " billed but is not in the files, so it seems cheaper than it was, alone and in every mix."
)
SAVING = 3.0
COST = "dollars for a thousand prompts"


def zero_study(material: Material) -> Study:
    """Return what comes of twelve models on ZeroEval."""
    blind = ladder_of(material.zero, material.zero_said)
    grouped = ladder_of(material.zero_grouped, material.zero_grouped_said)
    table = ladder_of(material.zero_grouped, tabled(material.zero_grouped, THIRDS))
    top = best(blind)
    figures = [
        cut_figure("cut_zeroeval", "cheaper at 97 %, ours, task unknown", blind, 0.45),
        cut_figure("cut_zeroeval_grouped", "cheaper at 97 %, ours, task known", grouped, 0.45),
        cut_figure("cut_zeroeval_table", "cheaper at 97 %, the task's table alone", table),
        saving_figure(
            "saving_zeroeval",
            f"{top}'s cost over ours, at its accuracy less a point, task known",
            grouped,
            top,
            SAVING,
        ),
        saving_figure("saving_zeroeval_table", "the same, the table alone", table, top),
        _mixed(grouped, top),
        *_aiq("zeroeval", grouped),
        *_others(grouped),
    ]
    return Study(
        title="ZeroEval: twelve models of 2024",
        lead=(
            f"GSM8K and CRUX, 2,119 prompts. The models, by a rule that was fixed before any result"
            f" was looked at: {_one_line(ZEROEVAL_RULE)}. *At 97 %*: by which share the cheapest"
            " way to 97 % of the best single model's accuracy is cheaper than the static mix, which"
            " mixes single models by chance. Chances are out of fold, three folds."
        ),
        figures=figures,
        table=_singles(blind),
        plots={"zeroeval.svg": _picture("ZeroEval: accuracy by cost", blind, grouped)},
        notes=[HIDDEN],
    )


def mmlu_study(material: Material) -> Study:
    """Return what comes of eight models on MMLU-Pro."""
    blind = ladder_of(material.mmlu, material.mmlu_said)
    grouped = ladder_of(material.mmlu_grouped, material.mmlu_grouped_said)
    table = ladder_of(material.mmlu_grouped, tabled(material.mmlu_grouped, HALVES))
    six = _of(material.mmlu_grouped, MMLU_VERIFIED)
    said = [
        tuple(each for each in row if each.target in MMLU_VERIFIED)
        for row in material.mmlu_grouped_said
    ]
    figures = [
        cut_figure("cut_mmlu", "cheaper at 97 %, ours, category unknown", blind, 0.52),
        cut_figure("cut_mmlu_grouped", "cheaper at 97 %, ours, category known", grouped, 0.52),
        cut_figure("cut_mmlu_table", "cheaper at 97 %, the category's table alone", table),
        cut_figure(
            "cut_mmlu_verified", "ours, category known, verified prices only", ladder_of(six, said)
        ),
        *_aiq("mmlu", grouped),
    ]
    return Study(
        title="MMLU-Pro: eight models of 2024",
        lead=(
            f"The models: {_one_line(MMLU_RULE)}. {len(material.mmlu.items):,} questions drawn by"
            " chance, two folds; the rest as above."
        ),
        figures=figures,
        table=_singles(blind),
        plots={"mmlu_ladder.svg": _picture("MMLU-Pro: accuracy by cost", blind, grouped)},
        notes=[
            "The prompts that were sent had examples before the question; these are not priced."
        ],
    )


def _of(task: Task, models: tuple[str, ...]) -> Task:
    return Task(task.items, models, task.asks, task.traits)


def _mixed(ladder: Ladder, top: str) -> Figure:
    low, high = interval(ladder.count, lambda places: mixed(ladder, top, places), 100)
    value = mixed(ladder, top, range(ladder.count))
    return Figure(
        name="saving_zeroeval_static",
        what="the same, the static mix",
        value=value,
        low=low,
        high=high,
        digits=2,
    )


def _others(ladder: Ladder) -> list[Figure]:
    """Return the saving against other frontiers that owners had."""
    return [
        saving_figure(f"saving_zeroeval_{key}", f"the same of {name}, ours", ladder, name, SAVING)
        for key, name in (
            ("gpt_4o", "gpt-4o-2024-08-06"),
            ("sonnet", "claude-3-5-sonnet-20241022"),
        )
    ]


def _aiq(name: str, ladder: Ladder) -> list[Figure]:
    every = range(ladder.count)
    singles = static(ladder, every)
    dearest = max(cost for cost, _ in singles)
    low, high = interval(ladder.count, lambda places: aiq_gain(ladder, places), 100)
    gain = aiq_gain(ladder, every)
    return [
        Figure(
            name=f"aiq_{name}", what="AIQ, ours, known", value=aiq(routed(ladder, every), dearest)
        ),
        Figure(name=f"aiq_{name}_static", what="AIQ, the static mix", value=aiq(singles, dearest)),
        Figure(
            name=f"aiq_{name}_gain", what="AIQ gained", value=gain, low=low, high=high, digits=4
        ),
    ]


def _singles(ladder: Ladder) -> str:
    every = range(ladder.count)
    lines = ["| model | $ for a thousand | accuracy |", "|---|---:|---:|"]
    for name, way in sorted(ladder.singles.items(), key=lambda it: it[1].on(every)):
        cost, right = way.on(every)
        lines.append(f"| {name} | {cost:.3f} | {right:.1%} |")
    return "\n".join(lines)


def _picture(title: str, blind: Ladder, grouped: Ladder) -> str:
    every = range(blind.count)
    singles = static(blind, every)
    lines = [
        Line("ours, known", hull(routed(grouped, every))),
        Line("ours, unknown", hull(routed(blind, every))),
        Line("static mix", hull(singles), "dashes"),
        Line("single models", singles, "points"),
    ]
    x = axis_of(COST, _every(lines, 0), logs=True)
    return chart(title, lines, x, axis_of("accuracy", _every(lines, 1)))


def _every(lines: Sequence[Line], place: int) -> list[float]:
    return [point[place] for line in lines for point in line.points]


def _one_line(text: str) -> str:
    return " ".join(text.split())
