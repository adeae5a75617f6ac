"""How tasks went, and what they cost."""

from itertools import permutations

import pytest

from support.figured import CENT, FROM, case, said
from switchgear.domain.entry import End
from switchgear.domain.goal import Goals
from switchgear.domain.outcome import Fitness, Source
from switchgear.domain.task import Status
from switchgear.domain.units import NanoUsd, Seconds, UnixMs
from switchgear.engine.figure import work
from switchgear.engine.figure.case import Case
from switchgear.engine.figure.work import Effort, Upshot, Work, upshot_alone, upshot_of

GOALS = Goals(own=NanoUsd(1_000_000))
HOUR = 3_600_000
LATER = UnixMs(FROM + 10 * HOUR)


def step(number: int, target: str = "small", *words: object, **changes: object) -> Case:
    fields = {"task": "t", "step": number, "at": UnixMs(FROM + number * 1000), **changes}
    return case(f"sg_{number}", target, *words, **fields)  # type: ignore[arg-type]  # outcomes


def followed(*cases: Case) -> Effort:
    found = Work()
    for each in cases:
        assert found.add(each, each.route) is None
    ((_, effort),) = found.tasks()
    return effort


def upshot(*cases: Case, status: Status = Status.RUNNING, now: UnixMs = LATER) -> Upshot:
    return upshot_of(followed(*cases), status, GOALS, now)


def test_a_task_costs_all_its_calls_and_our_own_work() -> None:
    failed = step(2, "mid", end=End.FAILED, cost=NanoUsd(3 * CENT), own=Seconds(2.0))
    effort = followed(step(1), failed, step(3, own=Seconds(1.0)))
    assert effort.money(GOALS) == 5 * CENT + 3 * 1_000_000
    assert (effort.began, effort.last, effort.place) == (FROM + 1000, FROM + 3000, 1)


def test_it_is_of_its_first_calls_group_and_its_last_calls_target_whatever_order_they_come_in() -> (
    None
):
    calls = step(1, model="auto"), step(2, "mid", model="smart"), step(3, "large", model="x")
    found = {followed(*order) for order in permutations(calls)}
    assert len(found) == 1
    (effort,) = found
    assert (effort.group, effort.route, effort.target) == ("auto", "auto", "large")


def test_it_ends_when_it_is_closed_or_when_nothing_was_heard_of_it_for_long() -> None:
    soon = UnixMs(FROM + 2000)
    assert upshot(step(1)) is Upshot.AUTOMATED
    assert upshot(step(1), now=soon) is Upshot.OPEN
    assert upshot(step(1), now=soon, status=Status.DONE) is Upshot.AUTOMATED
    assert upshot(step(1), status=Status.PAUSED) is Upshot.OPEN
    assert upshot(step(1), status=Status.STOPPED) is Upshot.STOPPED
    edge = UnixMs(FROM + 1000 + HOUR)
    assert upshot(step(1), now=edge) is Upshot.AUTOMATED
    assert upshot(step(1), now=UnixMs(edge - 1)) is Upshot.OPEN


def test_who_stepped_in_makes_it_no_automated_task() -> None:
    over = said(override="large", source=Source.HUMAN)
    human = said(override="human", source=Source.HUMAN)
    assert upshot(step(1, "small", over), step(2)) is Upshot.OVERRIDDEN
    assert upshot(step(1), step(2, "small", human)) is Upshot.TAKEN
    assert upshot(step(1, "small", human), status=Status.STOPPED) is Upshot.TAKEN
    assert upshot(step(1, "small", said(Fitness.FAILED)), step(2)) is Upshot.AUTOMATED


def test_a_task_whose_last_call_failed_failed() -> None:
    assert upshot(step(1), step(2, end=End.FAILED)) is Upshot.FAILED
    assert upshot(step(1, end=End.FAILED), step(2)) is Upshot.AUTOMATED


def test_what_began_before_the_window_is_not_all_there() -> None:
    assert upshot(step(4), step(5)) is Upshot.CUT_OFF


def test_a_call_of_no_task_is_a_task_of_one_call() -> None:
    found = Work()
    effort = found.add(case(), "auto")
    assert effort is not None
    assert upshot_alone(effort) is Upshot.AUTOMATED
    assert not list(found.tasks())
    human = found.add(case("x", "small", said(override="human", source=Source.HUMAN)), "auto")
    assert human is not None
    assert upshot_alone(human) is Upshot.TAKEN
    assert found.add(case(replayed="sg_0"), "auto") is None


def test_tasks_beyond_the_bound_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_TASKS", 2)
    found = Work()
    for name in ("a", "b", "c", "a"):
        found.add(case(task=name, step=1), "auto")
    assert [name for name, _ in found.tasks()] == ["a", "b"]
    assert found.left_out == 1
