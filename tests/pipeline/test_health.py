"""How well and how fast each target is."""

from switchgear.adapters.chance import SeededChance
from switchgear.adapters.clock import ManualClock
from switchgear.domain.attempt import Attempt
from switchgear.domain.event import Usage
from switchgear.domain.situation import Availability
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.breaker import Lesson, Temper
from switchgear.pipeline.health import FRESH, Health

FAST = Attempt(
    target="mid",
    model="m",
    began=Seconds(0.0),
    first_content=Seconds(0.5),
    took=Seconds(2.5),
    usage=Usage(output=Tokens(100)),
)


def healthy() -> tuple[Health, ManualClock]:
    clock = ManualClock()
    return Health(Temper(failures=1, rest=Seconds(10.0)), clock, SeededChance()), clock


def test_a_snapshot_is_kept_until_it_is_stale_and_its_id_until_it_changes() -> None:
    health, clock = healthy()
    first = health.situation()
    assert (first.id, first.readings) == ("", {})
    permit = health.admit("mid")
    assert permit is not None
    health.give_back("mid", permit, Lesson.FAILED)
    assert health.situation() is first
    clock.advance(FRESH)
    second = health.situation()
    assert second.readings["mid"].availability is Availability.REFUSING
    clock.advance(FRESH)
    assert health.situation().id == second.id != ""
    clock.advance(Seconds(10.0))
    assert health.situation().readings["mid"].availability is Availability.PROBING


def test_answers_teach_the_time_to_first_content_and_for_each_token() -> None:
    health, clock = healthy()
    for _ in range(6):
        health.time(FAST)
    clock.advance(FRESH)
    reading = health.situation().readings["mid"]
    assert reading.first_content is not None
    assert reading.token is not None
    assert 0.45 < reading.first_content.p50 < 0.55
    assert 0.018 < reading.token.p50 < 0.022


def test_calls_under_way_are_counted() -> None:
    health, _ = healthy()
    permits = [health.admit("mid") for _ in range(3)]
    assert health._pulses["mid"].in_flight == 3
    for permit in permits:
        assert permit is not None
        health.give_back("mid", permit, Lesson.NOTHING)
    assert health._pulses["mid"].in_flight == 0
