"""The lives of tasks, whose they are, and what stands above them."""

import asyncio

import msgspec
import pytest

from support.papers import SlowPapers
from support.registry import (
    CALL,
    ROUNDS,
    a_task,
    alone,
    kept,
    named,
    pair,
    paused,
    process,
)
from support.stage import LoopClock, a_call
from support.virtual_time import run
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.caller import Caller, Key
from switchgear.domain.supervision import UnknownTask
from switchgear.domain.task import Identity, Status
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.task import task_id
from switchgear.pipeline.task.registry import ROUND, Tasks
from switchgear.ports.nursery import Nursery


def test_a_paused_task_is_paused_after_a_restart() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        async with process(papers) as tasks:
            for _ in range(2):
                (await tasks.of(named("t"), CALL)).steps += 1
            await tasks.change(task_id("k1", "t"), paused, "paused")
        async with process(papers) as tasks:
            live = await tasks.of(named("t"), CALL)
            assert live.task.status is Status.PAUSED
            assert live.task.run == 1
            assert live.steps == 2

    run(life())


def test_after_its_lifetime_a_task_begins_anew_and_one_that_waits_does_not() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        del papers
        tasks.lifetime = Seconds(100.0)
        runs = await tasks.open(a_task("runs", home="small", deadline=UnixMs(1000)))
        waits = await tasks.open(a_task("waits"))
        runs.steps += 5
        await tasks.change(waits.task.id, paused)
        await asyncio.sleep(tasks.lifetime + 1)
        again = await tasks.of(named("runs"), CALL)
        assert (again.task.run, again.steps, again.task.home) == (2, 0, "")
        assert again.task.deadline is None
        still = await tasks.of(named("waits"), CALL)
        assert (still.task.run, still.task.status) == (1, Status.PAUSED)

    alone(scene)


def test_a_task_lives_on_as_long_as_any_process_sees_it() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        del papers
        one.lifetime = other.lifetime = Seconds(100.0)
        await one.open(a_task())
        await other.of(named("t"), CALL)
        for _ in range(5):
            await asyncio.sleep(60)
            (await one.of(named("t"), CALL)).steps += 1
        live = await other.of(named("t"), CALL)
        assert live.task.run == 1

    pair(scene)


def test_a_process_that_has_not_heard_asks_before_it_begins_a_life() -> None:
    async def life() -> None:
        papers = SlowPapers()
        async with process(papers) as one:
            deaf = Tasks(papers, LoopClock(), Nursery())
            one.lifetime = deaf.lifetime = Seconds(100.0)
            await one.open(a_task())
            await deaf.of(named("t"), CALL)
            for _ in range(3):
                await asyncio.sleep(60)
                await one.of(named("t"), CALL)
                await asyncio.sleep(ROUND)
            assert (await deaf.of(named("t"), CALL)).task.run == 1

    run(life())


def test_two_processes_agree_on_a_life_that_both_begin() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        one.lifetime = other.lifetime = Seconds(100.0)
        await one.open(a_task())
        await other.of(named("t"), CALL)
        await asyncio.sleep(one.lifetime + 1)
        both = await asyncio.gather(one.of(named("t"), CALL), other.of(named("t"), CALL))
        for each in both:
            each.steps += 1
        await asyncio.sleep(ROUNDS)
        assert [each.task.run for each in both] == [2, 2]
        found = await kept(papers, "t")
        assert found is not None
        assert (found.run, found.steps) == (2, 2)

    pair(scene)


def test_a_task_that_is_done_begins_anew_with_its_next_call() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        del papers
        live = await tasks.open(a_task())
        await tasks.change(
            live.task.id, lambda task: msgspec.structs.replace(task, status=Status.DONE)
        )
        again = await tasks.of(named("t"), CALL)
        assert (again.task.status, again.task.run) == (Status.RUNNING, 2)

    alone(scene)


def test_a_key_never_gets_another_ones_task() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        del papers
        live = await tasks.open(a_task())
        stranger = a_call(caller=Caller(key=Key(id="k2")))
        with pytest.raises(UnknownTask):
            await tasks.of(Identity(task=live.task.id, confidence=1.0), stranger)
        child = Identity(task=task_id("k2", "c"), parent=live.task.id, confidence=1.0)
        assert (await tasks.of(child, stranger)).task.parent == ""

    alone(scene)


def test_a_child_knows_its_ancestors_and_keeps_them_in_mind() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        del papers
        await one.of(named("a"), CALL)
        await one.of(named("b", "a"), CALL)
        live = await one.of(named("c", "b"), CALL)
        names = [task_id("k1", each) for each in "ba"]
        assert live.task.ancestors == tuple(names)
        assert [each.task.id for each in await one.chain(live)] == [live.task.id, *names]
        await asyncio.sleep(ROUNDS)
        await other.of(named("c"), CALL)
        assert all(other.known(each) is not None for each in names)

    pair(scene)


def test_a_child_that_calls_first_begins_its_parent_too() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        live = await tasks.of(named("child", "parent"), CALL)
        assert live.task.parent == task_id("k1", "parent")
        await asyncio.sleep(ROUNDS)
        assert await kept(papers, "parent") is not None

    alone(scene)


def test_two_tasks_that_say_they_are_each_others_parent_end_in_no_circle() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        del papers
        async with asyncio.timeout(10):
            await asyncio.gather(tasks.of(named("a", "b"), CALL), tasks.of(named("b", "a"), CALL))
        found = [tasks.known(task_id("k1", each)) for each in "ab"]
        for live in found:
            assert live is not None
            assert live.task.id not in live.task.ancestors

    alone(scene)
