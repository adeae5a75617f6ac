"""The header that tells what was done about a loop."""

from switchgear.domain.fact import Answered, Climbed
from switchgear.domain.mandate import Rung
from switchgear.ports.handler import Trail
from switchgear.surfaces.http.header import SENT
from switchgear.surfaces.http.rung import HEADER, rung_of


def test_the_last_rung_that_was_climbed_is_told() -> None:
    trail = Trail()
    trail.add(Climbed(Rung("nudge", ("cycle",)), "a, b, a, b, a, b"))
    trail.add(Climbed(Rung("stop", ("cycle",)), "a, b, a, b, a, b"))
    trail.add(Answered())
    assert rung_of(trail) == [(b"x-switchgear-task-rung", b"stop")]


def test_nothing_is_told_where_nothing_was_done() -> None:
    assert rung_of(Trail()) == []
    assert HEADER.decode() in [each.name for each in SENT]
