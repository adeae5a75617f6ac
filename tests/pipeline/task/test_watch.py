"""The watch over one task's calls."""

import pytest

from support.overseen import GO, looks
from support.stage import LoopClock
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.looping import Looping, Stance
from switchgear.domain.turn import Conversation, Role, Text, Turn
from switchgear.pipeline.task.course import Course
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.watch import Watch
from switchgear.ports.nursery import Nursery


def watch(looping: Looping = Looping()) -> Watch:  # noqa: B008  (frozen)
    return Watch(looping, Tasks(MemoryPapers(), LoopClock(), Nursery()))


def talk(*turns: Turn) -> Conversation:
    return Conversation(model="auto", turns=turns)


def rungs(guard: Watch, course: Course, *talks: Conversation, sure: bool = True) -> list[str]:
    found = [guard.look(course, each, "", sure=sure) for each in talks]
    return [each.rung.name if each else "" for each in found]


STEPS = [talk(*looks(times)) for times in range(16)]


def test_where_a_task_begins_nothing_is_read() -> None:
    course = Course()
    assert watch().look(course, talk(GO), "", sure=True) is None
    assert not course.ring.moves


def test_the_same_call_twice_is_no_new_occurrence() -> None:
    course, guard = Course(), watch()
    assert rungs(guard, course, *STEPS[:5])[-1] == "nudge"
    assert rungs(guard, course, STEPS[4]) == [""]


def test_one_large_first_call_is_met_with_one_nudge() -> None:
    assert rungs(watch(), Course(), STEPS[15]) == ["nudge"]


def test_a_nudge_that_is_repeated_is_said_otherwise() -> None:
    course, guard = Course(), watch()
    found = [guard.look(course, each, "", sure=True) for each in STEPS[:7]]
    assert [each.again for each in found if each] == [False, True, True]


def test_who_is_not_sure_is_never_paused() -> None:
    assert rungs(watch(), Course(), *STEPS, sure=False)[-1] == "restrict"


def test_a_new_message_of_the_human_lets_it_begin_anew() -> None:
    course, guard = Course(), watch()
    assert rungs(guard, course, *STEPS[:8])[-1] == "escalate"
    said = Turn(Role.ASSISTANT, (Text("I found nothing."),))
    again = talk(*looks(7), said, Turn(Role.USER, (Text("Try elsewhere."),)))
    assert rungs(guard, course, again) == [""]
    assert course.standing.level == 0


@pytest.mark.parametrize(("stance", "on"), [(Stance.OFF, False), (Stance.OBSERVE, True)])
def test_it_can_be_switched_off_or_only_observe(stance: Stance, *, on: bool) -> None:
    guard = watch(Looping(stance=stance))
    assert guard.on is on
    assert "nudge" not in rungs(guard, Course(), *STEPS)


def test_evidence_names_the_tool_and_nothing_of_what_was_said() -> None:
    course, guard = Course(), watch()
    found = [guard.look(course, each, "", sure=True) for each in STEPS[:5]]
    assert found[-1] is not None
    assert "look" in found[-1].evidence
    assert "here" not in found[-1].evidence
