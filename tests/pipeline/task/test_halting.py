"""Pausing and stopping a task, and what its callers are told."""

import asyncio

import msgspec

from support.asked import Office
from switchgear.domain.mandate import Rung
from switchgear.domain.supervision import TaskPaused, TaskStopped
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.course import Climb
from switchgear.pipeline.task.halting import Halting, refusal_for

SEEN = "look gave the same result 9 times"
TASK = Task(id="tk_1", key="agent", opened=UnixMs(0))


def climb(rung: str) -> Climb:
    return Climb(Rung(rung, ("exact_repeat",)), SEEN)


def after(*rungs: str) -> Task:
    async def life() -> Task:
        office = Office()
        live = await office.tasks.open(TASK)
        halting = Halting(office.tasks, office.tickets, office.nursery)
        for rung in rungs:
            await halting.halt(live, climb(rung), "sg_1")
        await office.aclose()
        assert live.course.closing is None
        return live.task

    return asyncio.run(life())


def test_a_paused_task_waits_for_its_ticket_and_says_what_was_seen() -> None:
    task = after("pause")
    assert (task.status, task.code) == (Status.PAUSED, "loop")
    assert task.ticket.startswith("ti_")
    error = refusal_for(task, task)
    assert isinstance(error, TaskPaused)
    assert all(word in error.message for word in (SEEN, "exact_repeat", "sg_1", task.ticket))


def test_a_task_that_is_stopped_after_its_pause_keeps_its_ticket() -> None:
    task = after("pause", "stop")
    assert task.status is Status.STOPPED
    assert task.ticket
    error = refusal_for(task, task)
    assert isinstance(error, TaskStopped)
    assert not error.worth_retrying
    assert SEEN in error.message


def test_what_is_stopped_is_not_paused_any_more() -> None:
    assert after("stop", "pause").status is Status.STOPPED


def test_a_child_is_told_which_task_above_it_does_not_run() -> None:
    stopped = msgspec.structs.replace(TASK, status=Status.STOPPED, why="")
    child = msgspec.structs.replace(TASK, id="tk_2")
    assert "tk_1" in refusal_for(stopped, child).message
    assert "by hand" in refusal_for(stopped, child).message
