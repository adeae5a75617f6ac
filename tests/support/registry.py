"""Processes that share a store of tasks, and what they are asked there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from support.papers import SlowPapers
from support.stage import LoopClock, a_call
from support.virtual_time import run
from switchgear.domain.caller import Caller, Key
from switchgear.domain.task import Identity, Status, Task
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import task_id
from switchgear.pipeline.task.registry import ROUND, Tasks
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import PaperKind, Papers

KEY = Key(id="k1")
CALL = a_call(caller=Caller(key=KEY))
ROUNDS = Seconds(3 * ROUND)


def named(name: str, parent: str = "", key: str = "k1") -> Identity:
    above = task_id(key, parent) if parent else ""
    return Identity(task=task_id(key, name), name=name, confidence=1.0, parent=above)


def a_task(name: str = "t", **more: object) -> Task:
    fixed = {"id": task_id("k1", name), "name": name, "key": "k1", "opened": UnixMs(0)}
    return msgspec.convert({**fixed, **more}, Task, strict=False)


def halted(task: Task) -> Task:
    return msgspec.structs.replace(task, status=Status.STOPPED, why="enough", code="by_hand")


def paused(task: Task) -> Task:
    return msgspec.structs.replace(task, status=Status.PAUSED, why="wait", code="by_hand")


@asynccontextmanager
async def process(papers: Papers) -> AsyncIterator[Tasks]:
    """One process; at the end it is closed as the gateway is."""
    nursery = Nursery()
    tasks = Tasks(papers, LoopClock(), nursery)
    tasks.keep()
    try:
        yield tasks
    finally:
        await tasks.aclose()
        await nursery.aclose()


async def kept(papers: Papers, name: str) -> Task | None:
    paper = await papers.find(PaperKind.TASK, task_id("k1", name))
    return None if paper is None else msgspec.json.decode(paper.body, type=Task)


async def one_change(tasks: Tasks) -> None:
    await tasks.change(
        task_id("k1", "t"), lambda task: msgspec.structs.replace(task, goal=task.goal + "x")
    )


def alone(scene: Callable[[Tasks, SlowPapers], Awaitable[None]]) -> None:
    async def life() -> None:
        papers = SlowPapers()
        async with process(papers) as tasks:
            await scene(tasks, papers)

    run(life())


def pair(scene: Callable[[Tasks, Tasks, SlowPapers], Awaitable[None]]) -> None:
    async def life() -> None:
        papers = SlowPapers()
        async with process(papers) as one, process(papers) as other:
            await scene(one, other, papers)

    run(life())
