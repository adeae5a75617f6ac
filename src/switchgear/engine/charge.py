"""Which budgets pay for a call, what an attempt may cost at most, and what can still be afforded.

All of it is whole numbers, and none of it touches a store: whoever reserves money asks here first.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

import msgspec

from switchgear.domain.account import Account, Amount, Bound, Budget, Share
from switchgear.domain.attempt import Attempt
from switchgear.domain.caller import Key
from switchgear.domain.target import Price
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.cost import worst_cost
from switchgear.engine.window import LATEST, began, renewed

Figure = TypeVar("Figure", bound=int)
NAME_BYTES = 16
BILLION = 1_000_000_000
"""Parts of one, so that a margin written as a fraction stays a whole number."""
MOST_TOKENS = 1 << 40
"""Of one call; no provider has windows a millionth as large, and databases have 63 bits."""
MOST_MONEY = 2_000_000_000_000_000_000
"""Of one call, for the same reason; no budget can be as large, so it fits none."""


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """The budgets that are not a key's own."""

    tenants: Mapping[str, tuple[Budget, ...]] = {}
    aliases: Mapping[str, tuple[Budget, ...]] = {}
    users: tuple[Budget, ...] = ()
    """Of each end user; the name in them is empty."""

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.tenants or self.aliases or self.users)


def budgets_of(key: Key, end_user: str, model: str, allowed: Allowed) -> tuple[Budget, ...]:
    """Return every budget that pays for a call; each pays all of it."""
    found = key.budgets
    if key.tenant:
        found += allowed.tenants.get(key.tenant, ())
    found += allowed.aliases.get(model, ())
    if end_user and allowed.users:
        name = user_name(key, end_user)
        found += tuple([msgspec.structs.replace(each, name=name) for each in allowed.users])
    return found


def user_name(key: Key, end_user: str) -> str:
    """Return what an end user is known by: those of different tenants are different people.

    It is a hash of both, never a concatenation, so that no name can be made to look like another's.
    Where a key has no tenant, the key stands for it.
    """
    whose = ("tenant", key.tenant) if key.tenant else ("key", key.id)
    return blake2b(msgspec.json.encode((*whose, end_user)), digest_size=NAME_BYTES).hexdigest()


def account_of(budget: Budget, now: UnixMs) -> Account:
    """Return the account of a budget that is in force now."""
    return Account(budget.payer, budget.name, budget.window, began(budget.window, now))


def shares_of(budgets: Sequence[Budget], now: UnixMs) -> tuple[Share, ...]:
    """Return the accounts that pay, each once, with the least that any budget allows there."""
    found: dict[Account, Bound] = {}
    for budget in budgets:
        account = account_of(budget, now)
        there = found.get(account)
        found[account] = budget.most if there is None else _tighter(there, budget.most)
    return tuple([Share(account, most) for account, most in found.items()])


def in_force_until(shares: Sequence[Share], now: UnixMs) -> UnixMs:
    """Return until when these accounts are those of their budgets."""
    ends = [renewed(each.account.window, now) for each in shares]
    return min([end for end in ends if end is not None], default=LATEST)


class Demand(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The most that one attempt may use."""

    price: Price
    input: Tokens
    """Our estimate and its margin."""
    output: Tokens = Tokens(0)
    """Of one choice."""
    choices: int = 1
    service: str = ""
    hour: bool = False
    """It may write to the prompt cache for an hour."""
    calls: int = 0
    flat: NanoUsd | None = None
    """What it costs at most, where tokens say nothing of that."""

    @property
    def amount(self) -> Amount:
        """What must be set aside for it: nothing within these bounds costs more."""
        if self.flat is not None:
            return Amount(money=self.flat, calls=self.calls)
        output = Tokens(self.output * self.choices)
        money = worst_cost(
            self.price, length=self.input, output=output, service=self.service, hour=self.hour
        )
        return Amount(
            money=NanoUsd(min(money, MOST_MONEY)),
            tokens=Tokens(self.input + output),
            calls=self.calls,
        )


def with_margin(tokens: Tokens, margin: float) -> Tokens:
    """Return an estimate with its margin, rounded up."""
    return Tokens(min(MOST_TOKENS, tokens - (-tokens * round(margin * BILLION) // BILLION)))


def bounds_output(budgets: Sequence[Budget], price: Price) -> bool:
    """Whether some budget makes it matter how much is written."""
    dear = worst_cost(price, length=Tokens(0), output=Tokens(1)) > 0
    for each in budgets:
        if each.most.tokens is not None or (dear and each.most.money is not None):
            return True
    return False


def fits(amount: Amount, left: Bound) -> bool:
    """Whether there is enough left of everything that is bounded."""
    money, tokens, calls = left.money, left.tokens, left.calls
    return (
        (money is None or amount.money <= money)
        and (tokens is None or amount.tokens <= tokens)
        and (calls is None or amount.calls <= calls)
    )


def afforded(demand: Demand, left: Bound, least: Tokens) -> Demand | None:
    """Return the demand with as much output as what is left affords; None if that is of no use.

    Shapes: the result asks for no more output than ``demand``, and for ``least`` or more.
    """
    low, high = at_least(demand, least).output, demand.output
    if demand.flat is not None or not fits(_with(demand, low).amount, left):
        return None
    while low < high:
        middle = Tokens((low + high + 1) // 2)
        if fits(_with(demand, middle).amount, left):
            low = middle
        else:
            high = Tokens(middle - 1)
    return _with(demand, low)


def spent(attempt: Attempt, calls: int) -> Amount | None:
    """Return what an attempt came to, and ``calls``; None where it certainly cost nothing."""
    usage = attempt.usage
    if attempt.code and usage is None and not attempt.cost:
        return None
    tokens = Tokens(0) if usage is None else Tokens(usage.input + usage.output)
    return Amount(money=attempt.cost, tokens=tokens, calls=calls)


def unspent(asked: Amount, amount: Amount) -> Amount:
    """Return what was set aside and not spent."""
    return Amount(
        money=NanoUsd(max(0, asked.money - amount.money)),
        tokens=Tokens(max(0, asked.tokens - amount.tokens)),
        calls=max(0, asked.calls - amount.calls),
    )


def at_least(demand: Demand, least: Tokens) -> Demand:
    """Return the demand with no more output than is of any use."""
    return _with(demand, min(least, demand.output))


def _tighter(one: Bound, other: Bound) -> Bound:
    return Bound(
        money=_least(one.money, other.money),
        tokens=_least(one.tokens, other.tokens),
        calls=_least(one.calls, other.calls),
    )


def _least(one: Figure | None, other: Figure | None) -> Figure | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _with(demand: Demand, output: Tokens) -> Demand:
    return msgspec.structs.replace(demand, output=output)
