"""What is set aside for attempts that are under way: kept alive, settled or given back."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from switchgear.domain.account import (
    Account,
    Amount,
    Budget,
    Charge,
    Granted,
    Payer,
    Reservation,
    Shortfall,
)
from switchgear.domain.attempt import Attempt
from switchgear.domain.errors import LedgerDown
from switchgear.domain.fact import Charged
from switchgear.domain.units import Seconds, Tokens, UnixMs
from switchgear.engine.charge import account_of, spent, unspent
from switchgear.ports.budget import Budgets, Level
from switchgear.ports.clock import Clock
from switchgear.ports.handler import Trail
from switchgear.ports.nursery import Nursery

LIFE_MS = 20_000
"""How long what is set aside stays so when nobody renews it: a process that was killed frees its
own within that and one EXPIRE_EVERY."""
RENEW_EVERY = Seconds(5.0)
EXPIRE_EVERY = Seconds(5.0)
NOTICES = (0.9, 0.7)
"""Shares of a budget from which its owner is told, the highest first."""
MOST_TOLD = 10_000
"""Notices that are remembered, so that each is logged once."""
log = logging.getLogger("switchgear")


class Claim:
    """What one attempt has set aside. Made before it is asked for, and closed once."""

    __slots__ = ("asked", "charge", "free", "held", "trail")

    def __init__(self, asked: Reservation, trail: Trail, *, free: bool = False) -> None:
        """Know what is asked, and whose trail says what became of it."""
        self.asked = asked
        self.trail = trail
        self.free = free
        """Its tokens are not bought: a tool has them."""
        self.held = True
        """It is set aside, or may be: nobody has said yet that it is not."""
        self.charge: Charge | None = None
        """What it came to, once the attempt has ended; from then on the call's row settles it."""


