"""How budgets stand: what may be spent, what was, what is set aside, and when it is new."""

from collections.abc import Iterable, Iterator

from switchgear.config.setup import Setup
from switchgear.domain.account import Account, Amount, Bound, Budget
from switchgear.domain.caller import Key
from switchgear.domain.units import NANO_PER_USD, UnixMs
from switchgear.engine.cascade import budgets_of
from switchgear.engine.charge import account_of
from switchgear.engine.window import renewed
from switchgear.ports.budget import Level

MOST_ROWS = 10_000
"""Budgets in one statement."""


def budgets_in(setup: Setup, keys: Iterable[Key], by: Key | None = None) -> tuple[Budget, ...]:
    """Return the budgets that ``by`` may know of: all, or those of its tenant and of its keys.

    What an alias has left says what other tenants spend. End users are not listed: only the calls
    name them.
    """
    found = dict.fromkeys(_known(setup, keys, "" if by is None else by.tenant))
    return tuple(found)[:MOST_ROWS]


def _known(setup: Setup, keys: Iterable[Key], tenant: str) -> Iterator[Budget]:
    for name, each in setup.tenants.items():
        if tenant in {"", name}:
            yield from each.budgets
    if not tenant:
        for budgets in setup.alias_budgets.values():
            yield from budgets
        yield from budgets_of(setup.policy)
    for key in keys:
        yield from key.budgets


def accounts_of(budgets: Iterable[Budget], now: UnixMs) -> list[Account]:
    """Return the account of each budget that is in force now."""
    return [account_of(each, now) for each in budgets]


def statement(budget: Budget, level: Level, now: UnixMs) -> dict[str, object]:
    """Return how one budget stands, as JSON-able values; None is any, or never."""
    return {
        "object": "budget",
        "payer": budget.payer.value,
        "name": budget.name,
        "window": budget.window.value,
        "most": _told(budget.most),
        "spent": _told(level.spent),
        "held": _told(level.held),
        "starts": level.account.starts or None,
        "renews": renewed(budget.window, now),
    }


def _told(amount: Amount | Bound) -> dict[str, object]:
    """Return an amount; as for all money that people read, it is not reckoned with."""
    usd = None if amount.money is None else amount.money / NANO_PER_USD
    return {"usd": usd, "tokens": amount.tokens, "calls": amount.calls}
