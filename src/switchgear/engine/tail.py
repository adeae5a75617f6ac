"""Learn what came since a version was made, on top of it, as it comes."""

from collections.abc import Sequence

import msgspec

from switchgear.engine.influence import of_groups
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import SuccessModel

KNOWN = 29.5
"""Labels of a target in a group of calls, from which on a change of it can be told."""


def learnt_since(model: SuccessModel, lessons: Sequence[Lesson]) -> SuccessModel:
    """Return the model after these lessons: groups learn at once, words at the next refit.

    Words and counts are shared by all groups: one that is new and fails would drag others along, a
    few labels of anybody would turn them, and processes that hear in another order would come to
    something else. Counting in groups has none of that, and the refit learns all of it. What comes
    of a group that is new is no change of its target, so the watch for changes does not hear it.
    """
    since: dict[tuple[str, str], float] = {}
    return learnt(model, [_heard(model, of_groups(each), since) for each in lessons])


def _heard(model: SuccessModel, lesson: Lesson, since: dict[tuple[str, str], float]) -> Lesson:
    cells, target = lesson.traits.cells, lesson.target
    group = cells[-1] if cells else ""
    tally = model.table.get(group, {}).get(target)
    more = since.get((group, target), 0.0)
    since[group, target] = more + lesson.weight
    known = more + (0.0 if tally is None else tally[1]) >= KNOWN
    return lesson if known or not lesson.heeded else msgspec.structs.replace(lesson, heeded=False)
