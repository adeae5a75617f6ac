"""Fit a success model to many lessons at once, with its calibration on held-out folds."""

from collections.abc import Iterable, Sequence
from zlib import crc32

import msgspec

from switchgear.engine.success.isotonic import Curve, isotonic
from switchgear.engine.success.lesson import Lesson, version_of, weight_of
from switchgear.engine.success.model import (
    IDENTITY,
    OVER,
    UNTAUGHT,
    Band,
    SuccessModel,
    shifted,
)
from switchgear.engine.success.table import logit, mean_without
from switchgear.engine.success.workbench import PLAIN_RIDGE, Point, Ridge, Workbench

MOST_SAMPLE = 2_000
"""Held-out chances kept for each target, the latest."""
LEAST_CURVE = 200
"""Labels of a target from which on its chances are bent to what came of them."""
POOL = 20
"""A curve has at most so many steps."""
TRUST = 3_000.0
"""Labels that a chance itself counts for beside what came of it: few do not bend it much."""
NEWTONS = 5
LEAST_SLOPE = 0.01
PRIME = 7_919
FAILED = 0.5
"""What is worse has failed, as far as promises go."""


Scored = tuple[Lesson, float, float]
"""A lesson with the log-odds of its group, and what its traits add to them."""


class Fitting(msgspec.Struct, frozen=True, kw_only=True):
    """How it is fitted."""

    folds: int = 3
    """Each is scored by what was learnt from the others, to calibrate; below 2 for no curve."""
    rounds: int = 4
    """Passes over the lessons."""
    ridge: Ridge = PLAIN_RIDGE
    band: Band = Band()


PLAIN = Fitting()


def fitted(
    lessons: Sequence[Lesson],
    settings: Fitting = PLAIN,
    before: SuccessModel | None = None,
) -> SuccessModel:
    """Return a model fitted to all lessons; ``before`` is where it starts from: a prior."""
    lessons = [each for each in lessons if each.target and 0.0 <= each.good <= 1.0]
    lessons = [each for each in lessons if each.weight > 0.0]
    start = before or UNTAUGHT
    if not lessons:
        return start
    bench = _trained(lessons, settings, start)
    for target, side in bench.sides.items():
        bench.sides[target] = msgspec.structs.replace(side, curve=IDENTITY, sample=(), labels=0.0)
    for lesson in lessons:
        side = bench.sides[lesson.target]
        labels = side.labels + weight_of(lesson)
        bench.sides[lesson.target] = msgspec.structs.replace(side, labels=labels)
    if settings.folds > 1:
        held_out = _held_out(lessons, settings, start)
        trust = _trust(held_out)
        bench.weaken(trust)
        _calibrate(
            bench, [(each, shifted(0.5, rest + trust * head)) for each, rest, head in held_out]
        )
    labels = sum(weight_of(each) for each in lessons)
    version = version_of((start.version, settings), lessons)
    return bench.put_together(version, labels, settings.band)


def _trained(lessons: Sequence[Lesson], settings: Fitting, start: SuccessModel) -> Workbench:
    bench = Workbench(start, settings.ridge)
    for lesson in lessons:
        bench.side(lesson.target)
        bench.count(lesson.traits, lesson.target, lesson.good, weight_of(lesson))
    points = []
    for lesson in lessons:
        label = (lesson.good, weight_of(lesson))
        place = bench.sides[lesson.target].place
        own = (lesson.good * label[1], label[1])
        mean = mean_without(bench.table, lesson.traits.cells, lesson.target, own)
        points.append((Point(lesson.traits, label, place, settings.ridge), logit(mean)))
    held = [0.0] * len(points)
    for turn in range(settings.rounds):
        for place in _shuffled(len(points), turn):
            point, offset = points[place]
            held[place] = bench.step(point, offset, held[place])
    scored: dict[str, list[tuple[float, Point]]] = {}
    for lesson, (point, offset) in zip(lessons, points, strict=True):
        scored.setdefault(lesson.target, []).append((offset + bench.head(point), point))
    for target, rows in scored.items():
        bench.sides[target] = msgspec.structs.replace(bench.sides[target], shift=_shift(rows))
    return bench


