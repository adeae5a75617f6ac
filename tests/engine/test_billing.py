"""What an attempt is taken to have cost when its target does not say."""

import pytest

from switchgear.domain.attempt import Sent
from switchgear.domain.errors import (
    ContentFiltered,
    HedgeLost,
    OutOfTime,
    UpstreamBusy,
    UpstreamFailed,
    UpstreamGarbled,
    UpstreamLost,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.domain.event import Usage
from switchgear.domain.units import Tokens
from switchgear.engine.billing import may_be_billed, usage_seen


@pytest.mark.parametrize(
    "error", [UpstreamSilent(), OutOfTime(), HedgeLost(), UpstreamLost(), None]
)
def test_what_we_gave_up_after_it_was_sent_may_have_been_billed(
    error: BaseException | None,
) -> None:
    assert may_be_billed(Sent.MAYBE, 0, error, content=False)
    assert may_be_billed(Sent.HEARD, 200, error, content=True)
    assert not may_be_billed(Sent.NEVER, 0, error, content=False)
    assert not may_be_billed(Sent.UNHEARD, 0, error, content=False)


@pytest.mark.parametrize(
    "error", [UpstreamBusy(), UpstreamFailed(), ContentFiltered(), UpstreamUnreachable()]
)
def test_what_was_refused_before_any_content_is_not_billed(error: BaseException) -> None:
    assert not may_be_billed(Sent.MAYBE, 0, error, content=False)
    assert not may_be_billed(Sent.HEARD, 200, error, content=False)
    assert may_be_billed(Sent.HEARD, 200, error, content=True)


def test_an_error_status_is_a_refusal_whatever_came_with_it() -> None:
    assert not may_be_billed(Sent.HEARD, 500, UpstreamGarbled(), content=True)
    assert may_be_billed(Sent.HEARD, 200, UpstreamGarbled(), content=False)


def test_output_is_counted_as_far_as_it_was_seen_and_no_further_than_was_allowed() -> None:
    known = Usage(input=Tokens(9), cached=Tokens(4), output=Tokens(1))
    assert usage_seen(known, 0, None) == known
    assert usage_seen(known, 40, None).output == 11
    assert usage_seen(known, 40, 6).output == 6
    assert usage_seen(known, 40, 6).cached == 4
    assert usage_seen(Usage(input=Tokens(9)), 0, None).output == 0
