"""What an answer says of its task."""

from switchgear.domain.fact import Answered, Identified
from switchgear.domain.task import Identity
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.identity import source_of, task_of


def test_a_task_is_told_with_what_told_it_and_how_sure_that_is() -> None:
    trail = Trail()
    trail.add(Identified(Identity(task="tk_1", source="x-session-id", confidence=0.95)))
    trail.add(Answered())
    assert task_of(trail) == "tk_1"
    assert source_of(trail) == [(b"x-switchgear-task-source", b"x-session-id; confidence=0.95")]


def test_where_none_is_known_nothing_is_told() -> None:
    trail = Trail()
    assert (task_of(trail), source_of(trail)) == ("", [])
    trail.add(Identified(Identity()))
    assert (task_of(trail), source_of(trail)) == ("", [])
