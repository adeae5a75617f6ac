"""What is learnt of a task while it goes on."""

from switchgear.pipeline.task.course import MOST_CHILDREN, Brood, Course


def test_of_many_children_the_last_are_remembered_and_all_are_counted() -> None:
    brood = Brood()
    for number in range(MOST_CHILDREN * 2):
        brood.add(f"tk_{number}", float(number))
    assert len(brood.names) == len(brood.births) == MOST_CHILDREN
    assert next(iter(brood.names)) == f"tk_{MOST_CHILDREN}"
    assert brood.opened == MOST_CHILDREN * 2


def test_a_task_begins_with_nothing_against_it() -> None:
    course = Course()
    assert (course.standing.level, course.ring.moves, course.brood) == (0, (), None)
