"""Who pays for a call, out of which window of time, and in what it is counted.

A *budget* is what an owner allows; an *account* is one window of it, in which is kept what was
spent. Everything is whole numbers, so sums are exact and their order never matters.
"""

from enum import Enum

import msgspec

from switchgear.domain.units import NanoUsd, Tokens, UnixMs


class Payer(Enum):
    """Whose budget it is. The value is stored."""

    __hash__ = object.__hash__  # in C: accounts are looked up several times a call

    TENANT = "tenant"
    KEY = "key"
    USER = "user"
    """An end user, as a call names it; each tenant, or key without one, has its own."""
    ALIAS = "alias"
    TASK = "task"
    ESCALATION = "escalation"
    """What sending answers up a tier may cost, by where the config says it."""


class Window(Enum):
    """For how long a budget lasts; calendar windows begin in UTC. The value is stored."""

    __hash__ = object.__hash__  # as above

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


class Bound(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How much there may be at most; None is no bound, and 0 is nothing at all."""

    money: NanoUsd | None = None
    tokens: Tokens | None = None
    """Input and output together."""
    calls: int | None = None


class Budget(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What an owner allows one payer in each window of one length."""

    payer: Payer
    name: str
    """Of the key, tenant, alias …; unique among payers of that kind."""
    window: Window
    most: Bound


class Account(msgspec.Struct, frozen=True, gc=False):
    """One window of one payer's."""

    payer: Payer
    name: str
    window: Window
    starts: UnixMs = UnixMs(0)
    """0 for the window that never ends."""


class Amount(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """So much of everything that is counted; never negative."""

    money: NanoUsd = NanoUsd(0)
    tokens: Tokens = Tokens(0)
    calls: int = 0


class Charge(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What one attempt has come to, to be settled together with the row of its call."""

    reservation: str
    """The id of what was set aside for it."""
    accounts: tuple[Account, ...]
    """That pay it, each all of it."""
    amount: Amount
    lent: bool = False
    """It is taken from what was lent to this process under that id, which stays open; otherwise
    what was set aside is closed by it."""


class Share(msgspec.Struct, frozen=True, gc=False):
    """One account that pays, and how much there may be in it."""

    account: Account
    most: Bound


class Reservation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is asked to be set aside."""

    id: str
    """Of the attempt; asking again with the same id changes nothing."""
    shares: tuple[Share, ...]
    """Each pays the whole amount; empty is granted at once."""
    amount: Amount
    until: UnixMs
    """When it ends by itself, if it is not renewed."""


class Granted(msgspec.Struct, frozen=True, gc=False):
    """It is set aside in all accounts."""

    fullest: float = 0.0
    """The share of its bound that the fullest of them has now spent or set aside."""
    account: Account | None = None
    """The fullest; None where there is none with a bound above nothing."""


class Shortfall(msgspec.Struct, frozen=True, gc=False):
    """It is set aside nowhere."""

    account: Account
    """The first that has not enough."""
    most: Bound
    """That account's."""
    left: Bound
    """The least that is left of each over all accounts; None where nothing bounds it."""
