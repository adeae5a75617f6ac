"""How much one key's word may weigh, so that nobody can talk routing into something.

Among several keys that spoke of one target in one group of calls, none may have said more than a
share of all that is learnt there. Few words always count, a key that is alone is not bounded, and
neither is the owner, who speaks without a key.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf

import msgspec

from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.trait import Traits

OWNER = ""
"""Who speaks at the machine itself, or to an open server."""
LEAST = 20.0
"""Labels of one key that count in full whatever others say."""
FULL = 0.999
"""From this part of its weight on, a lesson is taken as it is."""
NOTHING = 0.0005
"""Below this weight it is left out."""
FEWEST = 2
MS = 1000.0

Place = tuple[str, str]
"""A group of calls, and a target."""


class Said(msgspec.Struct, frozen=True, gc=False):
    """One label, as it is learnt from, and whose word it is."""

    lesson: Lesson
    by: str = OWNER
    """Id of a key."""
    decision: str = ""


def ceiling(weights: Iterable[float], most: float) -> float:
    """Return the most that any one may weigh, so that none is above its share of what is left.

    With few the share is larger: of three each may have a half, or one that said little would hold
    back two that agree. Infinite where nobody is above it.
    """
    ranked = sorted(weights, reverse=True)
    if len(ranked) < FEWEST or most >= 1.0:
        return inf
    share = max(most, 1.0 / max(FEWEST, len(ranked) - 1))
    rest = sum(ranked)
    if ranked[0] <= max(LEAST, share * rest):
        return inf
    for above in range(1, len(ranked)):
        rest -= ranked[above - 1]
        if share * above >= 1.0:
            return max(LEAST, ranked[above - 1])
        found = share * rest / (1.0 - share * above)
        if found >= ranked[above]:
            return max(LEAST, found)
    return LEAST


def later(weight: float, said: float, top: float) -> float:
    """Return what one more label of a key weighs that has ``said`` so much, this one included.

    Beyond its ceiling each counts less than the one before, and none counts nothing: all of them
    together never come to more than a quarter of the ceiling.
    """
    return weight if said <= top else weight * (top / (2.0 * said)) ** 2


def faded(weight: float, age: float, half_life: Seconds) -> float:
    """Return what is left of a weight after so many milliseconds."""
    return float(weight * 0.5 ** (max(0.0, age) / (half_life * MS)))


def parted(lesson: Lesson, parts: Sequence[float]) -> tuple[Lesson, ...]:
    """Return what is learnt of a lesson of which only a part may count in some of its groups.

    Shapes: one part, 0 to 1, for each cell. In the groups that take all of it the rest is learnt
    too: a key's own agents are not held back by what others say of theirs.
    """
    least = min(parts, default=1.0)
    if least >= FULL:
        return (lesson,)
    traits, found = lesson.traits, []
    if lesson.weight * least >= NOTHING:
        found.append(msgspec.structs.replace(lesson, weight=lesson.weight * least))
    own = tuple([cell for cell, part in zip(traits.cells, parts, strict=True) if part >= FULL])
    if own:
        bare = Traits(own, (), b"", traits.step)
        weight = lesson.weight * (1.0 - least)
        found.append(msgspec.structs.replace(lesson, traits=bare, weight=weight))
    return tuple(found)


def of_groups(lesson: Lesson) -> Lesson:
    """Return a lesson that only groups learn from, and no words or counts."""
    traits = lesson.traits
    return msgspec.structs.replace(lesson, traits=Traits(traits.cells, (), b"", traits.step))


def evened(
    said: Sequence[Said], most: float, half_life: Seconds, now: UnixMs
) -> tuple[Lesson, ...]:
    """Return what is learnt of all labels at once: faded by age, and no key above its share.

    Of a key that is, all labels count less alike, so that it is the mix of its words that is heard.
    """
    aged = [
        msgspec.structs.replace(
            each,
            lesson=msgspec.structs.replace(
                each.lesson,
                weight=faded(each.lesson.weight, now - each.lesson.at, half_life),
            ),
        )
        for each in said
    ]
    sums: dict[Place, dict[str, float]] = {}
    for each in aged:
        for place in places_of(each.lesson):
            spoken = sums.setdefault(place, {})
            spoken[each.by] = spoken.get(each.by, 0.0) + each.lesson.weight
    tops = {
        place: top
        for place, spoken in sums.items()
        if (top := ceiling(spoken.values(), most)) < inf
    }
    return tuple([part for each in aged for part in _evened(each, sums, tops)])


def places_of(lesson: Lesson) -> list[Place]:
    """Return where a lesson counts."""
    return [(cell, lesson.target) for cell in lesson.traits.cells]


def _evened(
    each: Said, sums: Mapping[Place, Mapping[str, float]], tops: Mapping[Place, float]
) -> tuple[Lesson, ...]:
    if each.by == OWNER or not tops:
        return (each.lesson,)
    parts = [
        min(1.0, tops.get(place, inf) / max(NOTHING, sums[place][each.by]))
        for place in places_of(each.lesson)
    ]
    return parted(each.lesson, parts)
