"""Hand-offs of tasks: made, looked at, and given to the agent that goes on, once."""

from contextlib import suppress

import msgspec

from switchgear.domain.caller import Key
from switchgear.domain.entry import End
from switchgear.domain.errors import LedgerDown, MalformedBody
from switchgear.domain.handoff import (
    MOST_PENDING,
    Handoff,
    HandoffState,
    Package,
    Wish,
)
from switchgear.domain.ids import CHANCE_BITS, mint_handoff
from switchgear.domain.supervision import TaskConflict, UnknownHandoff, UnknownTask
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.engine.handoff import package, read, written
from switchgear.engine.history import NOTHING_DONE
from switchgear.engine.loop.read import handoff_of
from switchgear.pipeline.task.bursar import Bursar
from switchgear.pipeline.task.context import Contexts
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.usage import told_usage
from switchgear.pipeline.task.witness import Witness
from switchgear.ports.chance import Chance
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Ledger
from switchgear.ports.papers import Paper, PaperKind, Papers, Sought, Write, Written

MOST_TRIES = 8
"""At a change, when others are quicker each time."""
LEASE_MS = 120_000
"""So long a call that has a package may be under way before it is asked what became of it."""
OVER = frozenset({Status.STOPPED, Status.DONE})


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """What hand-offs stand on."""

    tasks: Tasks
    contexts: Contexts
    bursar: Bursar
    papers: Papers
    ledger: Ledger
    clock: Clock
    chance: Chance


class Handoffs:
    """Every verb holds over all processes that share the store; it outlives a reload."""

    def __init__(self, stand: Stand) -> None:
        """Start with nothing heard."""
        self.witness = Witness(stand.clock)
        self._stand = stand

    async def make(self, said: str, wish: Wish, by: Key) -> Handoff:
        """Hand a task over: its package waits for the receiver's next call.

        Raises:
            UnknownTask: there is none of that id or name that is the asker's.
            TaskConflict: it is stopped or done.
            MalformedBody: it cannot be handed over so.
            LedgerDown: nothing was done.
        """
        stand = self._stand
        task = await stand.contexts.task(said, by)
        live = await stand.tasks.find(task.id)
        if live is None:
            raise UnknownTask
        handoff = await self._packed(live, wish, by)
        for _ in range(MOST_TRIES):
            if live.task.status in OVER:
                raise TaskConflict(f"The task is {live.task.status.value}: nobody goes on with it.")
            changed = _handed(live.whole(), handoff)
            beside = (_write_of(handoff, task, 1),)
            if await stand.tasks.put(live, changed, "handed over", beside):
                course = live.course
                course.ring = course.ring.add(
                    (handoff_of(handoff.sender, handoff.receiver, course.ring),)
                )
                return handoff
            live = await stand.tasks.fresh(task.id) or live
        raise LedgerDown("The task is changed by too many at once; try again.")

    async def find(self, said: str, name: str, by: Key) -> Handoff:
        """Return one hand-off of a task.

        Raises:
            UnknownTask: as ``make``.
            UnknownHandoff: the task has none of that id.
            LedgerDown: it is not known.
        """
        task = await self._stand.contexts.task(said, by)
        paper = await self._stand.papers.find(PaperKind.HANDOFF, name)
        if paper is None or paper.of != task.id:
            raise UnknownHandoff
        return _seen_by(handoff_in(paper), by)

    async def list(self, said: str, by: Key, limit: int) -> tuple[Handoff, ...]:
        """Return the hand-offs of a task, newest first; raises as ``make``."""
        task = await self._stand.contexts.task(said, by)
        sought = Sought(kind=PaperKind.HANDOFF, of=task.id, limit=limit)
        found = await self._stand.papers.list(sought)
        return tuple([_seen_by(handoff_in(each), by) for each in found])

    async def claim(self, live: Live, name: str, call: str) -> Handoff | None:
        """Return the hand-off whose package a call is to have; None for none.

        It is the receiver's first, and nobody else's, where ``call`` is the call that it names.

        Raises:
            LedgerDown: it is not known.
        """
        heard = self.witness.known(live.task.id)
        if heard is not None and heard.package is not None and heard.package.id == name:
            return heard.package
        paper = await self._stand.papers.find(PaperKind.HANDOFF, name)
        if paper is None:
            await self._forget(live, name)
            return None
        handoff = handoff_in(paper)
        if not await self._is_free(live, handoff):
            return None if handoff.once else handoff
        due = UnixMs(self._stand.clock.date() + LEASE_MS)
        giving = msgspec.structs.replace(handoff, state=HandoffState.GIVING, call=call, due=due)
        if await self._write(giving, live.task, paper.revision + 1):
            return giving
        return None if handoff.once else handoff

    async def _is_free(self, live: Live, handoff: Handoff) -> bool:
        """Whether no call of the receiver's has had the package, as far as can be known."""
        match handoff.state:
            case HandoffState.GIVING:
                if (handoff.due or 0) > self._stand.clock.date():
                    return False
                if not await self._answered(handoff.call):
                    return True
                await self.gave(live, handoff)
            case HandoffState.GIVEN:
                await self._settle(live, handoff)
        return handoff.state is HandoffState.OPEN

    async def gave(self, live: Live, handoff: Handoff) -> None:
        """Know that the first call has been answered: no other is the first."""
        with suppress(LedgerDown):  # then it is looked up when it is due
            await self._turn(live.task, handoff, HandoffState.GIVEN)
            await self._settle(live, handoff)

    async def _settle(self, live: Live, handoff: Handoff) -> None:
        heard = self.witness.known(live.task.id)
        if handoff.once:
            await self._forget(live, handoff.id)
        elif heard is not None:
            heard.package = handoff

    async def took_back(self, live: Live, handoff: Handoff) -> None:
        """Let the next call have the package: this one was not answered."""
        with suppress(LedgerDown):
            await self._turn(live.task, handoff, HandoffState.OPEN)

    async def look(self, live: Live) -> None:
        """Learn whether somebody else has handed the task over."""
        with suppress(LedgerDown):
            await self._stand.tasks.fresh(live.task.id)

    async def _packed(self, live: Live, wish: Wish, by: Key) -> Handoff:
        stand, task = self._stand, live.task
        heard = self.witness.known(task.id)
        sender = wish.sender or (heard.agent if heard else "") or task.agent
        if sender == wish.receiver:
            raise MalformedBody(f"to: {wish.receiver!r} works on the task already")
        snapshot = await stand.contexts.snapshot(task.id, by.sensitivity)
        remaining = told_usage(await stand.bursar.standing(live), ())
        now = stand.clock.date()
        return Handoff(
            id=mint_handoff(now, stand.chance.bits(CHANCE_BITS)),
            task=task.id,
            sender=sender,
            receiver=wish.receiver,
            reason=wish.reason,
            acceptance=wish.acceptance,
            note=wish.note,
            once=wish.once,
            key=by.id,
            at=now,
            sensitivity=max(by.sensitivity, heard.sensitivity) if heard else by.sensitivity,
            package=package(task, snapshot, heard.history if heard else NOTHING_DONE, remaining),
        )

    async def _answered(self, call: str) -> bool:
        entry = await self._stand.ledger.find(call)
        return entry is not None and entry.end is End.ANSWERED

    async def _turn(self, task: Task, handoff: Handoff, state: HandoffState) -> None:
        """Let a hand-off that this call has stand otherwise; what others made of it stays."""
        for _ in range(MOST_TRIES):
            paper = await self._stand.papers.find(PaperKind.HANDOFF, handoff.id)
            there = None if paper is None else handoff_in(paper)
            mine = there is not None and there.call == handoff.call
            if paper is None or there is None or there.state is not HandoffState.GIVING or not mine:
                return
            changed = msgspec.structs.replace(there, state=state, due=None)
            if await self._write(changed, task, paper.revision + 1):
                return

    async def _forget(self, live: Live, name: str) -> None:
        """Let a task wait no more for a hand-off to be given."""

        def less(task: Task) -> Task:
            left = tuple([each for each in task.pending if each[1] != name])
            return task if left == task.pending else msgspec.structs.replace(task, pending=left)

        with suppress(UnknownTask):
            await self._stand.tasks.change(live.task.id, less)

    async def _write(self, handoff: Handoff, task: Task, revision: int) -> bool:
        write = _write_of(handoff, task, revision)
        return await self._stand.papers.write((write,)) is Written.DONE