class Claims:
    """Every claim of this process; it outlives a reload of the config."""

    def __init__(self, budgets: Budgets, nursery: Nursery, clock: Clock) -> None:
        """Start with none."""
        self.budgets = budgets
        self.told: Counter[tuple[str, str]] = Counter()
        """Budgets that came near their end since the start, by payer and share."""
        self.watched: tuple[Budget, ...] = ()
        """Whose levels are looked at now and then; those of the config in force."""
        self.used: dict[tuple[str, str, str], float] = {}
        """Which share of each was spent or set aside then, by payer, name and window."""
        self._nursery = nursery
        self._clock = clock
        self._open: dict[str, Claim] = {}
        self._releases: set[asyncio.Task[None]] = set()
        self._renewal: asyncio.TimerHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._noted: dict[tuple[Account, float], None] = {}

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def until(self) -> UnixMs:
        """Return when what is set aside now ends by itself."""
        return UnixMs(self._clock.date() + LIFE_MS)

    async def ask(self, claim: Claim) -> Granted | Shortfall:
        """Set aside what the claim asks.

        Raises:
            LedgerDown: it cannot be known whether there is enough.
        """
        claim.held = True
        self._open[claim.asked.id] = claim
        self._wake()
        found = await self.budgets.reserve(claim.asked)
        if isinstance(found, Shortfall) and self._releases:
            # What an attempt before has left may just be on its way back.
            await asyncio.wait(set(self._releases))
            found = await self.budgets.reserve(claim.asked)
        if isinstance(found, Shortfall):
            claim.held = False
            self._open.pop(claim.asked.id, None)
        return found

    def settle(self, claim: Claim, attempt: Attempt) -> Charge | None:
        """Return what the attempt came to; None where it cost nothing, and all is given back."""
        amount = spent(attempt, 0 if counted(claim.trail) else 1)
        if amount is None:
            return None
        asked = claim.asked.amount
        if claim.free:
            amount = msgspec.structs.replace(amount, tokens=Tokens(0))
        charge = claim.charge = self.budgets.charge(claim.asked, amount)
        if charge.lent:
            self._open.pop(claim.asked.id, None)
        elif attempt.code:  # the next one needs what it did not
            self._give_back(self._lessen(claim.asked.id, unspent(asked, amount)))
        return charge

    def close(self, claim: Claim) -> None:
        """Give back what is set aside, unless the call's row is to settle it."""
        if claim.charge is not None or not claim.held:
            return
        claim.held = False
        self._open.pop(claim.asked.id, None)
        self._give_back(self._release([claim.asked.id]))

    def paid(self, charges: Sequence[Charge]) -> None:
        """Let go of what was settled, or never will be: its row was written, or could not be."""
        for charge in charges:
            self._open.pop(charge.reservation, None)

    def note(self, account: Account, share: float) -> None:
        """Tell the owner, once for each window and threshold, that a budget comes near its end."""
        passed = next((each for each in NOTICES if share >= each), None)
        if passed is None or (account, passed) in self._noted:
            return
        if len(self._noted) >= MOST_TOLD:
            del self._noted[next(iter(self._noted))]
        self._noted[account, passed] = None
        self.told[account.payer.value, f"{passed:.1f}"] += 1
        log.warning(
            "the budget of %s %s for the %s is %.0f %% spent or set aside",
            account.payer.value,
            account.name if account.payer is not Payer.USER else "(one of them)",
            account.window.value,
            share * 100,
        )

    def keep(self) -> None:
        """From now on, end what others left behind, now and then."""
        self._expiry = asyncio.get_running_loop().call_later(EXPIRE_EVERY, self._expire)

    def stop(self) -> None:
        """Do that no more."""
        for timer in (self._expiry, self._renewal):
            if timer is not None:
                timer.cancel()
        self._expiry = self._renewal = None

    def _give_back(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._nursery.spawn(work)
        self._releases.add(task)
        task.add_done_callback(self._releases.discard)

    def _wake(self) -> None:
        if self._renewal is None:
            loop = asyncio.get_running_loop()
            self._renewal = loop.call_later(RENEW_EVERY, self._renew)

    def _renew(self) -> None:
        """Renew all that is open in one go, and forget what a call has left that is over."""
        self._renewal = None
        for name in [name for name, each in self._open.items() if each.charge and each.trail.over]:
            del self._open[name]
        if self._open:
            self._nursery.spawn(self._renewed(list(self._open)))
            self._wake()

    async def _renewed(self, names: Sequence[str]) -> None:
        try:
            await self.budgets.renew(names, self.until())
        except LedgerDown:
            log.warning("what is set aside for %d attempts could not be renewed", len(names))

    def _expire(self) -> None:
        self.keep()
        self._nursery.spawn(self._expired())

    async def _expired(self) -> None:
        with suppress(LedgerDown):
            await self.budgets.expire(self._clock.date())
            watched, now = self.watched, self._clock.date()
            if watched:
                levels = await self.budgets.levels([account_of(each, now) for each in watched])
                pairs = zip(watched, levels, strict=True)
                used = {_named(each): _used(each, level) for each, level in pairs}
                self.used.clear()
                self.used.update(used)

    async def _release(self, names: Sequence[str]) -> None:
        with suppress(LedgerDown):  # then it ends by itself
            await self.budgets.release(names)

    async def _lessen(self, name: str, by: Amount) -> None:
        with suppress(LedgerDown):
            await self.budgets.lessen(name, by)


def _named(budget: Budget) -> tuple[str, str, str]:
    return budget.payer.value, budget.name, budget.window.value


def _used(budget: Budget, level: Level) -> float:
    """Return the share that is used of what there is least left of; of nought it is all."""
    shares = [
        (getattr(level.spent, each) + getattr(level.held, each)) / most if most else 1.0
        for each in ("money", "tokens", "calls")
        if (most := getattr(budget.most, each)) is not None
    ]
    return max(shares, default=0.0)


def counted(trail: Trail) -> bool:
    """Whether an attempt at a call is counted as the call already."""
    return any(type(fact) is Charged and fact.charge.amount.calls for fact in trail.facts)
