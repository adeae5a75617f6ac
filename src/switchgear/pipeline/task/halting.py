"""Pauses and stops a task that goes in circles, and refuses the calls of those that do not run."""

import asyncio
from collections.abc import Callable

import msgspec

from switchgear.domain.errors import LedgerDown, MalformedBody, Overloaded, Refusal
from switchgear.domain.looping import RUNGS
from switchgear.domain.supervision import TaskConflict, TaskPaused, TaskStopped, UnknownTask
from switchgear.domain.task import Status, Task
from switchgear.domain.ticket import Question
from switchgear.engine.ladder import LOOP, STOP
from switchgear.engine.spent import told_again
from switchgear.pipeline.task.course import Climb
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.nursery import Nursery

HALTED = frozenset({Status.PAUSED, Status.STOPPED})
BY_HAND = "by hand"


class Halting:
    """Keeps that a task does not run; where the store is down, in this process at least."""

    def __init__(self, tasks: Tasks, tickets: Tickets, nursery: Nursery) -> None:
        """Take who keeps tasks, and who asks humans."""
        self._tasks = tasks
        self._tickets = tickets
        self._nursery = nursery

    async def halt(self, live: Live, climb: Climb, decision: str) -> None:
        """Pause or stop a task, as the rung says; it is done also if the caller leaves meanwhile.

        Until it is kept no other call of the task slips through.
        """
        why = _why(climb, decision)
        stops = climb.rung.name == RUNGS[STOP]
        status = Status.STOPPED if stops else Status.PAUSED
        live.course.closing = _halted(live.task, status, why)
        work = self._nursery.spawn(self._stop(live, why) if stops else self._pause(live, why))
        await asyncio.wait({work})
        work.result()

    async def _pause(self, live: Live, why: str) -> None:
        """Let a task wait for a human, who is asked by a ticket, as far as one can be kept."""
        question = Question(
            text=f"The task goes in circles: {why}. May it go on?",
            task=live.task.id,
            agent=live.task.agent,
            why=why,
            code=LOOP,
        )
        try:
            await self._tickets.ask(question, pauses=True)
        except (MalformedBody, Overloaded, LedgerDown):
            await self._change(live, lambda task: _halted(task, Status.PAUSED, why), "paused")
        except (TaskConflict, UnknownTask):
            return  # somebody was quicker: what they said holds
        finally:
            live.course.closing = None

    async def _stop(self, live: Live, why: str) -> None:
        """Stop a task; the ticket that it waited for can still let it go on."""
        try:
            await self._change(live, lambda task: _halted(task, Status.STOPPED, why), "stopped")
        finally:
            live.course.closing = None

    async def _change(self, live: Live, change: Callable[[Task], Task], deed: str) -> None:
        try:
            await self._tasks.change(live.task.id, change, deed)
        except (LedgerDown, UnknownTask):
            live.task, live.dirty = change(live.task), True


def refusal_for(task: Task, own: Task) -> Refusal:
    """Return why no call is served of ``own``: it, or ``task`` that it is part of, does not run."""
    what = "The task" if task.id == own.id else f"The task {task.id}, which this one is part of,"
    why = task.why or BY_HAND
    capped = told_again(task, what)
    if capped is not None:
        return capped
    if task.status is Status.STOPPED:
        return TaskStopped(
            f"{what} was stopped: {why}. Sending this again does not help; its owner may resume it."
        )
    waits = f", by the ticket {task.ticket}" if task.ticket else ""
    return TaskPaused(
        f"{what} is paused: {why}. Sending this again does not help until somebody resumes"
        f" it{waits}."
    )


def _why(climb: Climb, decision: str) -> str:
    codes = ", ".join(climb.rung.signals)
    return f"{climb.evidence or codes} ({codes}; decision {decision})"


def _halted(task: Task, status: Status, why: str) -> Task:
    if task.status is status or task.status is Status.STOPPED:
        return task
    return msgspec.structs.replace(task, status=status, why=why, code=LOOP)
