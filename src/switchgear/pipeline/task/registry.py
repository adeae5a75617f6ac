"""The tasks that this process knows: those at work in memory, all of them in the store."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.errors import LedgerDown
from switchgear.domain.supervision import TaskConflict, UnknownTask
from switchgear.domain.task import Identity, Task
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import lapsed, renewed
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Note, Paper, PaperKind, Papers, Write, Written

MOST_LIVE = 20_000
"""Tasks that are kept in mind; of the others the store knows what it was told."""
MOST_TRIES = 8
"""At a change, when others are quicker each time."""
ROUND = Seconds(1.0)
"""Between two looks at what others have written, and at what is to be kept."""

Change = Callable[[Task], Task]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Task).decode


class Live:
    """One task, as this process knows it; what is not in ``task``, nobody else does."""

    __slots__ = ("dirty", "revision", "steps", "task")

    def __init__(self, task: Task, revision: int = 0) -> None:
        """Know a task that is, or is not, in the store."""
        self.task = task
        self.revision = revision
        """Of what the store has; 0 where it has nothing."""
        self.dirty = not revision
        """There is something to be kept."""
        self.steps = task.steps
        """Calls of this life that this process knows of."""


class Tasks:
    """Finds, opens and changes tasks; it outlives a reload."""

    def __init__(self, papers: Papers, clock: Clock, nursery: Nursery) -> None:
        """Start with no task in mind."""
        self.lifetime = Seconds(86_400.0)
        """After so long without a call, a task begins anew."""
        self._papers = papers
        self._clock = clock
        self._nursery = nursery
        self._live: OrderedDict[str, Live] = OrderedDict()
        self._number = 0
        self._loop: asyncio.Task[None] | None = None

    def known(self, name: str) -> Live | None:
        """Return a task that is in mind; it takes no time."""
        live = self._live.get(name)
        if live is not None:
            self._live.move_to_end(name)
        return live

    async def find(self, name: str) -> Live | None:
        """Return a task that is in mind or in the store.

        Raises:
            LedgerDown: it is not known.
        """
        live = self.known(name)
        if live is not None:
            return live
        paper = await self._papers.find(PaperKind.TASK, name)
        return None if paper is None else self._heard(paper)

    async def of(self, identity: Identity, call: Call, *, fresh: bool = False) -> Live:
        """Return the task of a call; what nobody knows begins with it.

        ``fresh`` says that nobody can know it, so nobody is asked.
        """
        live = self.known(identity.task)
        if live is None and not fresh:
            live = await self._looked_up(identity.task)
        now = self._clock.date()
        if live is None:
            live = self._keep_in_mind(Live(_opened(identity, call, now)))
        elif lapsed(live.task, now, self.lifetime):
            live.task, live.steps, live.dirty = renewed(live.task, now), 0, True
        return live

    async def open(self, task: Task) -> Live:
        """Open a task, and keep it.

        Raises:
            TaskConflict: it is open already.
            LedgerDown: it is not kept.
        """
        live = Live(task)
        if await self.find(task.id) is not None or not await self._keep(live):
            raise TaskConflict("There is a task of that name already.")
        return self._keep_in_mind(live)

    async def change(self, name: str, change: Change, deed: str = "") -> Live:
        """Change a task, and keep that; ``deed`` is noted in its log, in a word.

        Raises:
            UnknownTask: there is none of that id.
            LedgerDown: nothing was changed.
        """
        for _ in range(MOST_TRIES):
            live = await self.find(name)
            if live is None:
                raise UnknownTask
            changed = change(live.task)
            if await self._keep(live, changed, deed):
                return live
            await self._refresh(name)
        raise LedgerDown("The task is changed by too many at once; try again.")

    async def fresh(self, name: str) -> Live | None:
        """Return a task as the store has it now; what the store does not know, as it is in mind.

        Raises:
            LedgerDown: it is not known.
        """
        await self._refresh(name)
        return self.known(name)

    async def put(
        self, live: Live, changed: Task, deed: str, beside: tuple[Write, ...] = ()
    ) -> bool:
        """Keep a task changed, and other documents in the same moment; False if any moved on.

        Raises:
            LedgerDown: nothing was changed.
        """
        changed = msgspec.structs.replace(changed, steps=max(live.steps, changed.steps))
        return await self._keep(live, changed, deed, beside)

    def keep(self) -> None:
        """Begin to keep what is learnt, and to hear what others write."""
        self._loop = self._nursery.spawn(self._rounds())

    async def aclose(self) -> None:
        """Keep what is left to be kept."""
        if self._loop is not None:
            self._loop.cancel()
        await self._flush()

    async def _rounds(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            try:
                await self._hear()
                await self._flush()
            except LedgerDown:
                continue  # it is tried again in a second

    async def _hear(self) -> None:
        number, papers = await self._papers.since(PaperKind.TASK, self._number)
        self._number = number
        for paper in papers:
            live = self._live.get(paper.id)
            if live is not None and live.revision < paper.revision:
                live.task, live.revision = _decode(paper.body), paper.revision

    async def _flush(self) -> None:
        for live in [each for each in self._live.values() if each.dirty]:
            live.dirty = False
            changed = msgspec.structs.replace(live.task, steps=max(live.steps, live.task.steps))
            if not await self._keep(live, changed):
                await self._refresh(live.task.id)

    async def _looked_up(self, name: str) -> Live | None:
        try:
            return await self.find(name)
        except LedgerDown:
            return None  # the call is refused where it must be paid for; else it is served

    async def _refresh(self, name: str) -> None:
        paper = await self._papers.find(PaperKind.TASK, name)
        live = self._live.get(name)
        if paper is not None and (live is None or live.revision < paper.revision):
            self._heard(paper)

    def _heard(self, paper: Paper) -> Live:
        live = self._live.get(paper.id)
        if live is None:
            return self._keep_in_mind(Live(_decode(paper.body), paper.revision))
        live.task, live.revision = _decode(paper.body), paper.revision
        return live

    def _keep_in_mind(self, live: Live) -> Live:
        if len(self._live) >= MOST_LIVE:
            self._live.popitem(last=False)
        self._live[live.task.id] = live
        return live

    async def _keep(
        self,
        live: Live,
        changed: Task | None = None,
        deed: str = "",
        beside: tuple[Write, ...] = (),
    ) -> bool:
        task = live.task if changed is None else changed
        revision = live.revision + 1
        paper = paper_of(task, revision)
        notes = (
            (Note(id=str(revision), at=self._clock.date(), revision=revision, body=_encode(deed)),)
            if deed
            else ()
        )
        if await self._papers.write((Write(paper=paper, notes=notes), *beside)) is not Written.DONE:
            return False
        live.task, live.revision = task, revision
        return True


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


def _opened(identity: Identity, call: Call, now: UnixMs) -> Task:
    key = call.caller.key
    return Task(
        id=identity.task,
        name=identity.name,
        key=key.id,
        tenant=key.tenant,
        opened=now,
        began=now,
        seen=now,
        agent=identity.agent,
        parent=identity.parent,
    )
