"""Windows, and the periods that they fall into."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.figure.frame import DAY_MS, HOUR_MS, WEEK_MS, Frame, frame_before

NOW = UnixMs(20_000 * DAY_MS)


def test_the_longer_the_window_the_longer_its_periods() -> None:
    assert frame_before(NOW, Seconds(3600.0)).period == HOUR_MS
    assert frame_before(NOW, Seconds(7 * 86_400.0)).period == DAY_MS
    assert frame_before(NOW, Seconds(90 * 86_400.0)).period == WEEK_MS


def test_a_window_has_its_beginning_and_not_its_end() -> None:
    frame = Frame(UnixMs(10), UnixMs(20))
    assert frame.has(UnixMs(10))
    assert not frame.has(UnixMs(20))
    assert not frame.has(UnixMs(9))
    assert not frame.newer(UnixMs(14))
    assert frame.newer(UnixMs(15))


@given(st.integers(0, 10**13), st.integers(1, 10**10))
def test_every_moment_of_a_window_lies_in_one_of_few_periods(since: int, span: int) -> None:
    frame = Frame(UnixMs(since), UnixMs(since + span))
    assert len(frame.periods) <= 63
    for at in (frame.since, UnixMs(since + span - 1), UnixMs(since + span // 2)):
        number = frame.number(at)
        assert number in frame.periods
        assert frame.begins(number) <= at < frame.begins(number + 1)
