"""Watches the calls of tasks for loops, and says which rung of the ladder is climbed."""

from collections.abc import Sequence

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.looping import RUNGS, Looping, Stance
from switchgear.domain.task import Identity, Status
from switchgear.domain.turn import Conversation, Role
from switchgear.domain.units import Seconds
from switchgear.engine.ladder import NUDGE, PAUSE, climb, evidence_of, rested
from switchgear.engine.loop.detect import detect
from switchgear.engine.loop.read import moves_of, refusal_of
from switchgear.engine.loop.signal import Signal
from switchgear.engine.loop.spread import Spread, fan_out
from switchgear.engine.loop.tolerance import tolerance_of
from switchgear.pipeline.task.course import Brood, Climb, Course
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks

OPEN_MS = 300_000
"""A child of which nothing was heard for so long is not counted as open: few say that they end."""
HALTING = frozenset(RUNGS[PAUSE:])


class Watch:
    """The watch over all tasks, by one version of the config; what it learns is with the tasks."""

    def __init__(self, looping: Looping, tasks: Tasks) -> None:
        """Take what the owner wants done."""
        self.on = looping.stance is not Stance.OFF
        self._looping = looping
        self._tolerance = tolerance_of(looping)
        self._tasks = tasks

    def look(self, course: Course, talk: Conversation, agent: str, *, sure: bool) -> Climb | None:
        """Return what is to be done with a call of a task that runs; None for nothing."""
        if course.standing.level >= PAUSE:
            _resume(course)
        due, course.due = course.due, None
        if not self._read(course, talk, agent):
            return due
        return self._climb(course, detect(course.ring, self._tolerance), sure=sure) or due

    def look_again(self, course: Course, talk: Conversation, agent: str) -> Climb | None:
        """Return what is to be done with one of a task that is paused, beside refusing it."""
        if course.standing.level < PAUSE:
            course.standing = msgspec.structs.replace(course.standing, level=PAUSE, ignored=0)
        self._read(course, talk, agent)
        found = self._climb(course, detect(course.ring, self._tolerance), sure=True)
        self.refused(course, talk, agent)
        return found

    def refused(self, course: Course, talk: Conversation, agent: str) -> None:
        """Take note that a call was refused for good: sending it again would be futile."""
        course.refused += 1
        course.ring = course.ring.add((refusal_of(talk, course.ring, agent),))

    def born(self, child: Live, identity: Identity, call: Call) -> tuple[Live, Climb] | None:
        """Take note of a task that a call begins; return what that comes to for its parent."""
        parent = self._tasks.known(child.task.parent)
        if parent is None or parent.task.status is not Status.RUNNING:
            return None
        course = parent.course
        brood = course.brood = course.brood or Brood()
        brood.add(child.task.id, call.began)
        spread = Spread(
            children=self._open(brood, child.seen),
            opened=brood.opened,
            depth=len(child.task.ancestors) + 1,
            births=tuple([Seconds(each) for each in brood.births]),
        )
        signals = fan_out(spread, self._tolerance, Seconds(call.began))
        found = self._climb(course, signals, sure=identity.sure) if signals else None
        if found is None or found.rung.name in HALTING:
            return None if found is None else (parent, found)
        course.due = found
        return None

    def _open(self, brood: Brood, now: int) -> int:
        found = [self._tasks.known(name) for name in brood.names]
        return sum(
            each is not None
            and each.task.status in {Status.RUNNING, Status.PAUSED}
            and now - each.seen <= OPEN_MS
            for each in found
        )

    def _read(self, course: Course, talk: Conversation, agent: str) -> bool:
        """Take note of what is new in a conversation; say whether anything is."""
        ring = course.ring
        if not (ring.moves or agent) and _opens(talk):
            return False  # the next call tells it all, and most tasks have none
        new = moves_of(talk, ring, agent)
        course.ring = ring.add(new)
        return bool(new)

    def _climb(self, course: Course, signals: Sequence[Signal], *, sure: bool) -> Climb | None:
        before = course.standing
        course.standing, rung = climb(
            before, signals, course.ring.humans, sure=sure, looping=self._looping
        )
        if rung is None:
            return None
        again = course.standing.ignored > 0 or course.standing.level > NUDGE
        return Climb(rung, evidence_of(signals, rung), again)


def _resume(course: Course) -> None:
    """Begin anew, because somebody let the task go on; what was refused meanwhile is no retry."""
    course.standing = rested(course.standing)
    course.ring = course.ring.forgiven()


def _opens(talk: Conversation) -> bool:
    """Whether a conversation begins: no assistant has said anything in it."""
    return Role.ASSISTANT not in [turn.role for turn in talk.turns]
