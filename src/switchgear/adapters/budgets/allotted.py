"""Budgets of which a share is lent to this process, so that most calls ask nobody."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from typing_extensions import override

from switchgear.adapters.budgets.pool import Loan, Part, Pool, touching
from switchgear.adapters.budgets.steady import SteadyClock
from switchgear.domain.account import (
    Account,
    Amount,
    Charge,
    Granted,
    Reservation,
    Share,
    Shortfall,
)
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.budget import NOTHING, Standing, least, left_in, minus, refuse_absurd
from switchgear.ports.budget import Budgets, Level
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery

LIFE_MS, RENEW_MS = 20_000, 12_000
"""How long a loan lives that nobody renews, and how much of that is left when it is renewed."""
LOOK_EVERY = Seconds(0.5)
"""How often it is looked whether a budget comes near its end: then it lends nothing more."""
IDLE = Seconds(5.0)
"""A loan goes back when no call asked for so long."""
QUICK = Seconds(5.0)
"""A loan that lasted no longer than this was too small."""
LONGEST = Seconds(1200.0)
"""How long a call may go on after one of its attempts was charged, and its row is not written."""
NEVER = Seconds(float("-inf"))
MOST_POOLS = 1000
"""Sets of accounts of which something is lent at the same time."""
TRIES = 3
"""How often what is lent is given back, and asked again, before a call is refused."""


class AllottedBudgets(Budgets):
    """Lends to this process where a budget is worth many calls, and asks where it is not.

    What is lent is an ordinary reservation, which a call is given a part of; so whatever happens
    here, the accounts cannot be overdrawn. A process that is killed leaves it to end by itself.
    """

    def __init__(self, inner: Budgets, clock: Clock, name: str) -> None:
        """Take what keeps the accounts; no other process has this name."""
        self._inner = inner
        self._clock = clock
        self._steady = SteadyClock(clock)
        self._name = name
        self._pools: dict[tuple[Share, ...], Pool] = {}
        self._parts: dict[str, Part] = {}
        self._tail: list[Loan] = []
        """Loans of which nothing is left but what the rows of calls are still to pay."""
        self._nursery = Nursery()
        self._tending: asyncio.Task[None] | None = None
        self._giving: set[asyncio.Task[None]] = set()
        """What is on its way back."""
        self._lent = 0
        self._closed = asyncio.Event()

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        refuse_absurd(asked.amount)
        if not asked.shares:
            return Granted()
        found = await self._ask(asked)
        for _ in range(TRIES):
            if isinstance(found, Granted) or not await self._gave_back(asked.shares):
                break
            found = await self._ask(asked)
        return found

    @override
    def charge(self, asked: Reservation, amount: Amount) -> Charge:
        part = self._parts.pop(asked.id, None)
        if part is None:
            return self._inner.charge(asked, amount)
        loan = part.loan
        loan.held -= 1
        loan.charged_at = self._clock.now()
        loan.put(part.amount)
        loan.put(amount, -1)
        return Charge(reservation=loan.name, accounts=part.pool.accounts, amount=amount, lent=True)

    @override
    async def renew(self, ids: Sequence[str], until: UnixMs) -> None:
        others = []
        for name in ids:
            part = self._parts.get(name)
            if part is None:
                others.append(name)
            else:
                self._parts[name] = msgspec.structs.replace(part, until=until)
        if others:
            await self._inner.renew(others, until)

    @override
    async def release(self, ids: Sequence[str]) -> None:
        others = [name for name in ids if not self._put_back(name)]
        if others:
            await self._inner.release(others)

    @override
    async def lessen(self, name: str, by: Amount) -> None:
        part = self._parts.get(name)
        if part is None:
            await self._inner.lessen(name, by)
            return
        rest = minus(part.amount, by)
        part.loan.put(minus(part.amount, rest))
        self._parts[name] = msgspec.structs.replace(part, amount=rest)

    @override
    async def expire(self, now: UnixMs) -> int:
        """End what is over its time here and there, but believe no clock that has leapt ahead."""
        now = min(now, self._steady.date())
        late = [name for name, part in self._parts.items() if part.until <= now]
        for name in late:
            self._put_back(name)
        return len(late) + await self._inner.expire(now)

    @override
    async def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        """Return how these accounts stand; what is free here of loans is not held by any call.

        Of what is lent only what has a bound is held: tokens are not, where money alone is bounded.
        """
        found = await self._inner.levels(accounts)
        return tuple(Level(it.account, it.spent, self._held(it)) for it in found)

    @override
    async def held(self) -> int:
        """Return how many reservations are open; a loan is none, what calls have of it is."""
        loans = sum(pool.used(loan) for pool in self._pools.values() for loan in pool.loans)
        return max(await self._inner.held() - loans, 0) + len(self._parts)

    @override
    async def aclose(self) -> None:
        self._closed.set()
        await self._nursery.aclose()
        await self._empty(list(self._pools.values()))
        await self._inner.aclose()

    async def _ask(self, asked: Reservation) -> Granted | Shortfall:
        pool = self._pools.get(asked.shares)
        if pool is not None and self._take(pool, asked):
            return pool.granted
        found = await self._inner.reserve(asked)
        if isinstance(found, Granted):
            self._consider(asked, found)
        return found

    @property
    def borrowing(self) -> list[asyncio.Task[None]]:
        """What is on its way to be lent here."""
        return [it.borrowing for it in self._pools.values() if it.borrowing is not None]

    def _take(self, pool: Pool, asked: Reservation) -> bool:
        if asked.id in self._parts:
            return True
        loan = pool.take(asked.amount, self._clock.date())
        pool.used_at = self._clock.now()
        if loan is None:
            return False
        self._parts[asked.id] = Part(pool, loan, asked.amount, asked.until)
        if not loan.has(pool.quarter) and pool.low:
            self._borrow(pool)
        return True

    def _put_back(self, name: str) -> bool:
        part = self._parts.pop(name, None)
        if part is None:
            return False
        part.loan.held -= 1
        part.loan.put(part.amount)
        return True

    def _consider(self, asked: Reservation, granted: Granted) -> None:
        """Borrow for calls like this one, where so much is left that it is worth while."""
        pool = self._pools.get(asked.shares) or Pool(asked.shares)
        pool.like = asked.amount
        if not pool.worth(granted, asked.amount) or self._closed.is_set():
            return
        if asked.shares not in self._pools and len(self._pools) >= MOST_POOLS:
            return
        self._pools[asked.shares] = pool
        pool.used_at = self._clock.now()
        if pool.low:
            self._borrow(pool)

    def _borrow(self, pool: Pool) -> None:
        amount = pool.next(self._clock.now(), QUICK)
        if amount is None or self._closed.is_set():
            return
        pool.borrowing = self._nursery.spawn(self._borrowed(pool, amount))
        if self._tending is None or self._tending.done():
            self._tending = self._nursery.spawn(self._tend())

    async def _borrowed(self, pool: Pool, amount: Amount) -> None:
        self._lent += 1
        asked = Reservation(
            id=f"lent/{self._name}/{self._lent}",
            shares=pool.shares,
            amount=amount,
            until=UnixMs(self._clock.date() + LIFE_MS),
        )
        try:
            found = await self._inner.reserve(asked)
        except LedgerDown:
            return
        finally:
            pool.borrowing = None
        if isinstance(found, Granted) and pool.worth(found, pool.like):
            pool.loans.append(Loan(asked.id, amount, pool.most, asked.until))
        elif isinstance(found, Granted):
            with suppress(LedgerDown):
                await self._inner.release([asked.id])

    async def _gave_back(self, shares: Sequence[Share]) -> bool:
        """Give back what is free here of these accounts; whether there is any hope in that.

        It goes on where the caller is cancelled: what was taken out here must get there.
        """
        pools = touching(list(self._pools.values()), shares)
        coming = [it.borrowing for it in pools if it.borrowing is not None]
        free = any(pool.free(loan) != NOTHING for pool in pools for loan in pool.loans)
        if not coming and not free and not self._giving:
            return False
        if free:
            task = self._nursery.spawn(self._empty(pools))
            self._giving.add(task)
            task.add_done_callback(self._giving.discard)
        await asyncio.wait({*coming, *self._giving})
        return True

    async def _empty(self, pools: Sequence[Pool]) -> None:
        """Give back what is free of the loans of these pools."""
        for loan, amount in [each for pool in pools for each in pool.emptied()]:
            try:
                await self._inner.lessen(loan.name, amount)
            except LedgerDown:  # it may have been done, so it is not taken here again
                loan.charged_at = NEVER

    async def _tend(self) -> None:
        """Look after what is lent, as long as anything is."""
        while (self._pools or self._tail) and not self._closed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._closed.wait()
            with suppress(LedgerDown):
                await self._renew()
                await self._return()

    async def _renew(self) -> None:
        date = self._clock.date()
        until = UnixMs(date + LIFE_MS)
        loans = [loan for pool in self._pools.values() for loan in pool.loans]
        due = [loan for loan in (*loans, *self._tail) if loan.until - date < RENEW_MS]
        if due and not loans and not await self._inner.held():
            self._tail.clear()
        elif due:
            await self._inner.renew([loan.name for loan in due], until)
            for loan in due:
                loan.until = until

    async def _return(self) -> None:
        """Give back where no call asks any more, and where a budget comes near its end."""
        now = self._clock.now()
        lending = [pool for pool in self._pools.values() if pool.loans]
        idle = {id(pool) for pool in lending if now - pool.used_at > IDLE}
        busy = [pool for pool in lending if id(pool) not in idle]
        near = await self._near(busy)
        await self._empty([pool for pool in lending if id(pool) in idle] + near)
        for shares, pool in list(self._pools.items()):
            self._tail += pool.drop()
            if not pool.loans and pool.borrowing is None and now - pool.used_at > IDLE:
                del self._pools[shares]
        self._tail = [loan for loan in self._tail if now - loan.charged_at < LONGEST]

    async def _near(self, pools: Sequence[Pool]) -> list[Pool]:
        accounts = list(dict.fromkeys(it for pool in pools for it in pool.accounts))
        levels = {it.account: it for it in await self.levels(accounts)} if accounts else {}
        found = []
        for pool in pools:
            left = pool.most
            for share in pool.shares:
                level = levels[share.account]
                left = least(left, left_in(Standing(level.spent, level.held), share.most))
            if pool.near(left):
                found.append(pool)
        return found

    def _held(self, level: Level) -> Amount:
        held = level.held
        for pool in self._pools.values():
            if level.account in pool.accounts:
                for loan in pool.loans:
                    held = minus(held, pool.free(loan))
        return held
