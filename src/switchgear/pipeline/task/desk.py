"""Tasks at the counter: opened, looked at, changed and halted by whoever may."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.config.opening import Amendment, Opening, capped, digest, moment
from switchgear.domain.caller import Key, Right
from switchgear.domain.context import Operation, Writer
from switchgear.domain.errors import IdempotencyMismatch, MalformedBody, NotAllowed
from switchgear.domain.ids import CHANCE_BITS
from switchgear.domain.supervision import TaskConflict, TaskPaused, TaskStopped, UnknownTask
from switchgear.domain.task import NO_CAPS, Caps, Status, Task
from switchgear.domain.units import UnixMs
from switchgear.engine.cap import CODES, in_force, resumed, wider
from switchgear.engine.handling import HALTED, Hand, Maker, Verb, above, handled, narrower, sees
from switchgear.engine.task import MOST_GENERATIONS, below, lapsed, looks_minted, renewed, task_id
from switchgear.pipeline.task.live import Live, task_in
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.papers import MOST_FOUND, Note, PaperKind, Papers, Sought, Write

OPENED = "opened"
"""What the names are of that callers do not give themselves."""
MOST_PAGES = 10
"""Of the store, that are looked through for one page of ours."""
MOST_SHOWN = 100
"""Children that are shown with their parent."""
SHORT = 60
"""Letters of what came from outside, in a message."""


class Drafts(Protocol):
    """Begins the contexts of tasks."""

    def drafted(self, task: Task, entries: Sequence[Operation], by: Writer) -> Write | None:
        """Return what is written with the task itself; None where there are no entries."""
        ...


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks to list; what is None or empty does not filter."""

    status: Status | None = None
    parent: str = ""
    """Id or name."""
    agent: str = ""
    before: UnixMs | None = None
    """Those opened before then."""
    limit: int = 50


