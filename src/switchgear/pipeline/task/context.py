"""The contexts of tasks: read, and changed so that nothing of anybody's is lost."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from weakref import WeakValueDictionary

import msgspec

from switchgear.domain.caller import Key
from switchgear.domain.context import Asked, Document, Done, Line, Operation, Snapshot, Writer
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown, MalformedBody, UnknownDecision
from switchgear.domain.supervision import ContextConflict, TaskConflict, UnknownTask
from switchgear.domain.target import Sensitivity
from switchgear.domain.task import Identity, Task
from switchgear.domain.units import Seconds
from switchgear.engine.context import Clash, apply, current, digest_of, replayed, seen_by
from switchgear.engine.lineage import Reading
from switchgear.engine.task import begun, looks_minted, may_use, task_id
from switchgear.pipeline.task.journal import line, name, notes, read, scan
from switchgear.pipeline.task.lineage import followed
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.shelf import Held, Shelf
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Ledger
from switchgear.ports.nursery import Nursery, called_off
from switchgear.ports.papers import MOST_FOUND, Note, Paper, PaperKind, Papers, Write, Written

MOST_TRIES = 16
"""At a change, when other processes are quicker each time."""
ROUND = Seconds(1.0)
"""Between two looks at what others have written."""

_encode = msgspec.json.Encoder().encode


class _Work:
    """One change under way."""

    __slots__ = ("asked", "by", "looked", "repeats", "task")

    def __init__(self, task: Task, asked: Asked, by: Writer) -> None:
        self.task = task
        self.asked = asked
        self.by = by
        self.repeats: dict[str, Line] = {}
        """Operations that were done before, by their ids."""
        self.looked = False
        """Whether that is known."""

    @property
    def pending(self) -> tuple[Operation, ...]:
        return tuple([each for each in self.asked.operations if each.id not in self.repeats])


class Contexts:
    """Keeps one document for each task; it outlives a reload."""

    def __init__(self, tasks: Tasks, papers: Papers, ledger: Ledger, clock: Clock) -> None:
        """Start with no context in mind."""
        self._tasks = tasks
        self._papers = papers
        self._ledger = ledger
        self._clock = clock
        self._shelf = Shelf()
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._number = 0
        self._loop: asyncio.Task[None] | None = None

    def drafted(self, task: Task, entries: Sequence[Operation], by: Writer) -> Write | None:
        """Return what begins a task's context, to be written in one go with the task itself.

        None where there are no entries.

        Raises:
            MalformedBody: they cannot be; the message says which.
            NotAllowed: they are said to be a human's, and the writer may not say so.
        """
        if not entries:
            return None
        found = self._write(Held(task.id), _Work(task, Asked(operations=tuple(entries)), by))
        if isinstance(found, Clash):
            raise MalformedBody(f"context: {found.why}")
        return found

    async def begin(self, task: Task, entries: Sequence[Operation], by: Writer) -> int:
        """Begin a task's context, and return its revision; 0 where there are no entries.

        Raises:
            MalformedBody, NotAllowed: they cannot be; the message says which.
            ContextConflict: it has one already.
            LedgerDown: nothing was kept.
        """
        if not entries:
            return 0
        done = await self.change(task, Asked(operations=tuple(entries), match=0), by)
        return done.revision

    async def snapshot(
        self, task: str, sensitivity: Sensitivity = Sensitivity.RESTRICTED
    ) -> Snapshot:
        """Return a task's context as it is now, for who may see what is so sensitive.

        Raises:
            LedgerDown: it is not known.
        """
        held = await self.fetch(task)
        living = current(held.document, self._clock.date())
        return seen_by(living, held.revision, sensitivity)

    async def at(self, task: str, revision: int, sensitivity: Sensitivity) -> Snapshot:
        """Return a task's context as it was at a revision.

        Raises:
            MalformedBody: it has not come so far.
            LedgerDown: it is not known.
        """
        there = (await self.fetch(task)).revision
        if revision > there:
            raise MalformedBody(f"at: the context is at revision {there}")
        log = [(each.revision, each.change) for each in await self.log(task)]
        return seen_by(replayed(log, revision), revision, sensitivity)

    async def task(self, said: str, key: Key, *, opens: bool = False, agent: str = "") -> Task:
        """Return the task that a key means by an id, or by the name it calls it.

        Where it ``opens`` one that has a name and is not there, that begins with this.

        Raises:
            UnknownTask: there is none that is the key's.
            LedgerDown: it is not known.
        """
        minted = looks_minted(said)
        found = await self._tasks.find(said if minted else task_id(key.id, said))
        if found is None and opens and said and not minted:
            identity = Identity(task=task_id(key.id, said), name=said, agent=agent)
            with suppress(TaskConflict):
                await self._tasks.open(begun(identity, key, (), self._clock.date()))
            found = await self._tasks.find(identity.task)
        if found is None or not may_use(key, found.task):
            raise UnknownTask
        if opens and not found.revision:  # what has a context is kept, however seldom it calls
            found.wanted = found.dirty = True
        return found.task

    async def change(self, task: Task, asked: Asked, by: Writer) -> Done:
        """Do all operations, or none; those that were done before are not done again.

        Raises:
            ContextConflict: entries are not as the writer takes them to be.
            MalformedBody, NotAllowed: they cannot be; the message says which.
            LedgerDown: nothing was changed.
        """
        ids = [each.id for each in asked.operations if each.id]
        if len(set(ids)) < len(ids):
            raise MalformedBody("operations: two of them have the same id")
        work = _Work(task, asked, await self._sworn(task, by))
        async with self._doors.setdefault(task.id, asyncio.Lock()):
            for _ in range(MOST_TRIES):
                done = await self._tried(work)
                if done is not None:
                    return done
        raise LedgerDown("The context is changed by too many at once; try again.")

    async def log(self, task: str, after: int = 0, most: int | None = None) -> list[Line]:
        """Return what was done to a context above a revision, oldest first.

        Raises:
            LedgerDown: it is not known.
        """
        return await read(self._papers, task, after, most)

    async def lineage(self, decision: str, task: Task, key: Key) -> Reading:
        """Return what a call of a task was given of its context, and so back, as a key may see it.

        Raises:
            UnknownDecision: the task has no such call.
            LedgerDown: it is not known.
        """

        async def known(name: str) -> Entry | None:
            entry = await self._ledger.find(name)
            return entry if entry and await self._opens(entry.task, task, key) else None

        async def log(name: str) -> list[Line]:
            return await self.log(name) if await self._opens(name, task, key) else []

        entry = await self._ledger.find(decision)
        if entry is None or entry.task != task.id:
            raise UnknownDecision
        return await followed(entry, known, log, key.sensitivity)

    async def _opens(self, name: str, task: Task, key: Key) -> bool:
        """Whether a key may look into a task, beside the one that it asks about."""
        if name == task.id:
            return True
        live = await self._tasks.find(name) if name else None
        return live is not None and may_use(key, live.task)

    async def fetch(self, task: str) -> Held:
        """Return a context as the store has it now.

        Raises:
            LedgerDown: it is not known.
        """
        paper = await self._papers.find(PaperKind.CONTEXT, task)
        held = self._shelf.find(task)
        if held is not None and paper is not None and held.revision == paper.revision:
            return held
        return self._shelf.keep(Held(task, paper))

    def known(self, task: str) -> Held | None:
        """Return a context that is in mind, at most a second old; it takes no time."""
        return self._shelf.find(task)

    def keep(self, nursery: Nursery) -> None:
        """Begin to hear what others write."""
        self._loop = nursery.spawn(self._rounds())

    async def aclose(self) -> None:
        """Hear no more."""
        await called_off(self._loop)

    async def _rounds(self) -> None:
        while True:
            with suppress(LedgerDown):  # it is tried again in a second
                await self._hear()
            await asyncio.sleep(ROUND)

    async def _hear(self) -> None:
        if not self._number:
            self._number, _ = await self._papers.since(PaperKind.CONTEXT, 0)
            self._shelf.forget()  # who wrote before we listened is not heard
        more = True
        while more:
            self._number, papers = await self._papers.since(PaperKind.CONTEXT, self._number)
            for paper in papers:
                held = self._shelf.find(paper.id)
                if held is not None and held.revision < paper.revision:
                    self._shelf.keep(Held(paper.id, paper))
            more = len(papers) >= MOST_FOUND

    async def _sworn(self, task: Task, by: Writer) -> Writer:
        """Return the writer, once it is known that the decision it names is one of the task.

        Raises:
            MalformedBody: it is another task's.
        """
        if not by.decision:
            return by
        entry = await self._ledger.find(by.decision)
        if entry is None:  # such as one of a ledger that was pruned
            return by
        if entry.task != task.id and task.id not in await self._ancestors(entry):
            raise MalformedBody("decision: that call belongs to another task")
        return msgspec.structs.replace(by, agent=by.agent or entry.agent)

    async def _ancestors(self, entry: Entry) -> tuple[str, ...]:
        live = await self._tasks.find(entry.task) if entry.task else None
        return () if live is None else live.task.ancestors

    async def _tried(self, work: _Work) -> Done | None:
        """Return what was done; None where it is to be tried again."""
        held = await self.fetch(work.task.id)
        if not work.pending:
            return self._done(work, {}, max(each.revision for each in work.repeats.values()))
        try:
            write = self._write(held, work)
        except MalformedBody:
            if await self._recalled(work):
                return None
            raise
        if isinstance(write, Clash):
            if await self._recalled(work):
                return None
            raise self._conflict(held, work, write)
        written = await self._papers.write((write,))
        if written is Written.REPEATED:
            work.looked = False
            await self._recalled(work)
        if written is not Written.DONE:
            return None
        self._shelf.keep(Held(work.task.id, write.paper))
        lines = [line(note) for note in write.notes]
        done = [each for each in lines if each.change.place >= len(lines) - len(work.pending)]
        fresh = dict(zip([id(each) for each in work.pending], done, strict=True))
        return self._done(work, fresh, write.paper.revision)

    def _done(self, work: _Work, fresh: dict[int, Line], revision: int) -> Done:
        lines = [fresh.get(id(each)) or work.repeats[each.id] for each in work.asked.operations]
        return Done(revision, tuple(lines))

    def _write(self, held: Held, work: _Work) -> Write | Clash:
        task, match, now = work.task, work.asked.match, self._clock.date()
        if match is not None and match != held.revision:
            return Clash((), f"the context is at revision {held.revision}, not at {match}")
        revision = held.revision + 1
        found = apply(held.document, work.pending, work.by, revision, now)
        if isinstance(found, Clash):
            return found
        return Write(
            paper=Paper(
                kind=PaperKind.CONTEXT,
                id=task.id,
                key=task.key,
                tenant=task.tenant,
                of=task.id,
                made=held.made or now,
                revision=revision,
                body=_encode(found.document),
            ),
            notes=notes(found.changes, work.pending, work.by, revision, now),
        )

    def _conflict(self, held: Held, work: _Work, clash: Clash) -> ContextConflict:
        error = ContextConflict(
            f"Somebody else wrote meanwhile: {clash.why}. Nothing was written; look at what is "
            "there now, and send what you make of it."
        )
        named = {*clash.keys, *[each.key for each in work.asked.operations]}
        living = current(held.document, self._clock.date())
        there = Document(tuple([each for each in living.items if each.key in named]))
        error.there = seen_by(there, held.revision, work.by.sensitivity)
        error.keys = clash.keys
        return error

    async def _recalled(self, work: _Work) -> bool:
        """Look for operations that were done before; whether any was found."""
        wanted = {name(work.by, each.id): each for each in work.pending if each.id}
        if work.looked or not wanted:
            return False
        work.looked = True
        found: list[Note] = []

        def look(note: Note) -> None:
            if note.id in wanted:
                found.append(note)

        await scan(self._papers, work.task.id, look)
        for note in found:
            known, asked = line(note), wanted[note.id]
            if known.change.asked != digest_of(asked):
                raise MalformedBody(f"operation id {asked.id!r} was used for another operation")
            work.repeats[asked.id] = known
        return bool(found)
