"""Say which budget has not enough left, how much that is, and when it is new."""

from datetime import UTC, datetime

from switchgear.domain.account import Account, Amount, Bound, Payer, Shortfall, Window
from switchgear.domain.denial import OverBudget
from switchgear.domain.units import NANO_PER_USD, NanoUsd, Seconds, UnixMs
from switchgear.engine.window import LATEST, renewed

SPANS = {
    Window.MINUTE: "this minute",
    Window.HOUR: "this hour",
    Window.DAY: "this day",
    Window.MONTH: "this month",
    Window.TOTAL: "all time",
}
OWNERS = {
    Payer.TENANT: "This tenant's budget",
    Payer.KEY: "This key's budget",
    Payer.USER: "This end user's budget",
    Payer.TASK: "This task's budget",
}
MADE_BY = "The budget of the key that made this one"
PLAIN = {
    Payer.ALIAS: "The budget of what was asked for",
    Payer.ESCALATION: "The budget of sending answers up",
}
"""Its level says what others spend, so it is not told."""


def refusal(short: Shortfall, asked: Amount, target: str, key: str, now: UnixMs) -> OverBudget:
    """Return what a caller is told whose attempt at ``target`` cannot be paid for.

    ``key`` is the id of the caller's own: a budget of another key's is that of one that made it.
    """
    account = short.account
    what, left, most, wanted = scarce(short, asked)
    again = renewed(account.window, now)
    hopeless = most is not None and wanted > most
    words = [f"{_whose(account, key)} for {SPANS[account.window]} has not enough {what} left"]
    if account.payer in PLAIN:
        words.append(f"for {target}.")
    else:
        words.append(f"for {target}: {_told(what, left)} of {_told(what, most)},")
        words.append(f"and this may take {_told(what, wanted)}.")
    if hopeless:
        words.append("It is more than the whole budget: ask for less output, or for less.")
    elif again is not None:
        words.append(f"It is new at {date_of(again)}; ask for less output until then.")
    error = OverBudget(" ".join(words))
    if again is not None and not hopeless:
        error.retry_after = Seconds(max(1.0, (again - now) / 1000))
    return error


def _whose(account: Account, key: str) -> str:
    if account.payer is Payer.KEY and account.name != key:
        return MADE_BY
    return OWNERS.get(account.payer) or PLAIN[account.payer]


def scarce(short: Shortfall, asked: Amount) -> tuple[str, int | None, int | None, int]:
    """Return what there is not enough of in that account, how much is left, and of how much."""
    for what in ("money", "tokens", "calls"):
        most, wanted = getattr(short.most, what), getattr(asked, what)
        left = _left(short.left, what, most)
        if most is not None and left is not None and wanted > left:
            return what, left, most, wanted
    return "money", short.left.money, short.most.money, asked.money


def _left(left: Bound, what: str, most: int | None) -> int | None:
    """Return what is left, at most all of it: what was overdrawn is nothing."""
    found: int | None = getattr(left, what)
    return found if found is None or most is None else min(max(found, 0), most)


def _told(what: str, count: int | None) -> str:
    if count is None:
        return "any"
    return usd(NanoUsd(count)) if what == "money" else f"{count:,}"


def usd(money: NanoUsd) -> str:
    """Return an amount as decimal dollars, without noughts that say nothing."""
    whole, part = divmod(money, NANO_PER_USD)
    tail = f"{part:09d}".rstrip("0")
    return f"${whole:,}.{tail:0<2}"


def date_of(moment: UnixMs) -> str:
    """Return a moment as people write it, in UTC."""
    return f"{datetime.fromtimestamp(min(moment, LATEST) / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
