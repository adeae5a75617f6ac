"""How late the loop is."""

from switchgear.adapters.clock import ManualClock
from switchgear.domain.units import Seconds
from switchgear.pipeline.lag import HALF_LIFE, Lag


def test_the_worst_is_kept_and_fades() -> None:
    clock = ManualClock()
    lag = Lag(clock)
    assert lag.now() == Seconds(0.0)
    lag.note(Seconds(2.0))
    lag.note(Seconds(0.1))
    assert lag.now() == Seconds(2.0)
    clock.advance(HALF_LIFE)
    assert lag.now() == Seconds(1.0)
    lag.note(Seconds(3.0))
    assert lag.now() == Seconds(3.0)
