"""What is done with tasks at the counter, and for whom they are there."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from support.counter import ADMIN, MATE, OTHER, OWN, Counter
from support.virtual_time import run
from switchgear.config.opening import Amendment, Opening
from switchgear.domain.caller import ANONYMOUS, Key
from switchgear.domain.errors import NotAllowed
from switchgear.domain.supervision import TaskConflict, TaskSpent, UnknownTask
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.domain.view import View, Wanted
from switchgear.engine.handling import Verb
from switchgear.ports.papers import MOST_FOUND


def play(scene: Callable[[Counter], Awaitable[None]]) -> None:
    async def life() -> None:
        await scene(Counter())

    run(life())


async def opened(counter: Counter, name: str, by: Key = OWN, **said: object) -> str:
    view, _ = await counter.desk.open(msgspec.convert({"name": name, **said}, Opening), by)
    return view.task.id


async def amend(
    counter: Counter, name: str, by: Key | None, revision: int | None = None, **said: object
) -> View:
    return await counter.desk.amend(name, msgspec.convert(said, Amendment), by, revision)


def halted(code: str) -> Callable[[Task], Task]:
    return lambda task: msgspec.structs.replace(
        task, status=Status.PAUSED, code=code, why="it came to its cap", ticket="tq"
    )


def test_a_task_is_found_by_its_id_by_all_who_see_it_and_by_its_name_by_its_key() -> None:
    async def scene(counter: Counter) -> None:
        task = await opened(counter, "t")
        for by in (OWN, MATE, ADMIN, None):
            assert (await counter.desk.find(task, by)).task.id == task
        assert (await counter.desk.find("t", OWN)).task.id == task
        for name, by in ((task, OTHER), ("t", MATE), ("t", None)):
            with pytest.raises(UnknownTask):
                await counter.desk.find(name, by)

    play(scene)


def test_on_an_open_server_anybody_does_anything() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, "t", ANONYMOUS, caps={"steps": 1})
        assert (await amend(counter, "t", ANONYMOUS, caps={"steps": 5})).task.caps.steps == 5

    play(scene)


@pytest.mark.parametrize("code", ["cap", "budget", "deadline"])
def test_more_of_what_it_came_to_lets_a_task_go_on(code: str) -> None:
    async def scene(counter: Counter) -> None:
        task = await opened(counter, "t", caps={"steps": 1}, deadline_s=5)
        await counter.tasks.change(task, halted(code))
        same = await amend(counter, task, ADMIN, goal="x")
        assert same.task.status is Status.PAUSED
        more = await amend(counter, task, ADMIN, caps={"steps": 2})
        assert (more.task.status, more.task.why, more.task.ticket) == (Status.RUNNING, "", "")
        await counter.tasks.change(task, halted(code))
        assert (await amend(counter, task, ADMIN, deadline_s=50)).task.status is Status.RUNNING

    play(scene)


def test_what_another_process_did_a_moment_ago_is_known() -> None:
    async def scene(counter: Counter) -> None:
        other = Counter(papers=counter.papers)
        task = await opened(counter, "t")
        assert (await other.desk.view(task, OWN)).task.status is Status.RUNNING
        await counter.desk.act(task, Verb.STOP, OWN)
        resumed = await other.desk.act(task, Verb.RESUME, OWN)
        assert (resumed.task.status, resumed.revision) == (Status.RUNNING, 3)
        assert (await counter.desk.view(task, OWN)).task.status.value == "running"

    play(scene)


def test_more_does_not_let_go_what_something_else_holds() -> None:
    async def scene(counter: Counter) -> None:
        task = await opened(counter, "t", caps={"steps": 1})
        await counter.tasks.change(task, halted("loop"))
        assert (await amend(counter, task, ADMIN, caps={"steps": 2})).task.status.value == "paused"

    play(scene)


def test_less_is_free_and_more_comes_from_above() -> None:
    async def scene(counter: Counter) -> None:
        task = await opened(counter, "t", caps={"steps": 5, "usd": 1.0})
        assert (await amend(counter, task, MATE, caps={"steps": 4})).task.caps.steps == 4
        for more in ({"steps": 5}, {"usd": None}, {"at_cap": "wrap_up"}):
            with pytest.raises(NotAllowed):
                await amend(counter, task, OWN, caps=more)
        seen = await amend(counter, task, None, caps={"usd": None, "at_cap": "wrap_up"})
        assert seen.task.caps.money is None

    play(scene)


def test_a_revision_that_is_not_there_any_more_changes_nothing() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, "t")
        first = await amend(counter, "t", OWN, 1, goal="a")
        assert first.revision == 2
        with pytest.raises(TaskConflict, match="revision 2, not 1"):
            await amend(counter, "t", OWN, 1, goal="b")
        assert (await counter.desk.view("t", OWN)).task.goal == "a"

    play(scene)


def test_of_two_who_change_one_revision_one_wins() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, "t")
        both = [amend(counter, "t", OWN, 1, goal=goal) for goal in "ab"]
        done = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(each, TaskConflict) for each in done) == 1

    play(scene)


def test_a_child_gets_no_more_than_its_parent_has_left() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, "p", caps={"steps": 10})
        await opened(counter, "c", parent="p", caps={"steps": 4})
        child = (await counter.desk.find("c", OWN)).task.id
        with pytest.raises(TaskSpent):
            await amend(counter, child, ADMIN, caps={"steps": 11})
        assert (await amend(counter, child, ADMIN, caps={"steps": 10})).task.caps.steps == 10
        (steps,) = (await counter.desk.view("p", OWN)).caps
        assert (steps["promised"], steps["left"]) == (10, 0)

    play(scene)


def test_each_deed_is_in_the_history_with_who_did_it() -> None:
    async def scene(counter: Counter) -> None:
        task = await opened(counter, "t")
        await counter.desk.act(task, Verb.PAUSE, OWN)
        await counter.desk.act(task, Verb.RESUME, None)
        deeds = [msgspec.json.decode(each.body) for each in await counter.desk.history(task, OWN)]
        assert deeds == ["opened", "paused by the key k", "resumed by somebody at the machine"]
        with pytest.raises(UnknownTask):
            await counter.desk.history(task, OTHER)

    play(scene)


def test_a_list_shows_to_each_what_is_theirs() -> None:
    async def scene(counter: Counter) -> None:
        for by in (OWN, MATE, OTHER, Key(id="free"), ANONYMOUS):
            await opened(counter, "t", by)
        sizes = [
            len((await counter.desk.list(Wanted(), by))[0])
            for by in (OWN, MATE, ADMIN, OTHER, Key(id="free"), Key(id="new"), None)
        ]
        assert sizes == [2, 2, 2, 1, 1, 0, 5]

    play(scene)


def test_pages_together_have_all_tasks_also_those_of_one_moment() -> None:
    async def scene(counter: Counter) -> None:
        counter.papers.pause = 0
        for number in range(12):
            await opened(counter, f"t{number}", agent="ab"[number % 2])
            if number % 4 == 3:
                await asyncio.sleep(1)
        found: list[str] = []
        before, more = None, True
        while more:
            page, more = await counter.desk.list(Wanted(before=before, limit=5), OWN)
            found += [each.name for each in page]
            before = page[-1].opened
        assert sorted(found) == sorted(f"t{number}" for number in range(12))
        page, more = await counter.desk.list(Wanted(agent="a", limit=100), OWN)
        assert (len(page), more) == (6, False)

    play(scene)


def test_a_list_looks_on_until_its_page_is_full() -> None:
    async def scene(counter: Counter) -> None:
        counter.papers.pause = 0
        for number in range(MOST_FOUND + 200):
            now = UnixMs(int(asyncio.get_running_loop().time() * 1000))
            agent = "ab"[number % 2]
            task = Task(id=f"t{number}", key=OWN.id, tenant=OWN.tenant, agent=agent, opened=now)
            await counter.tasks.open(task)
            if number % 70 == 0:
                await asyncio.sleep(0.01)
        page, more = await counter.desk.list(Wanted(agent="a", limit=1000), OWN)
        assert (len(page), more) == ((MOST_FOUND + 200) // 2, False)

    play(scene)


def test_a_key_that_went_to_another_tenant_lists_nothing_that_it_left_behind() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, "t")
        for tenant in ("", "other"):
            moved = msgspec.structs.replace(OWN, tenant=tenant)
            assert await counter.desk.list(Wanted(), moved) == ((), False)

    play(scene)


def test_children_are_shown_with_their_parent_and_listed_below_it() -> None:
    async def scene(counter: Counter) -> None:
        await opened(counter, "p")
        await opened(counter, "q")
        child = await opened(counter, "c", parent="p")
        view = await counter.desk.view("p", OWN)
        assert ([each.id for each in view.children], view.more) == ([child], False)
        page, _ = await counter.desk.list(Wanted(parent="p"), OWN)
        assert [each.id for each in page] == [child]
        with pytest.raises(UnknownTask):
            await counter.desk.list(Wanted(parent="p"), OTHER)

    play(scene)
