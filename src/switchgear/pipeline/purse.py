"""The toll of money: what an attempt may cost at most is set aside before it is sent."""

from collections.abc import Sequence
from functools import partial

import msgspec
from typing_extensions import override

from switchgear.config.setup import Setup, Spending
from switchgear.domain.account import Budget, Granted, Payer, Reservation, Share, Shortfall
from switchgear.domain.attempt import Role
from switchgear.domain.caller import Key
from switchgear.domain.denial import Unpriced
from switchgear.domain.edit import CapOutput
from switchgear.domain.endpoint import Endpoint
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.fact import Neared, Tried
from switchgear.domain.supervision import OverTaskCap, TaskSpent
from switchgear.domain.target import Kind, Target
from switchgear.domain.turn import Conversation
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.charge import (
    Allowed,
    Demand,
    account_of,
    afforded,
    at_least,
    bounds_output,
    budgets_of,
    in_force_until,
    shares_of,
    with_margin,
)
from switchgear.engine.cost import worst_cost
from switchgear.engine.shortage import refusal
from switchgear.engine.spent import short_of
from switchgear.pipeline.claim import LIFE_MS, NOTICES, Claim, Claims, counted
from switchgear.pipeline.entrance import Bid, Taken, Toll
from switchgear.ports.clock import Clock
from switchgear.ports.passage import Passed

ONE = Tokens(1)
MOST_WALLETS = 10_000
"""Sets of budgets whose accounts are kept in mind."""
MOST_TRIES = 4
"""At what is left, when others are quicker each time."""
READS = frozenset({"GET", "HEAD", "DELETE"})
"""Methods of what is passed through that no provider charges for."""


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """The budgets that pay for some calls, and their accounts for a while."""

    own: tuple[Budget, ...]
    """The key's."""
    budgets: tuple[Budget, ...]
    shares: tuple[Share, ...]
    since: UnixMs
    until: UnixMs
    """When the first of them is new."""


class Purse(Toll):
    """Holds every budget, for one version of the config."""

    def __init__(self, setup: Setup, claims: Claims, clock: Clock) -> None:
        """Take the budgets, and where the money lies."""
        self._allowed = Allowed(
            tenants={name: each.budgets for name, each in setup.tenants.items() if each.budgets},
            aliases=setup.alias_budgets,
            users=setup.user_budgets,
        )
        self._shared = bool(self._allowed)
        self._spending = setup.spending
        self._flat = setup.passthrough.costs
        self._claims = claims
        self._clock = clock
        self._wallets: dict[tuple[int, str, str], Wallet] = {}

    @override
    async def pay(self, bid: Bid, taken: Taken) -> SwitchgearError | None:
        """Set aside what the attempt may cost; its end settles that, with the row of the call.

        Raises:
            LedgerDown: it cannot be known whether there is enough.
        """
        key, capped = bid.call.caller.key, bid.call.mandate.budgets + bid.budgets
        if not (self._shared or key.budgets or capped):
            return None
        now = self._clock.date()
        budgets: tuple[Budget, ...] = capped
        shares: tuple[Share, ...] = ()
        if self._shared or key.budgets:
            wallet = self._wallet(key, bid, now)
            budgets, shares = wallet.budgets + capped, wallet.shares
        if not budgets:
            return None
        if capped:  # a task's window never ends, and no other budget is of the same account
            shares += tuple([Share(account_of(each, now), each.most) for each in capped])
        demand = self._demand(bid, budgets)
        if demand is None:
            return _unpriced(bid)
        until = UnixMs(now + LIFE_MS)
        asked = Reservation(id=bid.id, shares=shares, amount=demand.amount, until=until)
        return await self._held(bid, taken, budgets, demand, asked)

    def _wallet(self, key: Key, bid: Bid, now: UnixMs) -> Wallet:
        """Return what pays; the same again for calls alike, until one of its windows is new."""
        body, allowed = bid.call.body, self._allowed
        user = body.conversation.end_user if allowed.users else ""
        model = body.model if body.model in allowed.aliases else ""
        name = (id(key.budgets), key.tenant, model)
        found = None if user else self._wallets.get(name)
        if found is not None and found.own is key.budgets and found.since <= now < found.until:
            return found
        budgets = budgets_of(key, user, model, allowed)
        shares = shares_of(budgets, now)
        until = in_force_until(shares, now)
        wallet = Wallet(own=key.budgets, budgets=budgets, shares=shares, since=now, until=until)
        if not user:
            if len(self._wallets) >= MOST_WALLETS:
                self._wallets.clear()
            self._wallets[name] = wallet
        return wallet

    async def _held(
        self,
        bid: Bid,
        taken: Taken,
        budgets: Sequence[Budget],
        demand: Demand,
        asked: Reservation,
    ) -> SwitchgearError | None:
        claim = Claim(asked, bid.trail, free=_free(bid))
        taken.at_close(partial(self._claims.close, claim))
        limited = bid.call.body.conversation.max_output is not None or not demand.output
        tries = MOST_TRIES
        while isinstance(found := await self._claims.ask(claim), Shortfall):
            tries -= 1
            less = None if limited or not tries else self._afforded(demand, found)
            if less is None:
                least = demand if limited else at_least(demand, self._spending.least_output)
                if found.account.payer is Payer.TASK:
                    return _over_cap(found, least)
                key = bid.call.caller.key.id
                now = self._clock.date()
                return refusal(found, least.amount, bid.target.id, key, now)
            demand = less
            claim.asked = msgspec.structs.replace(asked, amount=demand.amount)
        self._grant(bid, taken, claim, found)
        if not limited and bounds_output(budgets, bid.target.price):
            taken.edits += (CapOutput(demand.output),)
        taken.most_output = Tokens(demand.output * demand.choices)
        return None

    def _grant(self, bid: Bid, taken: Taken, claim: Claim, granted: Granted) -> None:
        taken.settle = partial(self._claims.settle, claim)
        account, share = granted.account, granted.fullest
        if account is not None and share >= NOTICES[-1]:
            if account.payer is not Payer.ESCALATION:  # no caller's: it says what others spend
                bid.trail.add(Neared(payer=account.payer, window=account.window, share=share))
            self._claims.note(account, share)

    def _afforded(self, demand: Demand, short: Shortfall) -> Demand | None:
        return afforded(demand, short.left, self._spending.least_output)

    def _demand(self, bid: Bid, budgets: Sequence[Budget]) -> Demand | None:
        """Return the most that the attempt may use; None where nobody can say that."""
        calls = 0 if bid.number and counted(bid.trail) else 1
        price = bid.target.price
        if bid.call.endpoint.passed:
            flat = self._cost(bid)
            if flat is None and any(each.most.money is not None for each in budgets):
                return None
            return Demand(price=price, input=Tokens(0), calls=calls, flat=flat or NanoUsd(0))
        if _free(bid):
            return Demand(price=price, input=Tokens(0), calls=calls)
        ask, talk = bid.decided.ask, bid.call.body.conversation
        before = _written(bid) if bid.role is Role.RESCUE else 0
        expected = ask.input_tokens if bid.expected_input is None else bid.expected_input
        return Demand(
            price=price,
            input=with_margin(Tokens(expected + before), self._spending.margin),
            output=self._output(bid),
            choices=talk.choices,
            service=talk.service,
            hour=for_an_hour(bid.call.body.raw),
            calls=calls,
        )

    def _output(self, bid: Bid) -> Tokens:
        """Return the most that one choice may have: as the caller says, else the owner."""
        if bid.call.endpoint is not Endpoint.ANSWER:
            return Tokens(0)
        return most_output(bid.call.body.conversation, bid.target, self._spending, bid.most_output)

    def _cost(self, bid: Bid) -> NanoUsd | None:
        return flat_cost(bid.call.body, self._flat.get(bid.call.endpoint))


