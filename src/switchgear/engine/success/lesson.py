"""What one outcome teaches, and the online pass that learns from it."""

from collections.abc import Sequence
from hashlib import blake2b
from math import sqrt

import msgspec

from switchgear.domain.units import UnixMs
from switchgear.engine.success.model import IDENTITY, SuccessModel, shifted
from switchgear.engine.success.shift import watched
from switchgear.engine.success.trait import Traits
from switchgear.engine.success.workbench import Point, Workbench

REMEMBERED = 4.0
"""Labels of a target that a group still counts for after a change was seen."""
SETTLED = 20.0
"""Labels after which one more moves the weights less and less: it is seen once only."""
MOST_WEIGHT = 10.0
"""No label counts for more."""


class Lesson(msgspec.Struct, frozen=True, gc=False):
    """How well one target did on one call."""

    traits: Traits
    target: str
    good: float
    """0 to 1."""
    weight: float = 1.0
    """How much it counts; 1 for one plain label, 10 at most."""
    at: UnixMs = UnixMs(0)
    heeded: bool = True
    """The watch for changes hears it: one of many keys must not raise the alarm alone."""


def learnt(model: SuccessModel, lessons: Sequence[Lesson]) -> SuccessModel:
    """Return the model after these lessons, in their order; the model itself stays as it was."""
    lessons = [each for each in lessons if _teaches(each)]
    if not lessons:
        return model
    bench = Workbench(model)
    for lesson in lessons:
        _learn(bench, lesson)
    labels = model.labels + sum(weight_of(each) for each in lessons)
    return bench.put_together(version_of(model.version, lessons), labels)


def weight_of(lesson: Lesson) -> float:
    """Return how much a lesson counts."""
    return min(lesson.weight, MOST_WEIGHT)


def version_of(before: object, lessons: Sequence[Lesson]) -> str:
    """Return the version of what these lessons make of what was before."""
    return blake2b(msgspec.json.encode((before, lessons)), digest_size=8).hexdigest()


def _teaches(lesson: Lesson) -> bool:
    """Return whether a label is one; what is out of range, or not a number, teaches nothing."""
    return bool(lesson.target) and 0.0 <= lesson.good <= 1.0 and lesson.weight > 0.0


def _learn(bench: Workbench, lesson: Lesson) -> None:
    traits, target, good = lesson.traits, lesson.target, lesson.good
    weight = weight_of(lesson)
    side = bench.side(target)
    offset = side.shift + bench.foreseen(traits, target)
    rate = sqrt(SETTLED / (SETTLED + side.labels))
    point = Point(traits, (good, weight * rate), side.place, bench.ridge)
    p = side.curve.at(shifted(0.5, offset + bench.head(point)))
    watch, changed = side.watch, False
    if lesson.heeded:
        watch, changed = watched(watch, (good - p) * min(1.0, weight))
    labels = side.labels + weight
    if changed:
        bench.doubt(target, REMEMBERED)
        labels = weight
    bench.sides[target] = msgspec.structs.replace(
        side,
        labels=labels,
        watch=watch,
        shift=0.0 if changed else side.shift,
        curve=IDENTITY if changed else side.curve,
        sample=() if changed else side.sample,
    )
    bench.step(point, offset, 0.0)
    bench.count(traits, target, good, weight)
