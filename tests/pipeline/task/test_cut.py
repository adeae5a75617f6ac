"""What is under way of a task that is stopped."""

from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from support.papers import SlowPapers
from support.stage import LoopClock, a_call
from support.virtual_time import run
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.mandate import Mandate
from switchgear.domain.supervision import TaskStopped
from switchgear.domain.task import Identity, Status, Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.entrance import Bid, Taken
from switchgear.pipeline.task.cut import Cuts
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.nursery import Nursery


def a_task(name: str, *ancestors: str) -> Task:
    above = ancestors[0] if ancestors else ""
    return Task(id=name, opened=UnixMs(0), parent=above, ancestors=ancestors)


def a_bid(task: str, confidence: float = 1.0) -> Bid:
    identity = Identity(task=task, confidence=confidence)
    call = msgspec.structs.replace(a_call(), mandate=Mandate(identity=identity))
    return cast("Bid", SimpleNamespace(call=call))  # nobody looks at the rest of it here


def halted(task: Task) -> Task:
    return msgspec.structs.replace(task, status=Status.STOPPED, why="enough")


def paused(task: Task) -> Task:
    return msgspec.structs.replace(task, status=Status.PAUSED, why="wait")


Errors = dict[str, SwitchgearError]


class Scene:
    """Tasks above one another, and attempts at calls of theirs."""

    def __init__(self) -> None:
        self.tasks = Tasks(SlowPapers(), LoopClock(), Nursery())
        self.cuts = Cuts(self.tasks)
        self.errors: Errors = {}

    async def begin(self, name: str, confidence: float = 1.0) -> Taken:
        taken = Taken()
        taken.cut = lambda error: self.errors.update({name: error})
        assert await self.cuts.pay(a_bid(name, confidence), taken) is None
        return taken


def test_a_stop_cuts_the_task_and_what_is_part_of_it_and_nothing_else() -> None:
    async def life() -> None:
        scene = Scene()
        for task in (a_task("a"), a_task("b", "a"), a_task("c", "b", "a"), a_task("d")):
            await scene.tasks.open(task)
        for name in "abcd":
            await scene.begin(name)
        await scene.tasks.change("b", halted)
        assert sorted(scene.errors) == ["b", "c"]
        assert all(isinstance(each, TaskStopped) for each in scene.errors.values())
        assert "enough" in scene.errors["c"].message
        assert scene.cuts.cut == 2

    run(life())


def test_a_pause_cuts_nothing() -> None:
    async def life() -> None:
        scene = Scene()
        await scene.tasks.open(a_task("a"))
        await scene.begin("a")
        await scene.tasks.change("a", paused)
        assert not scene.errors

    run(life())


def test_no_more_is_tried_of_a_task_that_was_stopped_meanwhile() -> None:
    async def life() -> None:
        scene = Scene()
        await scene.tasks.open(a_task("a"))
        await scene.tasks.change("a", halted)
        with pytest.raises(TaskStopped, match="enough"):
            await scene.begin("a")

    run(life())


def test_what_has_ended_is_cut_no_more() -> None:
    async def life() -> None:
        scene = Scene()
        await scene.tasks.open(a_task("a"))
        (await scene.begin("a")).close()
        await scene.tasks.change("a", halted)
        assert not scene.errors
        assert scene.cuts.cut == 0

    run(life())


def test_a_call_that_is_not_surely_the_tasks_is_not_cut() -> None:
    async def life() -> None:
        scene = Scene()
        await scene.tasks.open(a_task("a"))
        await scene.begin("a", confidence=0.5)
        await scene.tasks.change("a", halted)
        assert not scene.errors

    run(life())
