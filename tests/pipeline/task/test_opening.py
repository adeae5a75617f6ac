"""Tasks are opened by what is said of them, each of them once."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from support.counter import ADMIN, OTHER, OWN, Counter
from support.virtual_time import run
from switchgear.config.opening import Opening
from switchgear.config.setup import Supervision
from switchgear.domain.caller import Key
from switchgear.domain.context import Operation
from switchgear.domain.errors import IdempotencyMismatch, MalformedBody, NotAllowed
from switchgear.domain.supervision import TaskConflict, TaskPaused, TaskSpent, UnknownTask
from switchgear.domain.task import AtCap, Caps, Status
from switchgear.domain.view import View
from switchgear.engine.handling import Verb
from switchgear.engine.task import MOST_GENERATIONS, looks_minted
from switchgear.ports.papers import PaperKind

Scene = Callable[[Counter], Awaitable[None]]


def play(scene: Scene, settings: Supervision | None = None) -> None:
    async def life() -> None:
        await scene(Counter(settings))

    run(life())


async def opened(counter: Counter, by: Key = OWN, again: str = "", **said: object) -> View:
    view, _ = await counter.desk.open(msgspec.convert(said, Opening), by, again)
    return view


def test_the_same_name_is_another_task_for_another_key() -> None:
    async def scene(counter: Counter) -> None:
        ids = {(await opened(counter, by, name="t")).task.id for by in (OWN, OTHER, ADMIN)}
        assert len(ids) == 3

    play(scene)


def test_without_a_name_each_is_another_unless_a_key_says_that_it_is_the_same() -> None:
    async def scene(counter: Counter) -> None:
        free = {(await opened(counter, goal="a")).task.id for _ in range(3)}
        assert len(free) == 3
        assert all(looks_minted(each) for each in free)
        same = {(await opened(counter, again="x", goal="a")).task.id for _ in range(3)}
        assert len(same) == 1
        with pytest.raises(IdempotencyMismatch):
            await opened(counter, again="x", goal="b")

    play(scene)


def test_of_many_at_once_one_is_first_and_all_get_it() -> None:
    async def scene(counter: Counter) -> None:
        opening = Opening(name="t", goal="write")
        found = await asyncio.gather(*[counter.desk.open(opening, OWN) for _ in range(50)])
        assert sum(made for _, made in found) == 1
        assert len({view.task.id for view, _ in found}) == 1

    play(scene)


def test_a_name_that_was_opened_otherwise_is_taken_until_it_is_done() -> None:
    async def scene(counter: Counter) -> None:
        first = await opened(counter, name="t", goal="a")
        with pytest.raises(TaskConflict, match=first.task.id):
            await opened(counter, name="t", goal="b")
        await counter.desk.act("t", Verb.DONE, OWN)
        again = await opened(counter, name="t", goal="b")
        assert (again.task.goal, again.task.run) == ("b", 2)

    play(scene)


def test_one_that_does_not_run_is_not_opened_again() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, name="t", goal="a")
        await counter.desk.act("t", Verb.STOP, OWN)
        with pytest.raises(TaskConflict, match="resume"):
            await opened(counter, name="t", goal="b")

    play(scene)


def test_a_child_that_is_opened_again_is_let_in_anew() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, name="p")
        await opened(counter, name="c", parent="p")
        await counter.desk.act("c", Verb.DONE, OWN)
        await counter.desk.act("p", Verb.PAUSE, OWN)
        with pytest.raises(TaskPaused):
            await opened(counter, name="c", parent="p", goal="more")

    play(scene)


def test_after_its_lifetime_a_name_is_free_and_what_it_said_is_gone() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, name="t", goal="a", caps={"steps": 3}, metadata={"a": "b"})
        await asyncio.sleep(counter.tasks.lifetime + 1)
        again = await opened(counter, name="t", agent="writer")
        task = again.task
        assert (task.goal, task.agent, task.caps, task.metadata) == ("", "writer", Caps(), ())
        assert (task.run, task.status) == (2, Status.RUNNING)

    play(scene)


def test_a_context_is_written_with_its_task_or_neither_is() -> None:
    async def scene(counter: Counter) -> None:
        with pytest.raises(MalformedBody, match="context"):
            await opened(counter, name="t", context=[{"key": "bad"}])
        with pytest.raises(UnknownTask):
            await counter.desk.find("t", OWN)
        view = await opened(counter, name="t", context=[{"key": "good"}])
        assert await counter.papers.find(PaperKind.CONTEXT, view.task.id) is not None
        assert counter.shelf.begun == []
        await counter.desk.act("t", Verb.DONE, OWN)
        context = (Operation(key="good"),)
        await counter.desk.open(Opening(name="t", goal="b", context=context), OWN)
        assert counter.shelf.begun == [view.task.id]

    play(scene)


def test_only_an_admin_writes_as_a_human() -> None:
    async def scene(counter: Counter) -> None:
        for by, human in ((OWN, b"False"), (ADMIN, b"True")):
            view = await opened(counter, by, name="t", context=[{"key": "good"}])
            paper = await counter.papers.find(PaperKind.CONTEXT, view.task.id)
            assert paper is not None
            assert paper.body == human

    play(scene)


def test_a_child_is_let_in_by_its_parent() -> None:
    async def scene(counter: Counter) -> None:
        parent = await opened(counter, name="p", caps={"fan_out": 1})
        child = await opened(counter, name="c", parent="p")
        assert child.task.ancestors == (parent.task.id,)
        with pytest.raises(TaskSpent):
            await opened(counter, name="d", parent="p")
        await opened(counter, name="e", parent="c")
        await counter.desk.act("p", Verb.PAUSE, OWN)
        for above in ("p", "e"):
            with pytest.raises(TaskPaused, match=parent.task.id):
                await opened(counter, name="f", parent=above)

    play(scene)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"name": "tk_" + "a" * 26}, "name"),
        ({"name": "a\x1b[2J"}, "name"),
        ({"name": "t", "parent": "t"}, "parent"),
        ({"deadline": "soon"}, "deadline"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, object], told: str) -> None:
    async def scene(counter: Counter) -> None:
        with pytest.raises((MalformedBody, UnknownTask), match=told):
            await counter.desk.open(msgspec.convert(said, Opening), OWN)

    play(scene)


def test_nobody_is_part_of_itself_nor_too_far_below() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, name="t0")
        with pytest.raises(MalformedBody, match="itself"):
            await opened(counter, name="t0", parent="t0", goal="x")
        for number in range(MOST_GENERATIONS):
            await opened(counter, name=f"t{number + 1}", parent=f"t{number}")
        with pytest.raises(MalformedBody, match="generations"):
            await opened(counter, name="last", parent=f"t{MOST_GENERATIONS}")

    play(scene)


def test_a_parent_of_another_tenant_is_not_there() -> None:
    async def scene(counter: Counter) -> None:
        parent = await opened(counter, name="p")
        with pytest.raises(UnknownTask, match="parent"):
            await opened(counter, OTHER, name="c", parent=parent.task.id)

    play(scene)


def test_a_key_that_went_to_another_tenant_does_not_get_what_it_left_behind() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, name="t", goal="secret")
        moved = msgspec.structs.replace(OWN, tenant="other")
        with pytest.raises(TaskConflict, match="tenant"):
            await opened(counter, moved, name="t", goal="secret")

    play(scene)


def test_more_than_the_owner_lets_each_use_takes_an_admin() -> None:
    async def scene(counter: Counter) -> None:
        with pytest.raises(NotAllowed, match="steps"):
            await opened(counter, name="t", caps={"steps": 11})
        assert (await opened(counter, ADMIN, name="t", caps={"steps": 11})).task.caps.steps == 11
        assert (await opened(counter, name="t", caps={"steps": 10})).task.caps.steps == 10

    play(scene, Supervision(caps=Caps(steps=10, at_cap=AtCap.STOP)))
