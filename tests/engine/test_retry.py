"""What comes after a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.domain.attempt import Sent
from switchgear.domain.errors import (
    ContentFiltered,
    ContextTooLong,
    UpstreamBusy,
    UpstreamDenied,
    UpstreamError,
    UpstreamFailed,
    UpstreamLost,
    UpstreamRejected,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.domain.units import Seconds
from switchgear.engine.retry import LONGEST, SHORTEST, Next, after, pause


@pytest.mark.parametrize(
    ("error", "first", "second"),
    [
        (UpstreamFailed(), Next.AGAIN, Next.ANOTHER),
        (UpstreamUnreachable(), Next.AGAIN, Next.ANOTHER),
        (UpstreamLost(), Next.AGAIN, Next.ANOTHER),
        (UpstreamBusy(), Next.ANOTHER, Next.ANOTHER),
        (UpstreamDenied(), Next.ANOTHER, Next.ANOTHER),
        (UpstreamSilent(), Next.ANOTHER, Next.ANOTHER),
        (ContextTooLong(), Next.ANOTHER, Next.ANOTHER),
        (UpstreamRejected(), Next.STOP, Next.STOP),
        (ContentFiltered(), Next.STOP, Next.STOP),
    ],
)
def test_each_failure_has_its_next_step(error: UpstreamError, first: Next, second: Next) -> None:
    assert after(error, sent=Sent.HEARD, tries=1) is first
    assert after(error, sent=Sent.HEARD, tries=2) is second


def test_what_never_left_may_be_sent_again() -> None:
    assert after(UpstreamSilent(), sent=Sent.NEVER, tries=1) is Next.AGAIN


@given(previous=st.floats(0, 10), draw=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_between_its_bounds_and_grows_at_most_threefold(
    previous: float, draw: float
) -> None:
    span = pause(Seconds(previous), draw)
    assert SHORTEST <= span <= LONGEST
    assert span <= 3 * max(previous, SHORTEST)
