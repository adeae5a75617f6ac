"""Keeps how much each key has said of late, so that what it says next counts as it may."""

from math import inf

import msgspec

from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.influence import (
    OWNER,
    Place,
    Said,
    ceiling,
    faded,
    later,
    parted,
    places_of,
)
from switchgear.engine.success.lesson import Lesson

MOST_PLACES = 20_000
"""Groups with targets that are kept; the one that was spoken of longest ago is forgotten first."""
MOST_KEYS = 64
"""Kept of one; the one that said least is forgotten first."""
MOST_TARGETS = 1_000
CREDIT = 4.0
"""Labels of one key that the watch for changes hears at once: half of what raises its alarm."""
REGAINED = 0.125
"""Of that, for each label of another."""
LOUD = 2.0
"""So many times its ceiling, and what was learnt of a key has to be weighed anew."""

Spoken = dict[str, tuple[float, UnixMs]]
"""By key: the weight of what it said, as it was at that time."""


class Influence:
    """Changed only from the event loop, or only from the thread that learns."""

    def __init__(self) -> None:
        """Know of nothing that was said."""
        self.most = 0.25
        self.half_life = Seconds(30 * 86_400.0)
        self.loud = False
        """A key has said far more than it may where others spoke later: to be weighed anew."""
        self._places: dict[Place, Spoken] = {}
        self._credits: dict[str, dict[str, float]] = {}
        """By target and key: how many labels more the watch for changes hears of it."""

    def weighed(self, said: Said) -> tuple[Lesson, ...]:
        """Return what is learnt of one label, and remember whose it was."""
        lesson = said.lesson
        if not self._is_heeded(said):
            lesson = msgspec.structs.replace(lesson, heeded=False)
        parts = [
            self._part(place, said.by, lesson.weight, lesson.at) for place in places_of(lesson)
        ]
        return parted(lesson, parts)

    def clear(self) -> None:
        """Forget it all: what is learnt from now on begins anew."""
        self._places.clear()
        self._credits.clear()
        self.loud = False

    def _is_heeded(self, said: Said) -> bool:
        """Whether the watch for changes hears a label: alarmed, it forgets what all others said.

        A key has credit for a few labels, and gets it back slowly while others speak: several that
        agree raise the alarm, one of many does not. Who is alone in speaking of a target is always
        heard, and so is the owner.
        """
        left_of = self._credits.setdefault(said.lesson.target, {})
        if len(self._credits) > MOST_TARGETS:
            del self._credits[next(iter(self._credits))]
        weight = min(1.0, said.lesson.weight)
        left = left_of.pop(said.by, CREDIT)
        alone = not left_of
        for name, known in left_of.items():
            left_of[name] = min(CREDIT, known + weight * REGAINED)
        trusted = alone or said.by == OWNER
        left_of[said.by] = max(0.0, left - weight)
        if len(left_of) > MOST_KEYS:
            del left_of[next(iter(left_of))]
        return trusted or left >= weight

    def _part(self, place: Place, by: str, weight: float, at: UnixMs) -> float:
        spoken = self._places.pop(place, None) or {}
        self._places[place] = spoken
        if len(self._places) > MOST_PLACES:
            del self._places[next(iter(self._places))]
        before, when = spoken.get(by, (0.0, at))
        spoken[by] = faded(before, at - when, self.half_life) + weight, at
        if len(spoken) > MOST_KEYS:
            del spoken[min(spoken, key=lambda name: spoken[name][0])]
        if len(spoken) == 1:
            return 1.0
        return self._held_to(spoken, by, at)

    def _held_to(self, spoken: Spoken, by: str, at: UnixMs) -> float:
        now = {
            name: faded(weight, at - when, self.half_life)
            for name, (weight, when) in spoken.items()
        }
        top = ceiling(now.values(), self.most)
        if top == inf:
            return 1.0
        mine = now.get(by, 0.0)
        if by != max(now, key=now.__getitem__) and max(now.values()) > LOUD * top:
            self.loud = True
        return 1.0 if by == OWNER else later(1.0, mine, top)
