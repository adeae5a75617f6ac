"""What one process has in mind, and what it forgets."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.task import Task
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.live import Live
from switchgear.pipeline.task.mind import MOST_PARTING, Mind


def a_live(name: str, *, declared: bool = False, revision: int = 0) -> Live:
    return Live(Task(id=name, opened=UnixMs(0), declared=declared), revision)


def test_one_id_is_one_task_whoever_comes_second() -> None:
    mind = Mind()
    first = mind.add(a_live("t"))
    assert mind.add(a_live("t")) is first
    assert mind.known("t") is first
    assert len(mind) == 1


def test_what_was_longest_out_of_use_goes_first() -> None:
    mind = Mind(most=2)
    for name in "ab":
        mind.add(a_live(name, revision=1)).dirty = False
    mind.known("a")
    mind.peek("b")
    mind.add(a_live("c", revision=1))
    assert [mind.peek(name) is None for name in "abc"] == [False, True, False]


def test_what_has_still_to_be_kept_is_not_lost_and_comes_back() -> None:
    mind = Mind(most=1)
    first = mind.add(a_live("a", declared=True))
    mind.add(a_live("b"))
    assert mind.peek("a") is first
    assert mind.unkept() == [first]
    assert mind.known("a") is first
    mind.part(first)
    assert mind.known("a") is first


def test_what_came_once_is_forgotten_without_a_word() -> None:
    mind = Mind(most=1)
    mind.add(a_live("a"))
    mind.add(a_live("b"))
    assert mind.known("a") is None
    assert mind.unkept() == []


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=200))
def test_there_are_never_more_than_may_be(done: list[tuple[int, bool]]) -> None:
    mind = Mind(most=8)
    for number, declared in done:
        mind.add(a_live(str(number), declared=declared))
        assert len(mind) <= 8
        assert len(list(mind)) == len(mind)
        assert len(mind.unkept()) <= 8 + MOST_PARTING
