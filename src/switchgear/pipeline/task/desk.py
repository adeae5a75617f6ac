"""Tasks at the counter: opened, looked at, changed and halted by whoever may."""

import msgspec

from switchgear.config.opening import Amendment, Opening, capped, moment
from switchgear.domain.caller import Key, Right
from switchgear.domain.errors import NotAllowed
from switchgear.domain.looping import RUNGS
from switchgear.domain.supervision import TaskConflict, UnknownTask
from switchgear.domain.task import Task
from switchgear.domain.units import UnixMs
from switchgear.domain.view import View, Wanted
from switchgear.engine.cap import CODES, in_force, resumed
from switchgear.engine.handling import HALTED, Hand, Maker, Verb, above, handled, narrower, sees
from switchgear.engine.task import looks_minted, task_id
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.live import Live, task_in
from switchgear.pipeline.task.opening import Opener
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.usage import told_usage
from switchgear.ports.clock import Clock
from switchgear.ports.papers import MOST_FOUND, Note, PaperKind, Papers, Sought

MOST_PAGES = 10
"""Of the store, that are looked through for one page of ours."""
MOST_SHOWN = 100
"""Children that are shown with their parent."""
DEEDS = {
    Verb.PAUSE: "paused",
    Verb.RESUME: "resumed",
    Verb.STOP: "stopped",
    Verb.DONE: "closed",
}
SHORT = 60
"""Letters of what came from outside, in a message."""


class TaskDesk:
    """Every verb asks who asks; None is whoever sits at the machine. It outlives no reload."""

    def __init__(
        self, tasks: Tasks, papers: Papers, opener: Opener, bursar: Bursar, clock: Clock
    ) -> None:
        """Take who knows, keeps and opens tasks, and who knows their caps."""
        self.maker: Maker = _nobody
        """Returns the id of the key that made a key; empty for none."""
        self._tasks = tasks
        self._papers = papers
        self._opener = opener
        self._bursar = bursar
        self._clock = clock

    async def open(
        self, opening: Opening, by: Key | None, idempotency: str = "", *, whose: Key | None = None
    ) -> tuple[View, bool]:
        """Open a task; the same again is the task that is there already, and False.

        It is the asker's, or ``whose`` where that is said.

        Raises:
            MalformedBody: what is said cannot be.
            NotAllowed: it asks for more than the owner lets each task use.
            TaskConflict: there is one of that name, opened otherwise, or one that does not run.
            IdempotencyMismatch: that key came with something else before.
            UnknownTask: its parent is none of the key's.
            TaskPaused, TaskStopped, TaskSpent, OverTaskCap: its parent has no room for it.
            LedgerDown: nothing was opened.
        """
        key, parent = whose or by or Key(), None
        if opening.parent:
            try:
                parent = await self.find(opening.parent, by)
            except UnknownTask as error:
                raise UnknownTask(f"parent: {error.message}") from None
        free = by is None or not by.id
        live, made = await self._opener.open(opening, key, parent, idempotency, free=free)
        return await self._shown(live), made

    async def find(self, name: str, by: Key | None) -> Live:
        """Return one task as it is now, by its id or by the name that the key's calls give it.

        What another process did to it a moment ago is known here.

        Raises:
            UnknownTask: there is none that is the key's to know.
            LedgerDown: it is not known.
        """
        live = await self._tasks.fresh(self._id_of(name, by))
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
        found: dict[str, Task] = {}
        for _ in range(MOST_PAGES):
            papers = await self._papers.list(sought)
            for paper in papers:
                live = self._tasks.peek(paper.id)
                task = task_in(paper) if live is None else live.whole()
                if sees(by, task, self.maker) and _fits(task, wanted):
                    found[task.id] = task
            if len(papers) < sought.limit or len(found) > wanted.limit:
                break
            sought = msgspec.structs.replace(sought, before=UnixMs(papers[-1].made + 1))
        page = _cut(list(found.values()), wanted.limit)
        return tuple(page), len(page) < len(found)

    async def view(self, name: str, by: Key | None) -> View:
        """Return all that is known of one task; raises as ``find``."""
        return await self._shown(await self.find(name, by))

    async def history(self, name: str, by: Key | None) -> tuple[Note, ...]:
        """Return what was done to a task, oldest first; raises as ``find``."""
        return await self._tasks.history((await self.find(name, by)).task.id)

    async def amend(
        self, name: str, amendment: Amendment, by: Key | None, revision: int | None = None
    ) -> View:
        """Change a task; raising the cap that it came to lets it go on.

        Raises:
            UnknownTask, LedgerDown: as ``find``.
            MalformedBody: what is said cannot be.
            NotAllowed: a cap, or the deadline, would be more, and that takes more than its key.
            TaskConflict: it is not at the revision that this needs.
        """
        live = await self.find(name, by)
        may = above(by, live.task, self.maker)
        wished = self._amended(live.whole(), amendment, may=may)
        parent = await self._tasks.find(wished.parent) if wished.parent else None
        if parent is not None and wished.caps != live.task.caps:
            await self._bursar.admit(parent, wished.id, wished.caps)

        def change(old: Task) -> Task:
            if revision is not None and revision != live.revision:
                raise TaskConflict(
                    f"The task is at revision {live.revision}, not {revision}; look again."
                )
            return self._amended(old, amendment, may=may)

        return await self._shown(await self._tasks.change(wished.id, change, _deed("changed", by)))

    async def act(self, name: str, verb: Verb, by: Key | None, note: str = "") -> View:
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
        changed = await self._tasks.change(
            live.task.id, lambda task: handled(task, verb, hand, now), _deed(DEEDS[verb], by)
        )
        return await self._shown(changed)

    async def _shown(self, live: Live) -> View:
        sought = Sought(kind=PaperKind.TASK, of=live.task.id, limit=MOST_SHOWN + 1)
        found = await self._papers.list(sought)
        children = tuple([task_in(each) for each in found[:MOST_SHOWN]])
        return View(
            task=live.whole(),
            revision=live.revision,
            rung=RUNGS[live.course.standing.level] if live.course.standing.level else "",
            caps=told_usage(await self._bursar.standing(live), children),
            children=children,
            more=len(found) > MOST_SHOWN,
        )

    def _amended(self, task: Task, amendment: Amendment, *, may: bool) -> Task:
        said = {
            name: value
            for name in ("goal", "agent", "insert")
            if (value := getattr(amendment, name)) is not msgspec.UNSET
        }
        if amendment.metadata is not msgspec.UNSET:
            said["metadata"] = tuple(sorted(amendment.metadata.items()))
        caps = capped(amendment.caps, task.caps)
        owner = self._bursar.settings.caps
        before, after = in_force(task.caps, owner), in_force(caps, owner)
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
