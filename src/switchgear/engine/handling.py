"""What is done to a task by hand, and who may do it."""

from collections.abc import Callable, Mapping
from enum import Enum

import msgspec

from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import NotAllowed
from switchgear.domain.supervision import TaskConflict
from switchgear.domain.task import Caps, Status, Task
from switchgear.domain.units import UnixMs
from switchgear.engine.task import may_use

BY_HAND, BY_CALLER = "by_hand", "by_caller"
"""``Task.code`` of what somebody above has paused or stopped, and of what its own key has."""
MOST_MAKERS = 32
"""Keys in a row that each made the next; whatever a keyring says, looking them up ends."""
HALTED = frozenset({Status.PAUSED, Status.STOPPED})

Maker = Callable[[str], str]


class Verb(Enum):
    """What can be done to a task. The value is what callers say."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    DONE = "done"


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something to a task."""

    key: str = ""
    """Its id; empty for whoever sits at the machine."""
    above: bool = True
    """It may do more than the task's own key: an admin, a maker of that key, the owner."""
    note: str = ""
    """Why, in its own words."""

    @property
    def code(self) -> str:
        """The code of what it pauses or stops."""
        return BY_HAND if self.above else BY_CALLER


def sees(by: Key | None, task: Task, maker: Maker) -> bool:
    """Whether a task is a key's to know: its own, its makers', its tenant's, or an admin's."""
    return by is None or may_use(by, task) or above(by, task, maker)


def above(by: Key | None, task: Task, maker: Maker) -> bool:
    """Whether a key may do more to a task than the task's own key may.

    That is the right of admins, each in its tenant; of keys from which the task's comes; and, on an
    open server, of everybody.
    """
    if by is None or not by.id:
        return True
    if Right.ADMIN in by.rights:
        return by.tenant in {"", task.tenant}
    if by.tenant != task.tenant:
        return False
    name = maker(task.key)
    for _ in range(MOST_MAKERS):
        if not name or name == by.id:
            break
        name = maker(name)
    return name == by.id


def handled(task: Task, verb: Verb, hand: Hand, now: UnixMs) -> Task:
    """Return the task after somebody has done something to it; the same where nothing is to do.

    Raises:
        TaskConflict: it is not in the state for that.
        NotAllowed: who has paused or stopped it stands above.
    """
    if task.status is Status.DONE and verb is not Verb.DONE:
        raise TaskConflict(f"The task is done, so there is nothing to {verb.value}.")
    return DOES[verb](task, hand, now)


def narrower(caps: Caps, before: Caps) -> bool:
    """Whether nothing is more than it was, and what happens at a cap is the same."""
    for name in Caps.__struct_fields__:
        most, wish = getattr(before, name), getattr(caps, name)
        if name == "at_cap":
            if most is not wish:
                return False
        elif most is not None and (wish is None or wish > most):
            return False
    return True


def _pause(task: Task, hand: Hand, _now: UnixMs) -> Task:
    if task.status is Status.STOPPED:
        raise TaskConflict("The task is stopped; resume it first.")
    if task.status is Status.PAUSED:
        return task
    return _halted(task, Status.PAUSED, hand)


def _stop(task: Task, hand: Hand, _now: UnixMs) -> Task:
    if task.status is Status.STOPPED:
        return task
    halted = _halted(task, Status.STOPPED, hand)
    if _held(task, hand):  # what held it holds on: its own key could resume it otherwise
        return msgspec.structs.replace(halted, code=task.code)
    return halted


def _resume(task: Task, hand: Hand, now: UnixMs) -> Task:
    if task.status is Status.RUNNING:
        return task
    _require_free(task, hand, "resume")
    return msgspec.structs.replace(
        task, status=Status.RUNNING, why="", code="", ticket="", seen=now
    )


def _done(task: Task, hand: Hand, _now: UnixMs) -> Task:
    if task.status is Status.DONE:
        return task
    _require_free(task, hand, "close")
    return msgspec.structs.replace(task, status=Status.DONE, why=hand.note, code="", ticket="")


def _halted(task: Task, status: Status, hand: Hand) -> Task:
    who = f"the key {hand.key}" if hand.key else "its owner"
    why = f"by {who}" + (f" ({hand.note})" if hand.note else "")
    return msgspec.structs.replace(task, status=status, why=why, code=hand.code, ticket="")


def _held(task: Task, hand: Hand) -> bool:
    """Whether it is paused or stopped by what this hand may not undo."""
    return task.status in HALTED and task.code != BY_CALLER and not hand.above


def _require_free(task: Task, hand: Hand, what: str) -> None:
    if _held(task, hand):
        waits = f" A decision on the ticket {task.ticket} resumes it too." if task.ticket else ""
        raise NotAllowed(
            f"The task is {task.status.value} ({task.code or BY_HAND}: {task.why}); to {what} it "
            f"takes a key with rights: [admin], or one that its own key comes from.{waits}"
        )


DOES: Mapping[Verb, Callable[[Task, Hand, UnixMs], Task]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.STOP: _stop,
    Verb.DONE: _done,
}
