import pytest

from switchgear.adapters.clock import ManualClock, SystemClock
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()])
def test_every_clock_never_goes_back(clock: Clock) -> None:
    readings = [clock.now() for _ in range(100)]
    assert readings == sorted(readings)


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()])
def test_every_clock_tells_a_date_of_this_century(clock: Clock) -> None:
    assert 1_700_000_000_000 < clock.date() < 4_100_000_000_000


def test_the_manual_clock_moves_only_when_told_to() -> None:
    clock = ManualClock(UnixMs(1_000))
    assert (clock.now(), clock.date()) == (0.0, 1_000)
    clock.advance(Seconds(1.5))
    assert (clock.now(), clock.date()) == (1.5, 2_500)
