"""What a caller is told whose budget has not enough left."""

import pytest

from switchgear.domain.account import Account, Amount, Bound, Payer, Shortfall, Window
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.shortage import refusal

NOON = UnixMs(1_790_000_000_000 // 86_400_000 * 86_400_000 + 43_200_000)


def short(payer: Payer, window: Window = Window.DAY, name: str = "k") -> Shortfall:
    most, left = Bound(money=NanoUsd(5 * 10**9)), Bound(money=NanoUsd(1_200_000))
    return Shortfall(Account(payer, name, window), most, left)


ASKED = Amount(money=NanoUsd(20_000_000), tokens=Tokens(10), calls=1)


def test_it_says_whose_budget_how_much_is_left_and_when_it_is_new() -> None:
    error = refusal(short(Payer.KEY), ASKED, "small", "k", NOON)
    assert str(error) == (
        "This key's budget for this day has not enough money left for small: $0.0012 of $5.00, "
        "and this may take $0.02. It is new at 2026-09-22T00:00:00Z; ask for less output until "
        "then."
    )
    assert error.retry_after == pytest.approx(43_200)
    assert (error.status, error.worth_retrying) == (402, False)


def test_what_would_not_fit_the_whole_budget_is_told_not_to_wait() -> None:
    asked = Amount(money=NanoUsd(6 * 10**9))
    error = refusal(short(Payer.TENANT), asked, "small", "k", NOON)
    assert error.retry_after is None
    assert "more than the whole budget" in str(error)


def test_a_budget_for_ever_is_never_new() -> None:
    error = refusal(short(Payer.USER, Window.TOTAL), ASKED, "small", "k", NOON)
    assert error.retry_after is None
    assert str(error).startswith("This end user's budget for all time has")


def test_names_and_levels_that_are_not_the_callers_are_not_told() -> None:
    of_maker = str(refusal(short(Payer.KEY, name="boss"), ASKED, "small", "k", NOON))
    assert "boss" not in of_maker
    assert "the key that made this one" in of_maker
    of_alias = str(refusal(short(Payer.ALIAS, name="fast"), ASKED, "small", "k", NOON))
    assert "$" not in of_alias


@pytest.mark.parametrize("what", ["tokens", "calls"])
def test_it_names_what_there_is_not_enough_of(what: str) -> None:
    account = Account(Payer.KEY, "k", Window.HOUR)
    most, left = Bound(**{what: 9}), Bound(**{what: 0})  # type: ignore[arg-type]  # a test's shorthand
    error = refusal(Shortfall(account, most, left), ASKED, "small", "k", NOON)
    assert f"not enough {what} left" in str(error)
    assert "0 of 9" in str(error)