def _shift(rows: Sequence[tuple[float, Point]]) -> float:
    """Return what makes log-odds of lessons foresee as much good as came of them all."""
    shift = 0.0
    for _ in range(NEWTONS):
        slope, wrong = LEAST_SLOPE, -LEAST_SLOPE * shift
        for score, point in rows:
            p = shifted(0.5, score + shift)
            wrong += point.weight * (point.good - p)
            slope += point.weight * p * (1.0 - p)
        shift += max(-1.0, min(1.0, wrong / slope))
    return shift


def _shuffled(size: int, turn: int) -> Iterable[int]:
    """Return all places in an order that looks like chance, and is the same everywhere."""
    return sorted(range(size), key=lambda place: crc32(b"%d %d" % (turn, place)))


def _held_out(lessons: Sequence[Lesson], settings: Fitting, start: SuccessModel) -> list[Scored]:
    """Return every lesson with the log-odds that those of the other folds give it.

    Lessons of one call are in one fold: their traits tell which.
    """
    folds: list[list[Lesson]] = [[] for _ in range(settings.folds)]
    for lesson in lessons:
        folds[
            crc32(lesson.traits.grams + repr(lesson.traits.dense).encode()) % PRIME % settings.folds
        ].append(lesson)
    found = []
    for out, fold in enumerate(folds):
        others = [each for place, part in enumerate(folds) if place != out for each in part]
        bench = _trained(others, settings, start)
        for lesson in fold:
            side = bench.side(lesson.target)
            point = Point(lesson.traits, (0.0, 1.0), side.place, settings.ridge)
            rest = side.shift + bench.foreseen(lesson.traits, lesson.target)
            found.append((lesson, rest, bench.head(point)))
    return found


def _trust(held_out: Sequence[Scored]) -> float:
    """Return what share of their weights traits keep, so that held-out lessons are foreseen best.

    Where groups say nearly all, words that were learnt beside them are mostly noise.
    """
    trust = 1.0
    for _ in range(NEWTONS):
        slope, wrong = LEAST_SLOPE, 0.0
        for lesson, rest, head in held_out:
            p, weight = shifted(0.5, rest + trust * head), weight_of(lesson)
            wrong += weight * head * (lesson.good - p)
            slope += weight * head * head * p * (1.0 - p)
        trust = max(0.0, min(1.0, trust + wrong / slope))
    return trust


def _calibrate(bench: Workbench, scored: Sequence[tuple[Lesson, float]]) -> None:
    """Give each target its curve, and the sample that promises rest on."""
    by_target: dict[str, list[tuple[Lesson, float]]] = {}
    for lesson, p in scored:
        by_target.setdefault(lesson.target, []).append((lesson, p))
    for target, rows in by_target.items():
        curve = _curve(rows)
        latest = sorted(rows, key=lambda row: -row[0].at)[:MOST_SAMPLE]
        sample = tuple(
            sorted(round(curve.at(p) * OVER) * 2 + (each.good < FAILED) for each, p in latest)
        )
        bench.sides[target] = msgspec.structs.replace(
            bench.sides[target], curve=curve, sample=sample
        )


def _curve(rows: Sequence[tuple[Lesson, float]]) -> Curve:
    """Return the curve of one target; none where it has too few labels for one."""
    if len(rows) < LEAST_CURVE:
        return IDENTITY
    weights = [weight_of(lesson) for lesson, _ in rows]
    total = sum(weights)
    share = total / (total + TRUST)
    came = [share * lesson.good + (1.0 - share) * p for lesson, p in rows]
    return isotonic([p for _, p in rows], came, weights, total / POOL)
