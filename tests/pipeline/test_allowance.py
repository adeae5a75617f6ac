"""Allowances of several targets."""

from switchgear.adapters.clock import ManualClock
from switchgear.engine.allowance import Limits
from switchgear.pipeline.allowance import Allowances


def test_each_target_has_its_own() -> None:
    allowances, limits = Allowances(ManualClock()), Limits(share=0.5, least=0.0)
    for _ in range(4):
        allowances.sent("a")
    assert [allowances.spend("a", limits) for _ in range(3)] == [True, True, False]
    assert not allowances.spend("b", limits)
