"""What the file says of spending."""

import pytest

from switchgear.config.budget import budgets_of, rates_of
from switchgear.config.shape import shape
from switchgear.config.spending import BudgetEntry, BudgetsEntry, LimitsEntry
from switchgear.domain.account import Bound, Budget, Payer, Window
from switchgear.domain.rate import NO_BOUNDS, Rates
from switchgear.domain.units import NanoUsd, Tokens


def test_each_window_that_is_said_is_a_budget_shortest_first() -> None:
    entry = BudgetsEntry(month=BudgetEntry(usd=0.1), minute=BudgetEntry(tokens=7, calls=2))
    assert budgets_of(Payer.KEY, "k", entry) == (
        Budget(
            payer=Payer.KEY,
            name="k",
            window=Window.MINUTE,
            most=Bound(tokens=Tokens(7), calls=2),
        ),
        Budget(
            payer=Payer.KEY,
            name="k",
            window=Window.MONTH,
            most=Bound(money=NanoUsd(100_000_000)),
        ),
    )


def test_nought_is_nothing_and_not_any() -> None:
    (budget,) = budgets_of(Payer.TENANT, "t", BudgetsEntry(day=BudgetEntry(usd=0, calls=0)))
    assert budget.most == Bound(money=NanoUsd(0), calls=0)
    assert rates_of(LimitsEntry(concurrent=0)) == Rates(concurrent=0) != NO_BOUNDS


def test_what_is_not_said_is_not_bounded() -> None:
    assert budgets_of(Payer.KEY, "k", BudgetsEntry()) == ()
    assert rates_of(LimitsEntry()) == NO_BOUNDS


@pytest.mark.parametrize("amount", [-1, -0.5, 1e12, float("nan"), 10**400])
def test_an_amount_that_can_be_none_is_repeated_with_what_is_allowed(amount: float) -> None:
    _, findings = shape({"targets": {}, "keys": [{"id": "k", "budgets": {"day": {"usd": amount}}}]})
    (told,) = [each.message for each in findings]
    assert told.startswith("expected a number from 0 to 1,000,000,000, found ")
    assert len(told) < 120
