"""Every error that can be raised."""

from switchgear.domain import denial
from switchgear.domain.leaf import leaves


def test_those_of_keys_budgets_and_rates_are_among_them() -> None:
    assert {denial.OverBudget, denial.UnknownKeyId, denial.Stopped} < set(leaves())
