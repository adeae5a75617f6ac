"""The parts of the config file that say how much may be spent, and how fast."""

from typing import Annotated, Literal

import msgspec

from switchgear.config.part import Entry

PriorityName = Literal["batch", "standard", "interactive"]
Usd = Annotated[float, msgspec.Meta(ge=0, le=1_000_000_000)]
Many = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)]
Few = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class BudgetEntry(Entry, frozen=True, kw_only=True):
    """What may be spent in one window; 0 is nothing, not any."""

    usd: Usd | None = None
    """US dollars. Default: any."""
    tokens: Many | None = None
    """Tokens, input and output together. Default: any."""
    calls: Many | None = None
    """Calls that reach a target. Default: any."""


class BudgetsEntry(Entry, frozen=True, kw_only=True):
    """What may be spent in each window of time. Windows of the calendar begin in UTC."""

    minute: BudgetEntry | None = None
    """In each minute. Default: any."""
    hour: BudgetEntry | None = None
    """In each hour. Default: any."""
    day: BudgetEntry | None = None
    """In each day. Default: any."""
    month: BudgetEntry | None = None
    """In each month. Default: any."""
    total: BudgetEntry | None = None
    """Ever. Default: any."""


class LimitsEntry(Entry, frozen=True, kw_only=True):
    """How much may come in a minute, and be under way at once; 0 is none, not any."""

    requests_per_minute: Many | None = None
    """Calls in a minute. Default: any."""
    tokens_per_minute: Many | None = None
    """Tokens in a minute: estimated when a call comes, and put right at its end. Default: any."""
    concurrent: Few | None = None
    """Calls under way at once. Default: any."""


class TenantEntry(Entry, frozen=True, kw_only=True):
    """What holds for all keys of one tenant together."""

    budgets: BudgetsEntry = BudgetsEntry()
    """What they may spend. Default: any."""
    limits: LimitsEntry = LimitsEntry()
    """How much may come of them. Default: any."""
    weight: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 1.0
    """Its share, against other tenants', of what there is not enough of for all. Default: 1."""


class PassedEntry(Entry, frozen=True, kw_only=True):
    """Who gets what is passed through, and what one request may cost."""

    target: str
    """Target id."""
    most_usd: Usd | None = None
    """US dollars that one request may cost at most: nobody counts these, so each that is not only
    read is charged so much. Default: not known; keys with a budget in money are refused."""


class SpendingEntry(Entry, frozen=True, kw_only=True):
    """How what a call may cost is reckoned before it is sent, where a budget pays for it."""

    margin: Annotated[float, msgspec.Meta(ge=0, le=10)] = 0.25
    """Share of the estimated input that is set aside beside it. Default: 0.25."""
    usual_output: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] | None = None
    """Tokens of output that a call is given which names no limit. Default: the target's most."""
    least_output: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 256
    """Where not even that much is left for a call which names no limit, it is refused: fewer tokens
    would be of no use. Default: 256."""


class EndUsersEntry(Entry, frozen=True, kw_only=True):
    """What holds for each end user that calls name.

    They name one as ``user``, ``safety_identifier`` or ``metadata.user_id``; those of different
    tenants are different people.
    """

    budgets: BudgetsEntry = BudgetsEntry()
    """What each may spend. Default: any."""
