"""How much may be sent again."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from switchgear.domain.units import Seconds
from switchgear.engine.allowance import WINDOW, Allowance, Limits, sent, spend

LIMITS = Limits()
STEPS = st.lists(st.tuples(st.sampled_from(["call", "again"]), st.floats(0, 3)), max_size=200)
Steps = Sequence[tuple[str, float]]


class Granting:
    """The allowance as it is used."""

    def spend(self, allowance: Allowance, now: Seconds) -> Allowance | None:
        return spend(allowance, now=now, limits=LIMITS)


class Generous(Granting):
    """A twin that forgets what was spent."""

    @override
    def spend(self, allowance: Allowance, now: Seconds) -> Allowance | None:
        spent = super().spend(allowance, now)
        return None if spent is None else Allowance(spent.calls, 0.0, spent.at)


def kept(steps: Steps, giver: Granting) -> bool:
    """Whether second tries stay within the share and the few, whatever happens when."""
    allowance, now = Allowance(), Seconds(0.0)
    calls = again = 0
    for what, span in steps:
        now = Seconds(now + span)
        if what == "call":
            calls += 1
            allowance = sent(allowance, now=now)
        elif (spent := giver.spend(allowance, now)) is not None:
            again += 1
            allowance = spent
    windows = now / WINDOW + 1
    return again <= LIMITS.share * calls + LIMITS.least * windows + 1


@given(steps=STEPS)
def test_second_tries_are_a_share_of_the_calls_and_a_few(steps: Steps) -> None:
    assert kept(steps, Granting())


def test_a_twin_that_forgets_is_found_by_that() -> None:
    assert not kept([("again", 0.0)] * 50, Generous())


def test_a_quiet_target_can_be_tried_again_thrice_and_then_after_a_while() -> None:
    allowance = Allowance()
    for _ in range(3):
        spent = spend(allowance, now=Seconds(1.0), limits=LIMITS)
        assert spent is not None
        allowance = spent
    assert spend(allowance, now=Seconds(1.0), limits=LIMITS) is None
    assert spend(allowance, now=Seconds(1.0 + WINDOW), limits=LIMITS) is not None


@pytest.mark.parametrize("calls", [10, 100, 1000])
def test_of_many_calls_at_once_a_fifth_may_be_tried_again(calls: int) -> None:
    allowance = Allowance()
    for _ in range(calls):
        allowance = sent(allowance, now=Seconds(1.0))
    granted = 0
    while (spent := spend(allowance, now=Seconds(1.0), limits=LIMITS)) is not None:
        allowance = spent
        granted += 1
    assert granted == calls * 0.2 + 3


def test_time_that_goes_back_changes_nothing() -> None:
    allowance = sent(Allowance(), now=Seconds(5.0))
    assert sent(allowance, now=Seconds(4.0)).calls == 2