def most_output(
    talk: Conversation, target: Target, spending: Spending, bound: Tokens | None = None
) -> Tokens:
    """Return the most that one choice may have: as the caller says, else the owner."""
    usual, most = spending.usual_output, target.max_output
    said = Tokens(talk.max_output) if talk.max_output is not None else None
    if said is None:
        said = most if usual is None else min(usual, most)
    return said if bound is None else min(said, bound)


def for_an_hour(raw: bytes) -> bool:
    """Whether a call may ask for the prompt cache of an hour; letters may be written as codes."""
    return b"1h" in raw or b"\\u00" in raw


def flat_cost(body: object, most: NanoUsd | None) -> NanoUsd | None:
    """Return what a request that is passed through is taken to cost; None where it is not said."""
    if isinstance(body, Passed) and body.method in READS:
        return NanoUsd(0)
    return most


def _free(bid: Bid) -> bool:
    """Whether it is a tool that costs nothing."""
    price = bid.target.price
    return bid.target.kind is Kind.TOOL and not worst_cost(price, length=ONE, output=ONE)


def _over_cap(found: Shortfall, least: Demand) -> OverTaskCap | TaskSpent:
    """Return that a task has come to a cap.

    Raises:
        TaskSpent: in steps, so it makes no difference where the call goes.
    """
    error = short_of(found, least.amount)
    if isinstance(error, TaskSpent):
        raise error
    return error


def _written(bid: Bid) -> int:
    """Return how many tokens the caller has of the answer that is gone on with."""
    tried = [fact.attempt.usage for fact in bid.trail.facts if type(fact) is Tried]
    return sum([usage.output for usage in tried if usage is not None])


def _unpriced(bid: Bid) -> Unpriced:
    kind = bid.call.endpoint.value
    return Unpriced(
        f"What a request to {kind} may cost is not known, and the budget is in money. The owner "
        f"can say it: `passthrough: {{{kind}: {{target: {bid.target.id}, most_usd: 0.2}}}}`."
    )
