"""One task in mind: what the store has of it, and what this process has learnt since."""

import asyncio

import msgspec

from switchgear.domain.account import Amount
from switchgear.domain.errors import LedgerDown
from switchgear.domain.task import Task
from switchgear.domain.units import UnixMs
from switchgear.engine.cap import UNKNOWN
from switchgear.engine.task import merged
from switchgear.pipeline.task.course import Course
from switchgear.ports.papers import Paper, PaperKind

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Task).decode


class Live:
    """One task, as this process knows it; what is not in ``task``, nobody else does.

    Whoever learns something of it replaces ``task`` and says ``dirty``; what must be known before
    anything else happens goes through ``Tasks.change``.
    """

    __slots__ = (
        "_dirty",
        "base",
        "course",
        "hold",
        "lock",
        "paid",
        "pile",
        "revision",
        "seen",
        "steps",
        "task",
        "unsure",
        "wanted",
    )

    def __init__(self, task: Task, revision: int = 0) -> None:
        """Know a task that is, or is not, in the store."""
        self.task = task
        self.base = task
        """As the store has it: what is otherwise in ``task`` was learnt here."""
        self.revision = revision
        """Of what the store has; 0 where it has nothing."""
        self._dirty = not revision
        self.pile: dict[str, Live] | None = None
        """Where it is put when there is something to be kept."""
        self.steps = task.steps
        """Calls of this life that this process knows of."""
        self.seen = max(task.seen, task.opened)
        """When its last call came here."""
        self.unsure = False
        """The store could not be asked whether it knows more."""
        self.wanted = False
        """It is kept also if it is never seen again: it has a name that is its own, or children."""
        self.lock = asyncio.Lock()
        """Held while it is written."""
        self.course = Course()
        """How its calls have gone so far: what the ladder goes by."""
        self.hold = UNKNOWN
        """What it may use, worked out."""
        self.paid: tuple[str, Amount] = ("", Amount())
        """Its account, and what it had spent when that was last looked at."""

    @property
    def dirty(self) -> bool:
        """Whether there is something to be kept."""
        return self._dirty

    @dirty.setter
    def dirty(self, said: bool) -> None:
        self._dirty = said
        if said and self.pile is not None:
            self.pile[self.task.id] = self

    @property
    def worth(self) -> bool:
        """Whether it is kept: of what came once and never again, nobody asks."""
        task = self.task
        return bool(self.revision or self.wanted or self.steps > 1 or task.declared or task.parent)

    def whole(self) -> Task:
        """Return it with what is only counted here."""
        seen = UnixMs(max(self.seen, self.task.seen))
        return msgspec.structs.replace(self.task, steps=self.steps, seen=seen)

    def hear(self, theirs: Task, revision: int) -> bool:
        """Take what somebody else has written; False where that is known."""
        if revision <= self.revision:
            return False
        later = self.task.run == self.base.run
        fresh = self.steps - self.base.steps if later else self.steps
        if theirs.run > self.task.run:  # what was counted here belongs to the life before
            fresh = 0
        self.task = merged(self.base, self.task, theirs)
        self.steps = fresh + (theirs.steps if theirs.run == self.task.run else 0)
        self.base, self.revision = theirs, revision
        self.seen = UnixMs(max(self.seen, self.task.seen))
        return True

    def kept(self, sent: Task, before: "Sent", revision: int) -> None:
        """Know that the store has ``sent`` now, and what of it was learnt after it had left."""
        self.task = sent if self.task is before.task else merged(before.task, self.task, sent)
        self.steps = sent.steps + self.steps - before.steps
        self.base, self.revision = sent, revision


class Sent(msgspec.Struct, frozen=True):
    """How a task stood here when what was made of it was sent to the store."""

    task: Task
    steps: int


def task_in(paper: Paper) -> Task:
    """Return the task of a document.

    Raises:
        LedgerDown: it is none.
    """
    try:
        return _decode(paper.body)
    except msgspec.MsgspecError:
        raise LedgerDown("What is kept of that task cannot be read.") from None


def paper_of(task: Task, revision: int) -> Paper:
    """Return a task as the store keeps it."""
    return Paper(
        kind=PaperKind.TASK,
        id=task.id,
        key=task.key,
        tenant=task.tenant,
        of=task.parent,
        state=task.status.value,
        due=task.deadline,
        made=task.opened,
        revision=revision,
        body=_encode(task),
    )
