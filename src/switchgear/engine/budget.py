"""What accounts have spent and set aside: who may spend more, and what each event changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from switchgear.domain.account import (
    Account,
    Amount,
    Bound,
    Budget,
    Charge,
    Granted,
    Reservation,
    Shortfall,
    Window,
)
from switchgear.domain.units import NanoUsd, Tokens, UnixMs

SPANS = {Window.MINUTE: 60_000, Window.HOUR: 3_600_000, Window.DAY: 86_400_000}
"""Milliseconds of the windows that are all of one length."""
DAY = SPANS[Window.DAY]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = int((datetime(9990, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * 1000
"""A clock that is beyond this is taken to be at it: the calendar ends soon after."""

MOST_AT_ONCE = 2**60
"""The most of anything that one amount may have: a billion dollars, as budgets have at most."""
MOST_IN_ALL = 2**63 - 1
"""The most that an account can hold: what a database has room for. No bound means this one."""

NOTHING = Amount()


def starts_of(window: Window, at: UnixMs) -> UnixMs:
    """Return when the window that ``at`` is in began, in UTC; 0 for the one that never ends."""
    at = UnixMs(min(max(at, 0), LATEST))
    if window is Window.TOTAL:
        return UnixMs(0)
    return _month(at) if window is Window.MONTH else UnixMs(at - at % SPANS[window])


def ends_of(window: Window, at: UnixMs) -> UnixMs | None:
    """Return when the window that ``at`` is in gives way to the next; None for the endless one."""
    if window is Window.TOTAL:
        return None
    starts = starts_of(window, at)
    if window is Window.MONTH:
        return _month(starts + 31 * DAY)
    return UnixMs(starts + SPANS[window])


def _month(at: int) -> UnixMs:
    day = at // DAY
    return UnixMs((day + 1 - (EPOCH + timedelta(days=day)).day) * DAY)


def account_of(budget: Budget, at: UnixMs) -> Account:
    """Return the account that pays for what begins at this moment."""
    return Account(budget.payer, budget.name, budget.window, starts_of(budget.window, at))


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What one account has spent, and set aside."""

    spent: Amount = NOTHING
    held: Amount = NOTHING


class Aside(msgspec.Struct, frozen=True, gc=False):
    """A reservation that is open."""

    accounts: tuple[Account, ...]
    amount: Amount
    until: UnixMs


class Books(msgspec.Struct, frozen=True):
    """Accounts, and what is set aside in them; an account that is not here is empty."""

    standings: Mapping[Account, Standing]
    asides: Mapping[str, Aside]


class Change(msgspec.Struct, frozen=True):
    """What an event makes different; what it does not name stays."""

    standings: dict[Account, Standing]
    asides: dict[str, Aside | None]
    """None for what is open no longer."""


EMPTY = Standing()


def refuse_absurd(amount: Amount) -> None:
    """Check that an amount is one that can be paid.

    Raises:
        ValueError: it is below nothing, or beyond any measure.
    """
    money, tokens, calls = amount.money, amount.tokens, amount.calls
    if money < 0 or tokens < 0 or calls < 0 or max(money, tokens, calls) > MOST_AT_ONCE:
        raise ValueError(f"{money}, {tokens} and {calls} are no amounts to pay with")


def reserve(books: Books, asked: Reservation) -> tuple[Granted, Change] | Shortfall:
    """Set an amount aside in all accounts, or say what is missing; once for each id.

    Raises:
        ValueError: an amount below nothing, or beyond any measure.
    """
    refuse_absurd(asked.amount)
    again = asked.id in books.asides
    more = NOTHING if again else asked.amount
    weighed = weigh(books.standings, asked, more)
    if isinstance(weighed, Shortfall):
        return weighed
    if again or not asked.shares:
        return weighed, Change({}, {})
    accounts = tuple(dict.fromkeys([share.account for share in asked.shares]))
    standings = {each: _holding(_of(books, each), more) for each in accounts}
    return weighed, Change(standings, {asked.id: Aside(accounts, more, asked.until)})


def weigh(
    standings: Mapping[Account, Standing], asked: Reservation, more: Amount
) -> Granted | Shortfall:
    """Return whether each account that is asked has room for so much more."""
    fullest, account = 0.0, None
    for share in asked.shares:
        standing = standings.get(share.account, EMPTY)
        if not fits(standing, share.most, more):
            return Shortfall(share.account, share.most, left_of(standings, asked))
        fullness = _fullness(standing, share.most, more)
        if account is None and fullness is not None:
            account = share.account
        if fullness is not None and fullness > fullest:
            fullest, account = fullness, share.account
    return Granted(fullest, account)


def fits(standing: Standing, most: Bound, more: Amount) -> bool:
    """Whether an account has room for so much more; nothing more always fits."""
    spent, held = standing.spent, standing.held
    return (
        _fits(most.money, spent.money + held.money, more.money)
        and _fits(most.tokens, spent.tokens + held.tokens, more.tokens)
        and _fits(most.calls, spent.calls + held.calls, more.calls)
    )


