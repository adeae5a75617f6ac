from typing_extensions import override

from switchgear.adapters.budgets.steady import GRACE, SteadyClock
from switchgear.adapters.clock import ManualClock
from switchgear.domain.units import Seconds, UnixMs

HOUR = 3_600_000


class Leaping(ManualClock):
    """A clock whose date can be set to anything."""

    def __init__(self) -> None:
        super().__init__()
        self.off = 0

    @override
    def date(self) -> UnixMs:
        return UnixMs(super().date() + self.off)


def test_a_clock_that_goes_on_is_believed() -> None:
    clock = Leaping()
    steady = SteadyClock(clock)
    for span in (0.1, 5.0, 100_000.0):
        clock.advance(Seconds(span))
        clock.off += 1500
        assert steady.date() == clock.date()
        assert steady.now() == clock.now()


def test_a_leap_ahead_is_believed_only_after_a_while() -> None:
    clock = Leaping()
    steady, before = SteadyClock(clock), clock.date()
    clock.off = HOUR
    clock.advance(Seconds(1.0))
    assert steady.date() == before + 1000
    clock.advance(Seconds(GRACE - 0.5))
    assert steady.date() < before + HOUR
    clock.advance(Seconds(0.5))
    assert steady.date() == clock.date()
    clock.advance(Seconds(0.5))
    assert steady.date() == clock.date()


def test_a_leap_back_is_believed_at_once_and_so_is_the_end_of_a_leap() -> None:
    clock = Leaping()
    steady = SteadyClock(clock)
    clock.off = -HOUR
    assert steady.date() == clock.date()
    clock.off = HOUR
    assert steady.date() < clock.date()
    clock.off = -HOUR
    assert steady.date() == clock.date()
    clock.advance(Seconds(60.0))
    clock.off = HOUR
    assert steady.date() < clock.date()
