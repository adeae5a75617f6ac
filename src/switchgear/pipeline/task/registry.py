"""The tasks that this process knows: those at work in memory, all of them in the store."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from itertools import islice

import msgspec

from switchgear.domain.call import Call
from switchgear.domain.caller import Key
from switchgear.domain.errors import LedgerDown
from switchgear.domain.supervision import TaskConflict, UnknownTask
from switchgear.domain.task import Identity, Status, Task
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import begun, below, lapsed, may_use, renewed
from switchgear.pipeline.task.hook import Admit, Hear, anybody, nobody
from switchgear.pipeline.task.live import Live, Sent, paper_of, task_in
from switchgear.pipeline.task.mind import MOST_LIVE, MOST_PARTING, Mind
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery, called_off
from switchgear.ports.papers import MOST_FOUND, Note, Paper, PaperKind, Papers, Write, Written

__all__ = ["Live", "Tasks", "paper_of", "task_in"]

MOST_TRIES = 8
"""At a change, when other processes are quicker each time."""
ROUND = Seconds(1.0)
"""Between two looks at what others have written, and at what is to be kept."""
BATCH, MOST_BATCHES = 50, 10
"""Tasks that are written at once, and how often in one round."""
SEEN_MS = 60_000
"""After so long it is kept that a task was seen again."""

Change = Callable[[Task], Task]

log = logging.getLogger("switchgear")


class Tasks:
    """Finds, opens and changes tasks; it outlives a reload."""

    def __init__(self, papers: Papers, clock: Clock, nursery: Nursery) -> None:
        """Start with no task in mind."""
        self.lifetime = Seconds(86_400.0)
        """After so long without a call, a task begins anew."""
        self.stopped: Hear = nobody
        """Is told of each task that was stopped, here or elsewhere."""
        self.admit: Admit = anybody
        """Refuses a task that begins below another where there is no room for it."""
        self._papers = papers
        self._clock = clock
        self._nursery = nursery
        self._mind = Mind()
        self._doors: dict[str, asyncio.Lock] = {}
        self._missed: set[str] = set()
        self._number = 0
        self._loop: asyncio.Task[None] | None = None

    def known(self, name: str) -> Live | None:
        """Return a task that is in mind; it takes no time."""
        return self._mind.known(name)

    def peek(self, name: str) -> Live | None:
        """Return a task that is in mind, only to show it."""
        return self._mind.peek(name)

    async def find(self, name: str) -> Live | None:
        """Return a task that is in mind or in the store.

        Raises:
            LedgerDown: it is not known.
        """
        live = self.known(name)
        if live is not None and not live.unsure:
            return live
        await self._refresh(name)
        return self.known(name)

    async def of(self, identity: Identity, call: Call, *, fresh: bool = False) -> Live:
        """Return the task of a call; what nobody knows begins with it.

        ``fresh`` says that nobody can know it, so nobody is asked.

        Raises:
            UnknownTask: it is another's.
        """
        live = self.known(identity.task)
        if live is None:
            live = await self._begun(identity, call, fresh=fresh)
        elif not live.revision:
            live.dirty = True  # it came again, so it is worth keeping
        if not may_use(call.caller.key, live.task):
            raise UnknownTask
        now = self._clock.date()
        if live.task.status is not Status.RUNNING or now - live.seen > self.lifetime * 1000:
            await self._renew(live, now)
        live.seen = now
        if live.task.ancestors:
            await self._keep_above(live.task)
        if now - live.task.seen > min(SEEN_MS, self.lifetime * 250):
            live.task, live.dirty = msgspec.structs.replace(live.task, seen=now), True
        return live

    async def chain(self, live: Live) -> tuple[Live, ...]:
        """Return a task and its ancestors, itself first; those that nobody knows are left out.

        Raises:
            LedgerDown: they are not known.
        """
        if not live.task.ancestors:
            return (live,)
        found = [self.known(name) or await self.find(name) for name in live.task.ancestors]
        return (live, *[each for each in found if each is not None])

    async def open(self, task: Task, beside: tuple[Write, ...] = ()) -> Live:
        """Open a task, and keep it, with other documents in the same moment.

        Raises:
            TaskConflict: it is open already.
            LedgerDown: it is not kept.
        """
        live = Live(task)
        if await self.find(task.id) is not None:
            raise TaskConflict("There is a task of that name already.")
        async with live.lock:
            if not await self._keep(live, task, "opened", beside):
                raise TaskConflict("There is a task of that name already.")
        return self._mind.add(live)

    async def change(self, name: str, change: Change, deed: str = "") -> Live:
        """Change a task, and keep that; ``deed`` is noted in its log, in a word.

        Where ``change`` returns what it was given, nothing is written.

        Raises:
            UnknownTask: there is none of that id.
            LedgerDown: nothing was changed.
        """
        for _ in range(MOST_TRIES):
            live = await self.find(name)
            if live is None:
                raise UnknownTask
            async with live.lock:
                whole = live.whole()
                changed = change(whole)
                if changed is whole:
                    return live
                if await self._keep(live, changed, deed):
                    return live
                await self._refresh(name, live)
        raise LedgerDown("The task is changed by too many at once; try again.")

    async def fresh(self, name: str) -> Live | None:
        """Return a task as the store has it now; what the store does not know, as it is in mind.

        Raises:
            LedgerDown: it is not known.
        """
        live = self.known(name)
        if live is None:
            return await self.find(name)
        async with live.lock:
            await self._refresh(name, live)
        return live

    async def put(
        self, live: Live, changed: Task, deed: str, beside: tuple[Write, ...] = ()
    ) -> bool:
        """Keep a task changed, and other documents in the same moment; False if any moved on.

        Raises:
            LedgerDown: nothing was changed.
        """
        revision = live.revision
        async with live.lock:
            if live.revision != revision:
                return False
            if changed.run == live.task.run:
                changed = msgspec.structs.replace(changed, steps=max(live.steps, changed.steps))
            return await self._keep(live, changed, deed, beside)

    async def history(self, name: str) -> tuple[Note, ...]:
        """Return what was done to a task, oldest first.

        Raises:
            LedgerDown: it is not known.
        """
        return await self._papers.notes(PaperKind.TASK, name)

    def keep(self) -> None:
        """Begin to keep what is learnt, and to hear what others write."""
        self._loop = self._nursery.spawn(self._rounds())

    async def aclose(self) -> None:
        """Keep what is left to be kept, as far as the store takes it."""
        await called_off(self._loop)
        try:
            await self._flush(2 * (MOST_LIVE + MOST_PARTING) // BATCH)
        except LedgerDown as error:
            log.warning("tasks: what was learnt of them last is lost: %s", error.message)

    async def _rounds(self) -> None:
        while True:
            for work in (self._hear, self._look_again, self._flush):
                with suppress(LedgerDown):  # it is tried again in a second
                    await work()
            await asyncio.sleep(ROUND)

    async def _hear(self) -> None:
        """Learn what others have written since; what was known before we listened is looked at."""
        if not self._number:
            number, _ = await self._papers.since(PaperKind.TASK, 0)
            self._missed |= {each.task.id for each in self._mind if each.revision}
            self._number = number
        more = True
        while more:
            self._number, papers = await self._papers.since(PaperKind.TASK, self._number)
            for paper in papers:
                with suppress(LedgerDown):  # one that cannot be read hides no other
                    self._heard(paper)
            more = len(papers) >= MOST_FOUND

    async def _look_again(self) -> None:
        for name in list(islice(self._missed, BATCH)):
            self._missed.discard(name)
            if self._mind.peek(name) is not None:
                await self._refresh(name)

    def _heard(self, paper: Paper) -> None:
        live = self._mind.peek(paper.id)
        if live is not None and live.lock.locked():
            self._miss(paper.id)  # it may be what we are writing, or come after that
        elif live is not None:
            self._learn(live, paper)
        elif paper.state == Status.STOPPED.value:
            self.stopped(task_in(paper))

    def _miss(self, name: str) -> None:
        """Look at a task again in the next round."""
        if len(self._missed) < MOST_LIVE:
            self._missed.add(name)

    def _learn(self, live: Live, paper: Paper) -> None:
        live.unsure = False
        before = live.task.status
        if live.hear(task_in(paper), paper.revision) and live.task.status is not before:
            self._told(live)

    def _told(self, live: Live) -> None:
        if live.task.status is Status.STOPPED:
            self.stopped(live.task)

    async def _flush(self, most: int = MOST_BATCHES) -> None:
        """Write what is to be kept, so many batches at most."""
        left = [each for each in self._mind.unkept() if not each.lock.locked()]
        for first in range(0, min(len(left), most * BATCH), BATCH):
            await self._flush_batch(left[first : first + BATCH])

    async def _flush_batch(self, batch: list[Live]) -> None:
        async with AsyncExitStack() as locks:
            for each in batch:
                await locks.enter_async_context(each.lock)
                each.dirty = False
            try:
                await self._flushed(batch)
            except BaseException:
                for each in batch:
                    each.dirty = True
                raise
        for each in batch:
            if not each.dirty:
                self._mind.part(each)

    async def _flushed(self, batch: list[Live]) -> None:
        sent = [(each, each.whole(), Sent(each.task, each.steps)) for each in batch]
        writes = [Write(paper=paper_of(task, each.revision + 1)) for each, task, _ in sent]
        if await self._papers.write(writes) is Written.DONE:
            for each, task, before in sent:
                each.kept(task, before, each.revision + 1)
            return
        for each in batch:  # somebody was quicker with one of them
            if not await self._keep(each, each.whole()):
                await self._refresh(each.task.id, each)
                each.dirty = True

    async def _begun(self, identity: Identity, call: Call, *, fresh: bool) -> Live:
        """Return a task that is not in mind; many that ask for the same look for it once."""
        parent = await self._parent(identity, call)
        if fresh:
            return await self._admitted(identity, call, parent)
        name = identity.task
        door = self._doors.setdefault(name, asyncio.Lock())
        try:
            async with door:
                sure = True
                try:
                    live = await self.find(name)
                except LedgerDown:  # where it must be paid for it is refused; else it is served
                    live, sure = None, False
                if live is None:
                    live = await self._admitted(identity, call, parent)
                    live.unsure = not sure
                    if not sure:
                        self._miss(name)
                return live
        finally:
            self._doors.pop(name, None)

    async def _parent(self, identity: Identity, call: Call) -> Live | None:
        """Return the parent that a call names; it begins too, where its child was quicker."""
        name = identity.parent
        if not name or name == identity.task:
            return None
        live = self.known(name)
        if live is None:
            whose = Identity(task=name, confidence=identity.confidence, agent=identity.parent_agent)
            live = await self._begun(whose, call, fresh=False)
        if not (live.revision or live.wanted):
            live.wanted = live.dirty = True
        return live if may_use(call.caller.key, live.task) else None

    async def _admitted(self, identity: Identity, call: Call, parent: Live | None) -> Live:
        if parent is not None and identity.sure:
            await self.admit(parent, identity.task)
        return self._opened(identity, call, parent)

    def _opened(self, identity: Identity, call: Call, parent: Live | None) -> Live:
        """Begin a task with its first call."""
        ancestors = () if parent is None else below(parent.task, identity.task)
        task = begun(identity, call.caller.key, ancestors, self._clock.date())
        live = Live(task)
        live.wanted = bool(identity.name) and identity.sure  # somebody will look for that name
        return self._mind.add(live)

    async def _keep_above(self, task: Task) -> None:
        """Have a task's ancestors in mind as long as it is: if they are stopped, so is it."""
        for name in task.ancestors:
            if self.known(name) is not None:
                continue
            with suppress(LedgerDown):
                if await self.find(name) is None:
                    above = Identity(task=name), Key(id=task.key, tenant=task.tenant)
                    live = self._mind.add(Live(begun(*above, (), self._clock.date())))
                    live.wanted = live.dirty = True

    async def _renew(self, live: Live, now: UnixMs) -> None:
        """Begin a task anew whose life is over, unless others know that it is not."""
        if not lapsed(live.task, live.seen, now, self.lifetime):
            return
        async with live.lock:
            try:
                await self._refresh(live.task.id, live)
            except LedgerDown:
                live.dirty = True
            if lapsed(live.task, live.seen, now, self.lifetime):
                live.task, live.steps, live.dirty = renewed(live.task, now), 0, True
                live.seen = now

    async def _refresh(self, name: str, held: Live | None = None) -> None:
        """Learn how the store has a task; ``held`` is the one whose lock the asker holds."""
        paper = await self._papers.find(PaperKind.TASK, name)
        live = held or self.known(name)
        if paper is None:
            if live is not None:
                live.unsure = False
        elif live is None:
            self._mind.add(Live(task_in(paper), paper.revision))
        elif held is None and live.lock.locked():
            self._miss(name)
        else:
            self._learn(live, paper)

    async def _keep(
        self, live: Live, changed: Task, deed: str = "", beside: tuple[Write, ...] = ()
    ) -> bool:
        """Write a task; whoever asks holds its lock."""
        before, revision = Sent(live.task, live.steps), live.revision + 1
        live.dirty = False
        done = False
        try:
            write = Write(paper=paper_of(changed, revision), notes=self._note(deed, revision))
            done = await self._papers.write((write, *beside)) is Written.DONE
        finally:
            live.dirty = live.dirty or not done
        if done:
            old = live.task.status
            live.kept(changed, before, revision)
            if live.task.status is not old:
                self._told(live)
        return done

    def _note(self, deed: str, revision: int) -> tuple[Note, ...]:
        if not deed:
            return ()
        at = self._clock.date()
        return (Note(id=str(revision), at=at, revision=revision, body=msgspec.json.encode(deed)),)
