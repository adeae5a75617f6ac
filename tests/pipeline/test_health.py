"""How well and how fast each target is."""

import logging
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from support.cast import CALC, LARGE, MID, SMALL
from switchgear.adapters.chance import SeededChance
from switchgear.adapters.clock import ManualClock
from switchgear.domain.attempt import Attempt
from switchgear.domain.errors import (
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamLost,
    UpstreamSilent,
)
from switchgear.domain.event import Usage
from switchgear.domain.situation import Availability, Fault
from switchgear.domain.units import Seconds, Tokens
from switchgear.engine.fault import Lesson, lesson_of
from switchgear.engine.temper import DENIED_REST, Temper
from switchgear.pipeline.health import FRESH, Health
from switchgear.pipeline.lag import Lag

FAST = Attempt(
    target="mid",
    model="m",
    began=Seconds(0.0),
    first_content=Seconds(0.5),
    took=Seconds(2.5),
    usage=Usage(output=Tokens(100)),
)
SLOW = msgspec.structs.replace(FAST, first_content=Seconds(5.0), took=Seconds(7.0))
TEMPER = Temper(failures=1, rest=Seconds(10.0))
ADMITTING, REFUSING, PROBING = Availability
Trouble = list[tuple[int, UpstreamError | None, float]]


def healthy() -> tuple[Health, ManualClock]:
    clock = ManualClock()
    return Health(TEMPER, clock, SeededChance()), clock


def end(health: Health, target: str, error: BaseException | None) -> None:
    permit = health.admit(target)
    assert permit is not None
    health.give_back(target, permit, lesson_of(error), error)


def state(health: Health, target: str) -> Availability:
    return next(found for name, found, _, _ in health.levels() if name == target)


def refused(error: type[UpstreamError], status: int, wait: float | None = None) -> UpstreamError:
    made = error("the target's own words")
    made.provider_status = status
    made.retry_after = None if wait is None else Seconds(wait)
    return made


def test_a_snapshot_is_kept_until_it_is_stale_and_its_id_until_it_changes() -> None:
    health, clock = healthy()
    first = health.situation()
    assert (first.id, first.readings) == ("", {})
    end(health, "mid", UpstreamSilent())
    assert health.situation() is first
    clock.advance(FRESH)
    second = health.situation()
    assert second.readings["mid"].availability is REFUSING
    assert second.readings["mid"].fault is Fault.SILENT
    clock.advance(FRESH)
    assert health.situation().id == second.id != ""
    clock.advance(Seconds(10.0))
    assert health.situation().readings["mid"].availability is PROBING


def test_a_snapshot_says_to_the_second_when_a_target_will_be_probed() -> None:
    health, clock = healthy()
    end(health, "mid", refused(UpstreamBusy, 429, wait=7.3))
    clock.advance(FRESH)
    until = health.situation().readings["mid"].until
    assert until is not None
    assert until % 1000 == 0
    assert abs(until - clock.date() - 7050) <= 500


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


def test_of_four_models_two_are_out_at_most() -> None:
    health, _ = healthy()
    more = msgspec.structs.replace(LARGE, id="more")
    health.expect((SMALL, MID, LARGE, more, CALC), TEMPER)
    for target in (SMALL, MID, LARGE, more):
        end(health, target.id, UpstreamSilent())
    out = [name for name, found, _, _ in health.levels() if found is not ADMITTING]
    assert out == ["small", "mid"]
    end(health, "calc", UpstreamSilent())
    assert state(health, "calc") is REFUSING  # a tool is none of them


class Reckless(Health):
    """Its twin lets any number be out."""

    @override
    def _room(self, target: str, fault: Fault | None) -> bool:
        return super()._room(target, fault) or bool(target)


trouble = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([None, UpstreamSilent(), UpstreamFailed(), UpstreamLost()]),
        st.sampled_from([0.0, 1.0, 9.0, 30.0]),
    ),
    max_size=60,
)


def keeps_half(kind: type[Health], count: int, history: Trouble) -> None:
    clock = ManualClock()
    health = kind(TEMPER, clock, SeededChance())
    names = [f"t{number}" for number in range(count)]
    health.expect([msgspec.structs.replace(MID, id=name) for name in names], TEMPER)
    for number, error, span in history:
        clock.advance(Seconds(span))
        permit = health.admit(names[number % count])
        if permit is not None:
            health.give_back(names[number % count], permit, lesson_of(error), error)
        out = [name for name, found, _, _ in health.levels() if found is not ADMITTING]
        assert len(out) <= count // 2


@given(st.integers(2, 5), trouble)
def test_whatever_happens_at_most_half_are_out(count: int, history: Trouble) -> None:
    keeps_half(Health, count, history)


