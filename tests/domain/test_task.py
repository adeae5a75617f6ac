"""What is surely known of a task, and what a task is before anything is said of it."""

import pytest

from switchgear.domain.task import NO_CAPS, SURE, Caps, Identity


@pytest.mark.parametrize("confidence", [1.0, SURE, 0.79, 0.0])
def test_a_call_may_be_stopped_hard_only_by_an_identity_that_is_sure(confidence: float) -> None:
    assert Identity(task="tk_a", confidence=confidence).sure is (confidence >= 0.8)


def test_a_cap_of_nought_is_said_and_one_that_is_not_said_is_any() -> None:
    assert Caps(steps=0) != NO_CAPS
    assert Caps(steps=None) == NO_CAPS
