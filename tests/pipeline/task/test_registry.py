"""What one process knows of tasks, what it keeps, and what it hears of other processes."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.papers import SlowPapers
from support.registry import (
    CALL,
    ROUNDS,
    a_task,
    alone,
    halted,
    kept,
    named,
    one_change,
    pair,
    paused,
    process,
)
from support.stage import LoopClock
from support.virtual_time import run
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.errors import LedgerDown
from switchgear.domain.supervision import TaskConflict
from switchgear.domain.task import Identity, Status, Task
from switchgear.engine.task import task_id
from switchgear.pipeline.task.live import paper_of
from switchgear.pipeline.task.registry import ROUND, Tasks
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import MOST_FOUND, PaperKind, Sought, Write

MANY = 200


def test_many_calls_of_a_new_name_open_one_task_and_look_for_it_once() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        found = await asyncio.gather(*[tasks.of(named("t"), CALL) for _ in range(MANY)])
        assert len({id(each) for each in found}) == 1
        assert papers.asked["find"] == 1

    alone(scene)


def test_one_who_leaves_while_a_name_is_looked_up_takes_nobody_along() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        async with asyncio.TaskGroup() as group:
            first = group.create_task(tasks.of(named("t"), CALL))
            others = [group.create_task(tasks.of(named("t"), CALL)) for _ in range(5)]
            await asyncio.sleep(papers.pause / 2)
            first.cancel()
        assert first.cancelled()
        assert len({id(each.result()) for each in others}) == 1

    alone(scene)


def test_what_comes_once_is_kept_only_by_a_sure_name_and_what_comes_again_is() -> None:
    def guessed(name: str) -> Identity:
        return msgspec.structs.replace(named(name), confidence=0.5)

    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        (await tasks.of(guessed("once"), CALL)).steps += 1
        (await tasks.of(named("by name"), CALL)).steps += 1
        for _ in range(2):
            (await tasks.of(guessed("again"), CALL)).steps += 1
        before = papers.asked["write"]
        await asyncio.sleep(ROUNDS)
        assert papers.asked["write"] - before == 1
        assert await kept(papers, "once") is None
        assert await kept(papers, "by name") is not None
        found = await kept(papers, "again")
        assert found is not None
        assert found.steps == 2

    alone(scene)


def test_nothing_is_written_while_a_call_waits() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        for _ in range(3):
            (await tasks.of(named("t"), CALL)).steps += 1
        assert papers.asked["write"] == 0

    alone(scene)


def test_a_task_that_another_process_stops_is_known_to_be_within_a_round() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        live = await one.open(a_task())
        assert (await other.of(named("t"), CALL)).task.status is Status.RUNNING
        told: list[str] = []
        one.stopped = lambda task: told.append(task.id)
        await other.change(live.task.id, halted, "stopped")
        await asyncio.sleep(ROUND + 10 * papers.pause)
        assert live.task.status is Status.STOPPED
        assert told == [live.task.id]

    pair(scene)


def test_what_was_written_before_a_process_listened_is_heard_too() -> None:
    async def life() -> None:
        papers = SlowPapers(pause=0.4)
        async with process(papers) as one:
            await one.open(a_task())
            nursery = Nursery()
            other = Tasks(papers, LoopClock(), nursery)
            live = await other.of(named("t"), CALL)
            await one.change(live.task.id, paused)
            other.keep()
            await asyncio.sleep(10 * ROUND)
            assert live.task.status is Status.PAUSED
            await other.aclose()
            await nursery.aclose()

    run(life())


def test_what_two_processes_learn_at_once_is_all_kept() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        here = await one.open(a_task())
        there = await other.of(named("t"), CALL)
        here.task, here.dirty = msgspec.structs.replace(here.task, home="small"), True
        there.task, there.dirty = msgspec.structs.replace(there.task, agent="writer"), True
        here.steps, there.steps = here.steps + 3, there.steps + 4
        await other.change(there.task.id, paused)
        await asyncio.sleep(5 * ROUND)
        found = await kept(papers, "t")
        assert found is not None
        assert (found.home, found.agent, found.status) == ("small", "writer", Status.PAUSED)
        assert found.steps == here.steps == there.steps == 7
        assert here.task.agent == "writer"
        assert there.task.home == "small"

    pair(scene)


def test_many_changes_at_once_in_one_process_all_happen() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        live = await tasks.open(a_task())

        def count(task: Task) -> Task:
            return msgspec.structs.replace(task, goal=task.goal + "x")

        await asyncio.gather(*[tasks.change(live.task.id, count) for _ in range(MANY)])
        found = await kept(papers, "t")
        assert found is not None
        assert len(found.goal) == len(live.task.goal) == MANY

    alone(scene)


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        live = await tasks.open(a_task())
        before = papers.asked["write"]
        await tasks.change(live.task.id, lambda task: task)
        assert papers.asked["write"] == before

    alone(scene)


def test_a_task_is_opened_once_by_whoever_is_first() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        del papers
        opening = [one.open(a_task()), other.open(a_task()), one.open(a_task())]
        done = await asyncio.gather(*opening, return_exceptions=True)
        assert sum(isinstance(each, TaskConflict) for each in done) == len(opening) - 1

    pair(scene)


def test_what_is_heard_while_it_is_written_is_not_counted_twice() -> None:
    async def life() -> None:
        papers = SlowPapers(pause=0.3)
        async with process(papers) as tasks:
            live = await tasks.open(a_task())
            for _ in range(20):
                live.steps += 1
                await one_change(tasks)
            await asyncio.sleep(5 * ROUND)
            assert live.steps == live.task.steps == 20

    run(life())


def test_while_the_store_is_away_new_tasks_are_served_and_looked_up_later() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        await one.open(a_task())
        await one.change(task_id("k1", "t"), halted)
        papers.down = True
        live = await other.of(named("t"), CALL)
        assert live.task.status.value == "running"
        with pytest.raises(LedgerDown):
            await other.change(live.task.id, paused)
        papers.down = False
        await asyncio.sleep(ROUNDS)
        assert live.task.status is Status.STOPPED

    pair(scene)


def test_what_could_not_be_kept_is_kept_when_the_store_is_back() -> None:
    async def scene(tasks: Tasks, papers: SlowPapers) -> None:
        live = await tasks.open(a_task())
        papers.down = True
        live.task, live.dirty = msgspec.structs.replace(live.task, home="small"), True
        await asyncio.sleep(ROUNDS)
        papers.down = False
        await asyncio.sleep(ROUNDS)
        found = await kept(papers, "t")
        assert found is not None
        assert found.home == "small"

    alone(scene)


def test_closing_while_the_store_is_away_fails_nobody() -> None:
    async def life() -> None:
        papers = SlowPapers()
        async with process(papers) as tasks:
            live = await tasks.open(a_task())
            live.task, live.dirty = msgspec.structs.replace(live.task, home="small"), True
            papers.down = True

    run(life())


def test_what_is_learnt_last_is_kept_when_it_closes() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        async with process(papers) as tasks:
            lives = [await tasks.open(a_task(f"t{number}")) for number in range(250)]
            await asyncio.sleep(ROUNDS)
            for live in lives:
                live.task, live.dirty = msgspec.structs.replace(live.task, home="small"), True
        found = await papers.list(Sought(kind=PaperKind.TASK, limit=MOST_FOUND))
        homes = [msgspec.json.decode(each.body, type=Task).home for each in found]
        assert homes == ["small"] * len(lives)

    run(life())


def test_one_document_that_cannot_be_read_hides_no_other() -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        await one.open(a_task("good"))
        live = await other.of(named("good"), CALL)
        bad = paper_of(a_task("bad"), 1)
        await asyncio.sleep(ROUNDS)
        await other.of(named("bad"), CALL)
        await papers.write((Write(paper=msgspec.structs.replace(bad, body=b"{")),))
        await one.change(live.task.id, halted)
        await asyncio.sleep(ROUNDS)
        assert live.task.status is Status.STOPPED
        with pytest.raises(LedgerDown):
            await one.find(bad.id)

    pair(scene)


def test_two_processes_share_tasks_through_a_file(tmp_path: Path) -> None:
    async def life() -> None:
        nursery = Nursery()
        stores = [SqlitePapers(tmp_path / "ledger.sqlite3") for _ in range(2)]
        one, other = [Tasks(each, SystemClock(), nursery) for each in stores]
        now = SystemClock().date()
        live = await one.open(a_task(opened=now, seen=now))
        assert (await other.of(named("t"), CALL)).task == live.task
        await asyncio.gather(
            *[
                each.change(
                    live.task.id,
                    lambda task: msgspec.structs.replace(task, goal=task.goal + "x"),
                )
                for each in (one, other)
                for _ in range(4)
            ]
        )
        fresh = await one.fresh(live.task.id)
        assert fresh is not None
        assert fresh.task.goal == 8 * "x"
        for each in (one, other):
            await each.aclose()
        for store in stores:
            await store.aclose()
        await nursery.aclose()

    asyncio.run(life())


async def one_call(tasks: Tasks) -> None:
    (await tasks.of(named("t"), CALL)).steps += 1


async def one_lesson(tasks: Tasks) -> None:
    live = await tasks.of(named("t"), CALL)
    live.task, live.dirty = msgspec.structs.replace(live.task, home=f"h{live.steps}"), True


async def nothing(tasks: Tasks) -> None:
    await asyncio.sleep(0)
    del tasks


DEEDS = {"call": one_call, "change": one_change, "lesson": one_lesson, "nothing": nothing}
deeds = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(sorted(DEEDS)), st.sampled_from((0, 1, 2, 700))),
    max_size=25,
)


async def settled(*processes: Tasks) -> None:
    """Let both keep what they know; what they need not keep at once goes with the next word."""
    for _ in range(2):
        for tasks in processes:
            (await tasks.of(named("t"), CALL)).dirty = True
        await asyncio.sleep(ROUNDS)


@settings(max_examples=60, deadline=None)
@given(deeds)
def test_however_calls_and_changes_of_two_processes_interleave_nothing_is_lost(
    done: list[tuple[int, str, int]],
) -> None:
    async def scene(one: Tasks, other: Tasks, papers: SlowPapers) -> None:
        await one.open(a_task())
        async with asyncio.TaskGroup() as group:
            for who, deed, turns in done:
                group.create_task(DEEDS[deed]((one, other)[who]))
                await asyncio.sleep(turns * papers.pause)
        await settled(one, other)
        found = await kept(papers, "t")
        assert found is not None
        did = [deed for _, deed, _ in done]
        assert (len(found.goal), found.steps) == (did.count("change"), did.count("call"))
        lives = [one.known(found.id), other.known(found.id)]
        here = [each and (each.task.goal, each.task.home, each.steps) for each in lives]
        assert here == [(found.goal, found.home, found.steps)] * 2

    pair(scene)
