"""When windows begin and end."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.account import Window
from switchgear.domain.units import UnixMs
from switchgear.engine.window import began, renewed

moments = st.integers(0, 4_102_444_800_000).map(UnixMs)  # until 2100


def at(text: str) -> UnixMs:
    return UnixMs(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000))


@given(moments, st.sampled_from([each for each in Window if each is not Window.TOTAL]))
def test_every_moment_is_in_one_window_and_the_next_begins_where_it_ends(
    now: UnixMs, window: Window
) -> None:
    start, end = began(window, now), renewed(window, now)
    assert end is not None
    assert start <= now < end
    assert began(window, end) == end
    assert began(window, UnixMs(end - 1)) == start == began(window, start)


def test_months_begin_on_their_first_day_in_utc() -> None:
    now = at("2028-02-29T23:59:59")
    assert began(Window.MONTH, now) == at("2028-02-01T00:00:00")
    assert renewed(Window.MONTH, now) == at("2028-03-01T00:00:00")
    assert renewed(Window.MONTH, at("2026-12-31T00:00:00")) == at("2027-01-01T00:00:00")
    assert began(Window.DAY, now) == at("2028-02-29T00:00:00")


def test_what_never_ends_is_never_new() -> None:
    assert (began(Window.TOTAL, at("2026-01-01")), renewed(Window.TOTAL, at("2026-01-01"))) == (
        0,
        None,
    )


def test_a_clock_that_is_far_off_breaks_nothing() -> None:
    for now in (UnixMs(-(10**15)), UnixMs(10**17)):
        for window in Window:
            assert isinstance(began(window, now), int)
            renewed(window, now)
