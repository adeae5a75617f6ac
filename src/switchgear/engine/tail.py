"""Learn what came since a version was made, on top of it, as it comes."""

from collections.abc import Sequence

from switchgear.engine.influence import of_groups
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import SuccessModel

KNOWN = 29.5
"""Labels of a target in the narrowest group of a call, from which on words are learnt at once."""


def learnt_since(model: SuccessModel, lessons: Sequence[Lesson]) -> SuccessModel:
    """Return the model after these lessons, in their order.

    Groups learn at once; words once the group of a call is known so well that they say the rest.
    Before, words would be blamed for what is new of a group, and other groups share them. The next
    refit learns all of it.
    """
    since: dict[tuple[str, str], float] = {}
    return learnt(model, [_ripened(model, each, since) for each in lessons])


def _ripened(model: SuccessModel, lesson: Lesson, since: dict[tuple[str, str], float]) -> Lesson:
    cells, target = lesson.traits.cells, lesson.target
    group = cells[-1] if cells else ""
    tally = model.table.get(group, {}).get(target)
    more = since.get((group, target), 0.0)
    since[group, target] = more + lesson.weight
    known = more + (0.0 if tally is None else tally[1])
    return lesson if known >= KNOWN else of_groups(lesson)
