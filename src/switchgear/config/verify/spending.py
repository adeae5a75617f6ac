"""Whether budgets hold for somebody, can be held, and leave room for a call."""

from collections.abc import Iterator

from switchgear.config.budget import budgets_of
from switchgear.config.error import Finding, Path
from switchgear.config.setup import PASSED_IN
from switchgear.config.spending import BudgetsEntry
from switchgear.config.verify.subject import Subject, found
from switchgear.domain.account import Payer, Window
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Tokens
from switchgear.engine.cost import worst_cost

SMALL_INPUT = Tokens(1_000)
"""Tokens of a small call's input, with its margin."""
SHORT = frozenset({Window.MINUTE, Window.HOUR, Window.DAY})
"""Windows in which a budget that is too small for one call is never large enough."""


def check_spending(subject: Subject) -> Iterator[Finding]:
    """Find budgets of nobody, and those that no call fits in."""
    file = subject.file
    known = {key.tenant for key in file.keys}
    for name in file.tenants:
        if name not in known:
            message = "no key of this file is this tenant's; keys that are made later may be"
            yield found("unused_tenant", ("tenants", name), message)
    cheapest = _cheapest(subject)
    for path, budgets in _all(subject):
        for budget in budgets_of(Payer.KEY, "", budgets):
            most = budget.most.money
            if budget.window in SHORT and most is not None and 0 < most < cheapest:
                at = (*path, budget.window.value, "usd")
                yield found("budget_too_small", at, _too_small(cheapest))
    if any(_in_money(budgets) for _, budgets in _all(subject)):
        for endpoint in PASSED_IN:
            yield from _unpriced(endpoint, subject)


def _all(subject: Subject) -> Iterator[tuple[Path, BudgetsEntry]]:
    """Yield every budget of the file, with its place."""
    file = subject.file
    for at, key in enumerate(file.keys):
        yield ("keys", at, "budgets"), key.budgets
    for name, tenant in file.tenants.items():
        yield ("tenants", name, "budgets"), tenant.budgets
    for name, alias in file.aliases.items():
        yield ("aliases", name, "budgets"), alias.budgets
    yield ("end_users", "budgets"), file.end_users.budgets


def _in_money(budgets: BudgetsEntry) -> bool:
    return any(each.most.money is not None for each in budgets_of(Payer.KEY, "", budgets))


def _cheapest(subject: Subject) -> NanoUsd:
    """Return what must be set aside for a small call at the cheapest target."""
    output = Tokens(subject.file.spending.least_output)
    costs = [
        worst_cost(each.price, length=SMALL_INPUT, output=output)
        for each in subject.targets.values()
        if each.price is not None
    ]
    return min(costs, default=NanoUsd(0))


def _too_small(cheapest: NanoUsd) -> str:
    dollars = f"{cheapest / NANO_PER_USD:.9f}".rstrip("0")
    return (
        f"a call of {SMALL_INPUT:,} tokens takes {dollars} at the cheapest target, so hardly any"
        " would ever fit"
    )


def _unpriced(endpoint: Endpoint, subject: Subject) -> Iterator[Finding]:
    passed = subject.file.passthrough
    target = passed.target(endpoint)
    if target and passed.most_usd(endpoint) is None:
        message = (
            "budgets in money are declared, and what a request costs here is not known: who has"
            f" one is refused. Write {{target: {target}, most_usd: 0.2}}"
        )
        yield found("unpriced", ("passthrough", endpoint.value), message)