def handoff_in(paper: Paper) -> Handoff:
    """Return the hand-off of a document.

    Raises:
        LedgerDown: it is none.
    """
    try:
        return read(paper.body)
    except msgspec.MsgspecError:
        raise LedgerDown("What is kept of that hand-off cannot be read.") from None


def _write_of(handoff: Handoff, task: Task, revision: int) -> Write:
    return Write(paper=paper_of(handoff, task, revision))


def paper_of(handoff: Handoff, task: Task, revision: int) -> Paper:
    """Return a hand-off as the store keeps it."""
    return Paper(
        kind=PaperKind.HANDOFF,
        id=handoff.id,
        key=task.key,
        tenant=task.tenant,
        of=handoff.task,
        state=handoff.state.value,
        due=handoff.due,
        made=handoff.at,
        revision=revision,
        body=written(handoff),
    )


def _handed(task: Task, handoff: Handoff) -> Task:
    others = [each for each in task.pending if each[0] != handoff.receiver]
    pending = (*others, (handoff.receiver, handoff.id))
    return msgspec.structs.replace(
        task,
        agent=handoff.receiver,
        pending=tuple(pending[-MOST_PENDING:]),
        handoffs=task.handoffs + 1,
    )


def _seen_by(handoff: Handoff, key: Key) -> Handoff:
    """Return a hand-off without what is more delicate than a key's calls may be."""
    whole, most = handoff.package, key.sensitivity
    kept = {
        name: tuple([each for each in getattr(whole, name) if each.sensitivity <= most])
        for name in ("pinned", "decisions", "open_questions")
    }
    seen: Package = msgspec.structs.replace(whole, **kept)
    if handoff.sensitivity > most:
        seen = msgspec.structs.replace(seen, deeds=(), concluded="")
    return msgspec.structs.replace(handoff, package=seen)
