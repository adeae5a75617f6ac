"""One task in mind, between the store and what was learnt since."""

import msgspec
import pytest

from switchgear.domain.errors import LedgerDown
from switchgear.domain.task import Status, Task
from switchgear.domain.units import UnixMs
from switchgear.engine.task import renewed
from switchgear.pipeline.task.live import Live, Sent, paper_of, task_in

TASK = Task(id="t", key="k", tenant="acme", parent="p", opened=UnixMs(5), steps=3)


def told(**changes: object) -> Task:
    return msgspec.structs.replace(TASK, **changes)


def test_a_task_is_in_its_document_with_what_it_is_looked_for_by() -> None:
    task = told(status=Status.PAUSED, deadline=UnixMs(9))
    paper = paper_of(task, 7)
    assert task_in(paper) == task
    assert (paper.id, paper.key, paper.tenant, paper.of) == ("t", "k", "acme", "p")
    assert (paper.state, paper.due, paper.made, paper.revision) == ("paused", 9, 5, 7)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 5}'])
def test_a_document_that_is_no_task_is_a_fault_of_the_store(body: bytes) -> None:
    with pytest.raises(LedgerDown, match="cannot be read"):
        task_in(msgspec.structs.replace(paper_of(TASK, 1), body=body))


def test_steps_of_both_are_added() -> None:
    live = Live(TASK, 1)
    live.steps += 2
    assert live.hear(told(steps=10), 2)
    assert (live.steps, live.revision) == (12, 2)
    assert live.whole().steps == 12


def test_what_is_known_is_not_heard_again() -> None:
    live = Live(TASK, 2)
    assert not live.hear(told(goal="old"), 2)
    assert not live.hear(told(goal="older"), 1)
    assert live.task is TASK


def test_steps_of_a_life_that_is_over_count_no_more() -> None:
    live = Live(TASK, 1)
    live.steps += 2
    later = renewed(TASK, UnixMs(50))
    live.hear(msgspec.structs.replace(later, steps=1), 2)
    assert (live.steps, live.task.run) == (1, 2)


def test_a_life_that_began_here_outlives_what_others_say_of_the_last() -> None:
    live = Live(TASK, 1)
    live.task, live.steps = renewed(TASK, UnixMs(50)), 4
    live.hear(told(steps=10, goal="x"), 2)
    assert (live.steps, live.task.run, live.task.goal) == (4, 2, "x")


def test_what_is_learnt_while_it_is_written_stays() -> None:
    live = Live(TASK, 1)
    before, sent = Sent(live.task, live.steps), live.whole()
    live.steps += 1
    live.task = told(home="small")
    live.kept(msgspec.structs.replace(sent, goal="x"), before, 2)
    assert (live.task.home, live.task.goal, live.steps) == ("small", "x", 4)
    assert live.base.goal == "x"


@pytest.mark.parametrize(
    ("task", "steps", "worth"),
    [
        (Task(id="t", opened=UnixMs(0)), 1, False),
        (Task(id="t", opened=UnixMs(0)), 2, True),
        (Task(id="t", opened=UnixMs(0), declared=True), 0, True),
        (Task(id="t", opened=UnixMs(0), parent="p"), 0, True),
    ],
)
def test_what_is_worth_keeping(task: Task, steps: int, worth: bool) -> None:  # noqa: FBT001  (what is expected)
    live = Live(task)
    live.steps = steps
    assert live.worth is worth
