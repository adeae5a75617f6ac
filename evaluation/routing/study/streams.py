"""Learning while routing, with a model that breaks half-way."""

from functools import partial

from evaluation.routing.bootstrap import interval
from evaluation.routing.figure import Figure, Study
from evaluation.routing.fold import Task
from evaluation.routing.material import Material
from evaluation.routing.plot import Line, axis_of, chart
from evaluation.routing.stream import (
    LATE,
    LEFT,
    Course,
    Plan,
    Stream,
    best_single,
    last_quarter,
    of_best,
    rolling,
)

OF_BEST = 0.97
PLANS = {"zeroeval": Plan(daily=0.5), "mmlu": Plan(daily=1.0)}
WIDTH = 12
"""Parts of a stream that one point of its picture is the mean of."""


def stream_study(material: Material) -> Study:
    """Return what comes of two streams."""
    figures: list[Figure] = []
    plots, lines = {}, []
    for name, what, task in (
        ("zeroeval", "ZeroEval, twelve", material.zero),
        ("mmlu", "MMLU-Pro, eight", material.mmlu),
    ):
        plan = PLANS[name]
        course = Stream(task, plan).run()
        figures += _figures(name, what, course, plan)
        plots[f"stream_{name}.svg"] = _picture(f"{what}: accuracy along the stream", course)
        lines.append(
            f"- {what}: {course.broke} was used most, and broke; in the last quarter"
            f" {best_single(course)} was the best single model. {course.explored} calls of"
            f" {len(course.took):,} were explored."
        )
        figures.append(_stubborn(name, what, task, plan))
    return Study(
        title="A stream, and a model that breaks",
        lead=(
            "Each prompt comes once, in random order, all within one day. Nothing is known at"
            f" first; only the answer that was given is judged, {LATE} calls later. A right answer"
            " is worth ten cents. Half-way the model that was used most since the first quarter"
            f" breaks: it keeps {LEFT:.0%} of its right answers. Decisions, exploration and its"
            " budget are the product's own."
        ),
        figures=figures,
        plots=plots,
        table="\n".join(lines),
    )


def _figures(name: str, what: str, course: Course, plan: Plan) -> list[Figure]:
    count = len(last_quarter(course.right))
    low, high = interval(count, partial(of_best, course))
    return [
        Figure(
            name=f"stream_{name}_of_best",
            what=f"{what}: accuracy of the last quarter, of the best single model's",
            value=of_best(course, range(count)),
            low=low,
            high=high,
            bar=OF_BEST,
        ),
        Figure(
            name=f"stream_{name}_explored_usd",
            what=f"{what}: dollars for exploring",
            value=course.extra,
            bar=plan.daily,
            most=True,
        ),
        Figure(
            name=f"stream_{name}_cost_of_best",
            what=f"{what}: cost of the last quarter, of that model's",
            value=_cost_of_best(course),
        ),
    ]


def _cost_of_best(course: Course) -> float:
    """Return our cost there as a share of the best single model's, on average."""
    best = best_single(course)
    ours = sum(last_quarter(course.usd)) / len(last_quarter(course.usd))
    paid = [usd for usd, name in zip(course.usd, course.took, strict=True) if name == best]
    return ours / (sum(paid) / len(paid)) if paid else 0.0


def _stubborn(name: str, what: str, task: Task, plan: Plan) -> Figure:
    """Return what it would be for who stops learning when the model breaks."""
    other = Plan(worth=plan.worth, daily=plan.daily, rate=plan.rate, seed=plan.seed, learns=False)
    course = Stream(task, other).run()
    return Figure(
        name=f"stream_{name}_frozen",
        what=f"{what}: the same for who learns no more after half",
        value=of_best(course, range(len(last_quarter(course.right)))),
    )


def _picture(title: str, course: Course) -> str:
    width = max(1, len(course.right) // WIDTH)
    best = best_single(course)
    lines = [
        Line("ours", rolling(course.right, width)),
        Line(best[:24], rolling(course.singles[best], width), "dashes"),
        Line(f"{course.broke[:20]}", rolling(course.singles[course.broke], width), "dashes"),
    ]
    values = [right for line in lines for _, right in line.points]
    ends = [end for line in lines for end, _ in line.points]
    return chart(title, lines, axis_of("calls", ends), axis_of("accuracy", values))
