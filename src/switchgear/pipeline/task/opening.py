"""Opens tasks by what callers say of them, each of them once."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.config.opening import Opening, capped, digest, moment
from switchgear.domain.caller import Key, Right
from switchgear.domain.context import Operation, Writer
from switchgear.domain.errors import IdempotencyMismatch, MalformedBody
from switchgear.domain.ids import CHANCE_BITS
from switchgear.domain.supervision import TaskConflict, TaskPaused, TaskStopped
from switchgear.domain.task import NO_CAPS, Status, Task
from switchgear.engine.handling import HALTED
from switchgear.engine.task import MOST_GENERATIONS, below, lapsed, looks_minted, renewed, task_id
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.registry import Live, Tasks
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.papers import Write

OPENED = "opened"
"""What the names are of that callers do not give themselves; and the deed."""
SAID = (
    "declared",
    "opening",
    "name",
    "goal",
    "agent",
    "caps",
    "deadline",
    "insert",
    "metadata",
)
"""What opening a task says of it."""
BELOW = ("parent", "ancestors", "tenant")
"""And what a parent says."""


class Drafts(Protocol):
    """Begins the contexts of tasks."""

    def drafted(self, task: Task, entries: Sequence[Operation], by: Writer) -> Write | None:
        """Return what is written with the task itself; None where there are no entries."""
        ...

    async def begin(self, task: Task, entries: Sequence[Operation], by: Writer) -> int:
        """Begin the context of a task that is there.

        Raises:
            MalformedBody: the entries cannot be.
            ContextConflict: it has one already.
        """
        ...


class Opener:
    """Opens tasks for keys that may."""

    def __init__(
        self, tasks: Tasks, bursar: Bursar, drafts: Drafts, clock: Clock, chance: Chance
    ) -> None:
        """Take who keeps tasks, their money and their contexts."""
        self._tasks = tasks
        self._bursar = bursar
        self._drafts = drafts
        self._clock = clock
        self._chance = chance

    async def open(
        self, opening: Opening, key: Key, parent: Live | None, idempotency: str, *, free: bool
    ) -> tuple[Live, bool]:
        """Open a task; the same again is the task that is there already, and False.

        ``free`` says that it may have more than the owner lets each task use.

        Raises:
            MalformedBody, NotAllowed, TaskConflict, IdempotencyMismatch, TaskPaused, TaskStopped,
            TaskSpent, OverTaskCap, LedgerDown: as at the desk.
        """
        name = self._named(opening, key, idempotency)
        task = self._drafted(opening, key, parent, name)
        if not free:
            self._bursar.check(task.caps, key)
        there = await self._tasks.find(name)
        if there is None:
            draft = self._drafts.drafted(task, opening.context, _writer(opening, key))
            await self._admit(task, parent)
            try:
                return await self._tasks.open(task, () if draft is None else (draft,)), True
            except TaskConflict:  # somebody was quicker
                there = await self._tasks.find(name)
                if there is None:
                    raise
        live, made = await self._open_again(there, opening, task, parent)
        if made and opening.context:
            await self._drafts.begin(live.task, opening.context, _writer(opening, key))
        return live, made

    async def _admit(self, task: Task, parent: Live | None) -> None:
        if parent is None:
            return
        for above in await self._tasks.chain(parent):
            if above.task.status in HALTED:
                status = above.task.status
                what = f"parent: the task {above.task.id} is {status.value}: {above.task.why}."
                raise TaskPaused(what) if status is Status.PAUSED else TaskStopped(what)
        await self._bursar.admit(parent, task.id, task.caps)

    def _named(self, opening: Opening, key: Key, idempotency: str) -> str:
        """Return the id of a task that is to be: by its name, else by what makes it one."""
        if looks_minted(opening.name):
            raise MalformedBody("name: that is how ids look; choose another.")
        if opening.name and not opening.name.isprintable():
            raise MalformedBody("name: only letters that can be printed.")
        if opening.name:
            return task_id(key.id, opening.name)
        return task_id(key.id, idempotency or str(self._chance.bits(CHANCE_BITS)), OPENED)

    def _drafted(self, opening: Opening, key: Key, parent: Live | None, name: str) -> Task:
        now = self._clock.date()
        ancestors = () if parent is None else below(parent.task, name)
        if parent is not None and len(parent.task.ancestors) >= MOST_GENERATIONS:
            raise MalformedBody(f"parent: at most {MOST_GENERATIONS} generations stand below one.")
        if parent is not None and not ancestors:
            raise MalformedBody("parent: no task is part of itself.")
        return Task(
            id=name,
            name=opening.name,
            key=key.id,
            tenant=key.tenant or (parent.task.tenant if parent is not None else ""),
            opened=now,
            began=now,
            seen=now,
            declared=True,
            opening=digest(opening),
            goal=opening.goal,
            agent=opening.agent,
            parent=ancestors[0] if ancestors else "",
            ancestors=ancestors,
            caps=capped(opening.caps, NO_CAPS),
            deadline=moment(opening.deadline, opening.deadline_s, now),
            insert=opening.insert,
            metadata=tuple(sorted(opening.metadata.items())),
        )

    async def _open_again(
        self, live: Live, opening: Opening, task: Task, parent: Live | None
    ) -> tuple[Live, bool]:
        """Return the task that is there, where it was opened by the same words; or begin it."""
        if live.task.tenant != task.tenant:
            raise TaskConflict("That name is of a task in the tenant that the key was of before.")
        there, now = live.whole(), self._clock.date()
        over = lapsed(there, live.seen, now, self._tasks.lifetime)
        if there.opening == task.opening and not over:
            return live, False
        if not opening.name:
            raise IdempotencyMismatch
        if there.status in HALTED:
            raise TaskConflict(_conflict(there, "it does not run; resume it, or take another name"))
        if there.declared and not over:
            raise TaskConflict(_conflict(there, "change it with PATCH, or close it first"))
        await self._admit(task, parent)
        said = {name: getattr(task, name) for name in (*SAID, *(BELOW if parent else ()))}

        def adopt(old: Task) -> Task:
            return msgspec.structs.replace(renewed(old, now) if over else old, **said)

        return await self._tasks.change(there.id, adopt, OPENED), True


def _writer(opening: Opening, key: Key) -> Writer:
    return Writer(
        key=key.id,
        agent=opening.agent,
        sensitivity=key.sensitivity,
        human=not key.id or Right.ADMIN in key.rights,
    )


def _conflict(task: Task, then: str) -> str:
    what = f"{task.status.value}, {task.steps} steps so far"
    return f"There is a task of that name: {task.id} ({what}); {then}."