class TaskDesk:
    """Every verb asks who asks; None is whoever sits at the machine. It outlives no reload."""

    def __init__(
        self, tasks: Tasks, papers: Papers, clock: Clock, chance: Chance, *, owner: Caps = NO_CAPS
    ) -> None:
        """Take who knows tasks, and what each may use where it does not say otherwise."""
        self.owner = owner
        self.maker: Maker = _nobody
        """Returns the id of the key that made a key; empty for none."""
        self.drafts: Drafts | None = None
        self._tasks = tasks
        self._papers = papers
        self._clock = clock
        self._chance = chance

    async def open(
        self, opening: Opening, by: Key | None, idempotency: str = ""
    ) -> tuple[Task, bool]:
        """Open a task; the same again is the task that is there already, and False.

        Raises:
            MalformedBody: what is said cannot be.
            NotAllowed: it asks for more than the owner lets each task use.
            TaskConflict: there is one of that name, opened otherwise, or one that does not run.
            IdempotencyMismatch: that key came with something else before.
            UnknownTask: its parent is none of the key's.
            TaskPaused, TaskStopped: its parent does not run.
            LedgerDown: nothing was opened.
        """
        key, now = by or Key(), self._clock.date()
        parent = await self._parent(opening, by)
        task = self._drafted(opening, key, parent, self._named(opening, key, idempotency))
        if task.caps != NO_CAPS and not above(by, task, self.maker):
            _refuse_wider(wider(task.caps, self.owner))
        there = await self._tasks.find(task.id)
        if there is not None:
            return await self._open_again(there, task, now, by_name=bool(opening.name))
        entries = self._entries(task, opening, key)
        return (await self._tasks.open(task, entries)).whole(), True

    async def find(self, name: str, by: Key | None) -> Live:
        """Return one task, by its id or by the name that the key's calls give it.

        Raises:
            UnknownTask: there is none that is the key's to know.
            LedgerDown: it is not known.
        """
        live = await self._tasks.find(self._id_of(name, by))
        if live is None or not sees(by, live.task, self.maker):
            raise UnknownTask(f"No task of yours goes by {name[:SHORT]!r}.")
        return live

    async def list(self, wanted: Wanted, by: Key | None) -> tuple[tuple[Task, ...], bool]:
        """Return the tasks that fit and that are the key's to know, newest first.

        The second value says whether there are more. Those that nothing has been kept of yet are
        not there.

        Raises:
            UnknownTask: the parent is none of the key's.
            LedgerDown: they are not known.
        """
        sought = await self._sought(wanted, by)
        found: list[Task] = []
        for _ in range(MOST_PAGES):
            papers = await self._papers.list(sought)
            for paper in papers:
                live = self._tasks.peek(paper.id)
                task = task_in(paper) if live is None else live.whole()
                if sees(by, task, self.maker) and _fits(task, wanted):
                    found.append(task)
            if len(papers) < sought.limit or len(found) > wanted.limit:
                break
            sought = msgspec.structs.replace(sought, before=papers[-1].made)
        page = _cut(found, wanted.limit)
        return tuple(page), len(page) < len(found)

    async def children(self, name: str) -> tuple[Task, ...]:
        """Return the newest of a task's children.

        Raises:
            LedgerDown: they are not known.
        """
        found = await self._papers.list(Sought(kind=PaperKind.TASK, of=name, limit=MOST_SHOWN))
        return tuple([task_in(each) for each in found])

    async def history(self, name: str, by: Key | None) -> tuple[Note, ...]:
        """Return what was done to a task, oldest first; raises as ``find``."""
        return await self._tasks.history((await self.find(name, by)).task.id)

    async def amend(
        self, name: str, amendment: Amendment, by: Key | None, revision: int | None = None
    ) -> Live:
        """Change a task; raising the cap that it came to lets it go on.

        Raises:
            UnknownTask, LedgerDown: as ``find``.
            MalformedBody: what is said cannot be.
            NotAllowed: a cap, or the deadline, would be more, and that takes more than its key.
            TaskConflict: it is not at the revision that this needs.
        """
        live = await self.find(name, by)
        may = above(by, live.task, self.maker)
        task = live.task.id

        def change(old: Task) -> Task:
            if revision is not None and revision != live.revision:
                raise TaskConflict(
                    f"The task is at revision {live.revision}, not {revision}; look again."
                )
            return self._amended(old, amendment, may=may)

        return await self._tasks.change(task, change, _deed("changed", by))

    async def act(self, name: str, verb: Verb, by: Key | None, note: str = "") -> Live:
        """Pause, resume, stop or close a task.

        Raises:
            UnknownTask, LedgerDown: as ``find``.
            TaskConflict: it is not in the state for that.
            NotAllowed: who has paused or stopped it stands above.
        """
        live = await self.find(name, by)
        hand = Hand(
            key="" if by is None else by.id, above=above(by, live.task, self.maker), note=note
        )
        now = self._clock.date()
        return await self._tasks.change(
            live.task.id, lambda task: handled(task, verb, hand, now), _deed(verb.value, by)
        )

    def _named(self, opening: Opening, key: Key, idempotency: str) -> str:
        """Return the id of a task that is to be: by its name, else by what makes it one."""
        if looks_minted(opening.name):
            raise MalformedBody("name: that is how ids look; choose another.")
        if opening.name and not opening.name.isprintable():
            raise MalformedBody("name: only letters that can be printed.")
        if opening.name:
            return task_id(key.id, opening.name)
        return task_id(key.id, idempotency or str(self._chance.bits(CHANCE_BITS)), OPENED)

    async def _parent(self, opening: Opening, by: Key | None) -> Task | None:
        if not opening.parent:
            return None
        try:
            parent = (await self.find(opening.parent, by)).task
        except UnknownTask:
            raise UnknownTask(
                f"parent: no task of yours goes by {opening.parent[:SHORT]!r}."
            ) from None
        if len(parent.ancestors) >= MOST_GENERATIONS:
            raise MalformedBody(f"parent: at most {MOST_GENERATIONS} generations stand below one.")
        for name in (parent.id, *parent.ancestors):
            live = await self._tasks.find(name)
            if live is not None and live.task.status in HALTED:
                what = f"parent: the task {name} is {live.task.status.value}: {live.task.why}"
                raise TaskPaused(what) if live.task.status is Status.PAUSED else TaskStopped(what)
        return parent

    def _drafted(self, opening: Opening, key: Key, parent: Task | None, name: str) -> Task:
        now = self._clock.date()
        ancestors = () if parent is None else below(parent, name)
        if parent is not None and not ancestors:
            raise MalformedBody("parent: no task is part of itself.")
        return Task(
            id=name,
            name=opening.name,
            key=key.id,
            tenant=key.tenant or (parent.tenant if parent is not None else ""),
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

    def _entries(self, task: Task, opening: Opening, key: Key) -> tuple[Write, ...]:
        if not opening.context:
            return ()
        if self.drafts is None:
            raise MalformedBody("context: none is kept here.")
        writer = Writer(
            key=key.id,
            agent=opening.agent,
            sensitivity=key.sensitivity,
            human=not key.id or Right.ADMIN in key.rights,
        )
        draft = self.drafts.drafted(task, opening.context, writer)
        return () if draft is None else (draft,)

    async def _open_again(
        self, live: Live, task: Task, now: UnixMs, *, by_name: bool
    ) -> tuple[Task, bool]:
        """Return the task that is there, where it was opened by the same words."""
        there = live.whole()
        over = lapsed(there, live.seen, now, self._tasks.lifetime)
        if there.opening == task.opening and not over:
            return there, False
        if not by_name:
            raise IdempotencyMismatch
        if there.status in HALTED:
            raise TaskConflict(_conflict(there, "it does not run; resume it, or take another name"))
        if there.declared and not over:
            raise TaskConflict(_conflict(there, "change it with PATCH, or close it first"))

        def adopt(old: Task) -> Task:
            begun = renewed(old, now) if over else old
            said = {name: getattr(task, name) for name in SAID}
            return msgspec.structs.replace(begun, **said)

        return (await self._tasks.change(there.id, adopt, OPENED)).whole(), True

    def _amended(self, task: Task, amendment: Amendment, *, may: bool) -> Task:
        said = {
            name: value
            for name in ("goal", "agent", "insert")
            if (value := getattr(amendment, name)) is not msgspec.UNSET
        }
        if amendment.metadata is not msgspec.UNSET:
            said["metadata"] = tuple(sorted(amendment.metadata.items()))
        caps = capped(amendment.caps, task.caps)
        before, after = in_force(task.caps, self.owner), in_force(caps, self.owner)
        lower = narrower(after, before)
        deadline = self._deadline(task, amendment, may=may)
        if not (lower or may):
            raise NotAllowed(
                "More than it has, a task gets only by a key with rights: [admin], by one that its "
                "own key comes from, or by a ticket."
            )
        changed = msgspec.structs.replace(task, **said, caps=caps, deadline=deadline)
        if changed == task:
            return task
        longer = deadline != task.deadline
        if changed.status in HALTED and changed.code in CODES and (not lower or longer):
            return msgspec.structs.replace(resumed(changed), seen=self._clock.date())
        return changed

    def _deadline(self, task: Task, amendment: Amendment, *, may: bool) -> UnixMs | None:
        at, ahead = amendment.deadline, amendment.deadline_s
        if at is msgspec.UNSET and ahead is msgspec.UNSET:
            return task.deadline
        wished = moment(
            None if at is msgspec.UNSET else at,
            None if ahead is msgspec.UNSET else ahead,
            self._clock.date(),
        )
        if task.deadline is not None and not may and (wished is None or wished > task.deadline):
            raise NotAllowed("A later deadline takes a key with rights: [admin], or a ticket.")
        return wished

    async def _sought(self, wanted: Wanted, by: Key | None) -> Sought:
        key: str | None = None
        tenant: str | None = None
        if by is not None and by.id:
            if by.tenant:
                tenant = by.tenant
            elif Right.ADMIN not in by.rights:
                key = by.id
        return Sought(
            kind=PaperKind.TASK,
            key=key,
            tenant=tenant,
            of=(await self.find(wanted.parent, by)).task.id if wanted.parent else "",
            state="" if wanted.status is None else wanted.status.value,
            before=wanted.before,
            limit=MOST_FOUND if wanted.agent else min(wanted.limit + MOST_SHOWN, MOST_FOUND),
        )

    def _id_of(self, name: str, by: Key | None) -> str:
        if looks_minted(name):
            return name
        return task_id("" if by is None else by.id, name)


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
    "parent",
    "ancestors",
)
"""What opening a task says of it."""


def _nobody(key: str) -> str:
    del key
    return ""


def _deed(what: str, by: Key | None) -> str:
    who = "somebody at the machine" if by is None else f"the key {by.id}" if by.id else "anybody"
    return f"{what} by {who}"


def _fits(task: Task, wanted: Wanted) -> bool:
    known = wanted.status is None or task.status is wanted.status
    return known and (not wanted.agent or task.agent == wanted.agent)


def _cut(found: list[Task], limit: int) -> list[Task]:
    """Return one page; it does not end between two that were opened in the same millisecond."""
    if len(found) <= limit:
        return found
    after = found[limit].opened
    page = [each for each in found[:limit] if each.opened != after]
    return page or [each for each in found if each.opened == after]


def _conflict(task: Task, then: str) -> str:
    what = f"{task.status.value}, {task.steps} steps so far"
    return f"There is a task of that name: {task.id} ({what}); {then}."


def _refuse_wider(names: tuple[str, ...]) -> None:
    if names:
        raise NotAllowed(
            f"caps: more than the owner lets a task use ({', '.join(names)}); that takes a key "
            "with rights: [admin]."
        )
