"""What the file says of spending, to the values that money and rates are held by."""

from switchgear.config.price import nano
from switchgear.config.spending import BudgetEntry, BudgetsEntry, LimitsEntry
from switchgear.domain.account import Bound, Budget, Payer, Window
from switchgear.domain.rate import Rates
from switchgear.domain.units import Tokens


def budgets_of(payer: Payer, name: str, entry: BudgetsEntry) -> tuple[Budget, ...]:
    """Return the budgets of one payer, shortest window first."""
    return tuple(
        Budget(payer=payer, name=name, window=window, most=_bound(said))
        for window in Window
        if (said := getattr(entry, window.value)) is not None
    )


def rates_of(entry: LimitsEntry) -> Rates:
    """Return the rates that the file allows."""
    tokens = entry.tokens_per_minute
    return Rates(
        requests=entry.requests_per_minute,
        tokens=None if tokens is None else Tokens(tokens),
        concurrent=entry.concurrent,
    )


def _bound(entry: BudgetEntry) -> Bound:
    return Bound(
        money=None if entry.usd is None else nano(entry.usd),
        tokens=None if entry.tokens is None else Tokens(entry.tokens),
        calls=entry.calls,
    )