def test_a_twin_that_lets_any_number_be_out_is_found_out() -> None:
    @settings(
        max_examples=500,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(st.integers(2, 5), trouble)
    def found_out(count: int, history: Trouble) -> None:
        keeps_half(Reckless, count, history)

    with pytest.raises(AssertionError):
        found_out()


def test_what_targets_say_of_themselves_is_believed_of_any_number() -> None:
    health, _ = healthy()
    health.expect((SMALL, MID), TEMPER)
    for target in (SMALL, MID):
        end(health, target.id, refused(UpstreamBusy, 429))
    assert [state(health, name) for name in ("small", "mid")] == [REFUSING] * 2


def test_the_only_one_is_refused_too_and_says_for_how_long() -> None:
    health, clock = healthy()
    health.expect((SMALL, CALC), TEMPER)
    assert health.soonest(()) is None
    assert health.soonest(("small",)) == Seconds(0.0)
    end(health, "small", UpstreamSilent())
    wait = health.soonest(("small",))
    assert wait is not None
    assert 8.0 < wait <= 10.1
    clock.advance(wait)
    assert health.admit("small") is not None
    assert health.soonest(("small", "calc")) == Seconds(0.0)


def learn_usual(health: Health, clock: ManualClock) -> None:
    for _ in range(8):
        health.time(FAST)
    clock.advance(FRESH)
    health.situation()


def answer_slowly(health: Health, *, stream: bool = True) -> None:
    permit = health.admit("mid")
    assert permit is not None
    health.time(SLOW, permit, stream=stream)
    health.give_back("mid", permit, Lesson.WELL)


@pytest.mark.parametrize("stream", [True, False])
def test_a_target_that_takes_far_longer_than_usual_is_left_alone(*, stream: bool) -> None:
    health, clock = healthy()
    health.expect((SMALL, MID), Temper(failures=3, slow_factor=2.0))
    learn_usual(health, clock)
    for _ in range(3):
        assert state(health, "mid") is ADMITTING
        answer_slowly(health, stream=stream)
    assert [each[2] for each in health.levels()] == [None, Fault.SLOW]


def test_the_only_one_is_not_left_alone_for_being_slow() -> None:
    health, clock = healthy()
    health.expect((MID,), TEMPER)
    learn_usual(health, clock)
    answer_slowly(health)
    assert state(health, "mid") is ADMITTING


def test_a_probe_that_is_slow_does_not_hold_its_target_for_well() -> None:
    health, clock = healthy()
    health.expect((SMALL, MID), TEMPER)
    learn_usual(health, clock)
    answer_slowly(health)
    clock.advance(Seconds(10.0))
    permit = health.admit("mid")
    assert permit is not None
    health.hear("mid", permit, Seconds(5.0))
    clock.advance(Seconds(6.0))
    assert state(health, "mid") is PROBING
    health.hear("mid", permit, Seconds(0.5))
    clock.advance(Seconds(6.0))
    assert state(health, "mid") is ADMITTING


def lagging(by: float) -> tuple[Health, ManualClock]:
    clock = ManualClock()
    lag = Lag(clock)
    lag.note(Seconds(by))
    return Health(TEMPER, clock, SeededChance(), lag), clock


@pytest.mark.parametrize(("by", "found"), [(0.1, REFUSING), (2.0, ADMITTING)])
def test_silence_while_our_own_loop_lags_teaches_nothing(by: float, found: Availability) -> None:
    health, _ = lagging(by)
    health.expect((MID,), TEMPER)
    end(health, "mid", UpstreamSilent())
    assert state(health, "mid") is found


def test_slowness_while_our_own_loop_lags_teaches_nothing() -> None:
    health, clock = lagging(0.3)
    health.expect((SMALL, MID), TEMPER)
    learn_usual(health, clock)
    answer_slowly(health)
    assert state(health, "mid") is ADMITTING
    clock.advance(Seconds(60.0))
    answer_slowly(health)
    assert state(health, "mid") is REFUSING


def test_who_denies_us_is_told_in_the_log_and_asked_again_after_a_reload(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health, _ = healthy()
    health.expect((SMALL, MID), TEMPER)
    with caplog.at_level(logging.INFO, logger="switchgear"):
        end(health, "mid", refused(UpstreamDenied, 401))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "mid denies us (401)" in record.getMessage()
    assert "own words" not in record.getMessage()
    wait = health.wait_for("mid")
    assert DENIED_REST <= wait < DENIED_REST + 1
    health.forgive()
    assert health.wait_for("mid") == Seconds(0.0)


def test_a_reload_forgets_targets_that_are_gone_unless_something_is_under_way() -> None:
    health, _ = healthy()
    permit = health.admit("mid")
    assert permit is not None
    end(health, "small", None)
    health.expect((LARGE,), TEMPER)
    assert list(health._pulses) == ["mid"]
    health.give_back("mid", permit, Lesson.WELL)
    assert [name for name, *_ in health.levels()] == ["large"]


def test_a_reload_renews_the_temper() -> None:
    health, _ = healthy()
    health.expect((SMALL, MID), Temper(failures=2))
    end(health, "mid", UpstreamSilent())
    assert state(health, "mid") is ADMITTING


WORDS: dict[str, Callable[[], UpstreamError]] = {
    "busy": lambda: refused(UpstreamBusy, 429, wait=1.0),
    "silent": UpstreamSilent,
}


@pytest.mark.parametrize("fault", WORDS)
def test_a_target_that_is_left_alone_is_told_once(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    health, _ = healthy()
    first, second = health.admit("mid"), health.admit("mid")
    assert first is not None
    assert second is not None
    with caplog.at_level(logging.INFO, logger="switchgear"):
        for permit in (first, second):
            error = WORDS[fault]()
            health.give_back("mid", permit, lesson_of(error), error)
    assert [each.getMessage().split(":")[0] for each in caplog.records] == [f"mid is {fault}"]