def left_of(standings: Mapping[Account, Standing], asked: Reservation) -> Bound:
    """Return the least that is left of each over all accounts that are asked."""
    left = Bound()
    for share in asked.shares:
        left = least(left, left_in(standings.get(share.account, EMPTY), share.most))
    return left


def left_in(standing: Standing, most: Bound) -> Bound:
    """Return what one account has left; None where nothing bounds it."""
    spent, held = standing.spent, standing.held
    money = None if most.money is None else max(0, most.money - spent.money - held.money)
    tokens = None if most.tokens is None else max(0, most.tokens - spent.tokens - held.tokens)
    calls = None if most.calls is None else max(0, most.calls - spent.calls - held.calls)
    return Bound(
        money=None if money is None else NanoUsd(money),
        tokens=None if tokens is None else Tokens(tokens),
        calls=calls,
    )


def least(one: Bound, other: Bound) -> Bound:
    """Return the lower of two bounds, of each."""
    return Bound(
        money=NanoUsd(min(one.money, other.money))
        if one.money is not None and other.money is not None
        else (other.money if one.money is None else one.money),
        tokens=Tokens(min(one.tokens, other.tokens))
        if one.tokens is not None and other.tokens is not None
        else (other.tokens if one.tokens is None else one.tokens),
        calls=min(one.calls, other.calls)
        if one.calls is not None and other.calls is not None
        else (other.calls if one.calls is None else one.calls),
    )


def settle(books: Books, charge: Charge) -> Change:
    """Pay what an attempt came to, whether anything is still set aside for it or not.

    Raises:
        ValueError: an amount below nothing, or beyond any measure.
    """
    refuse_absurd(charge.amount)
    change = _lessened(books, charge.reservation, charge.amount if charge.lent else None)
    for account in dict.fromkeys(charge.accounts):
        before = change.standings.get(account) or _of(books, account)
        spent = plus(before.spent, charge.amount)
        change.standings[account] = Standing(spent, before.held)
    return change


def lessen(books: Books, name: str, by: Amount) -> Change:
    """Give back a part of what is set aside; what has nothing left is closed."""
    return _lessened(books, name, by)


def release(books: Books, name: str) -> Change:
    """Give back what is set aside, all of it."""
    return _lessened(books, name, None)


def renew(books: Books, names: Iterable[str], until: UnixMs) -> Change:
    """Let what is open stay so until then; what is not stays closed."""
    found = {name: books.asides[name] for name in names if name in books.asides}
    asides = {name: Aside(it.accounts, it.amount, until) for name, it in found.items()}
    return Change({}, dict(asides))


def due(asides: Mapping[str, Aside], now: UnixMs) -> Sequence[str]:
    """Return what is open beyond its time."""
    return [name for name, it in asides.items() if it.until <= now]


def plus(one: Amount, other: Amount) -> Amount:
    """Return the sum, up to the most that there can be."""
    return Amount(
        money=NanoUsd(min(one.money + other.money, MOST_IN_ALL)),
        tokens=Tokens(min(one.tokens + other.tokens, MOST_IN_ALL)),
        calls=min(one.calls + other.calls, MOST_IN_ALL),
    )


def minus(one: Amount, other: Amount) -> Amount:
    """Return the difference, at least nothing."""
    return Amount(
        money=NanoUsd(max(one.money - other.money, 0)),
        tokens=Tokens(max(one.tokens - other.tokens, 0)),
        calls=max(one.calls - other.calls, 0),
    )


def _lessened(books: Books, name: str, by: Amount | None) -> Change:
    """Return what taking so much from a reservation changes; None takes all and closes it."""
    aside = books.asides.get(name)
    if aside is None:
        return Change({}, {})
    rest = NOTHING if by is None else minus(aside.amount, by)
    back = minus(aside.amount, rest)
    standings = {
        each: Standing(it.spent, minus(it.held, back))
        for each in aside.accounts
        for it in (_of(books, each),)
    }
    closed = by is None or rest == NOTHING
    return Change(standings, {name: None if closed else Aside(aside.accounts, rest, aside.until)})


def _of(books: Books, account: Account) -> Standing:
    return books.standings.get(account, EMPTY)


def _holding(standing: Standing, more: Amount) -> Standing:
    return Standing(standing.spent, plus(standing.held, more))


def _fits(most: int | None, used: int, more: int) -> bool:
    return more == 0 or used + more <= (MOST_IN_ALL if most is None else most)


def _fullness(standing: Standing, most: Bound, more: Amount) -> float | None:
    """Return the share of its bounds that is used; None where none is above nothing."""
    spent, held = standing.spent, standing.held
    shares = []
    if most.money:
        shares.append((spent.money + held.money + more.money) / most.money)
    if most.tokens:
        shares.append((spent.tokens + held.tokens + more.tokens) / most.tokens)
    if most.calls:
        shares.append((spent.calls + held.calls + more.calls) / most.calls)
    return max(shares) if shares else None
