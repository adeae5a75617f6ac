"""What is lent to this process of some accounts: taken from, and put back, without asking."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from switchgear.domain.account import Amount, Bound, Granted, Share
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.engine.budget import MOST_IN_ALL, NOTHING, least

if TYPE_CHECKING:
    import asyncio

WORTH = 1000
"""So many calls like the one at hand must be left of every bound, or nothing is lent of it."""
FIRST, MOST = 64, 4096
"""Calls that a loan is for: the first of a pool, and the largest."""
PART = 16
"""And at most one part in so many of what is left: as many can have one, and some is left."""
FEWEST = 8
"""A loan for fewer is not worth a transaction."""
MARGIN = 5000
"""Milliseconds before its end in which nothing is taken of a loan: its renewal is late."""


class Loan:
    """One reservation in the database, of which calls are given their parts here."""

    __slots__ = ("calls", "charged_at", "held", "money", "name", "tokens", "until")

    def __init__(self, name: str, amount: Amount, most: Bound, until: UnixMs) -> None:
        """Take what was reserved; of what nothing bounds there is any."""
        self.name = name
        self.until = until
        self.held = 0
        """Calls that have a part of it."""
        self.charged_at = Seconds(float("-inf"))
        """When one of them last came to something, which is paid with its row."""
        self.money: int = MOST_IN_ALL if most.money is None else amount.money
        self.tokens: int = MOST_IN_ALL if most.tokens is None else amount.tokens
        self.calls: int = MOST_IN_ALL if most.calls is None else amount.calls

    def put(self, amount: Amount, sign: int = 1) -> None:
        """Put so much into what is free of it, or take it out."""
        self.money += sign * amount.money
        self.tokens += sign * amount.tokens
        self.calls += sign * amount.calls

    def has(self, amount: Amount) -> bool:
        """Whether so much is free of it."""
        return (
            self.money >= amount.money
            and self.tokens >= amount.tokens
            and self.calls >= amount.calls
        )


class Part(msgspec.Struct, frozen=True):
    """What one call has of a loan."""

    pool: "Pool"
    loan: Loan
    amount: Amount
    until: UnixMs


class Pool:
    """The loans on one set of accounts and bounds."""

    def __init__(self, shares: tuple[Share, ...]) -> None:
        """Start with nothing lent."""
        self.shares = shares
        self.accounts = tuple([share.account for share in shares])
        self.most = Bound()
        for share in shares:
            self.most = least(self.most, share.most)
        self.loans: list[Loan] = []
        self.granted = Granted()
        """What the database said last."""
        self.like = NOTHING
        """What the last call asked for."""
        self.size = FIRST
        """Calls that the next loan is for."""
        self.borrowing: asyncio.Task[None] | None = None
        """A loan is on its way."""
        self.quarter = NOTHING
        """Of the last loan: what must be free, or it is time for another."""
        self.lent_at = self.used_at = Seconds(float("-inf"))

    def take(self, amount: Amount, date: UnixMs) -> Loan | None:
        """Return the loan from which this was taken; None where none has it."""
        self.like = amount
        for loan in self.loans:
            if loan.until - MARGIN > date and loan.has(amount):
                loan.put(amount, -1)
                loan.held += 1
                return loan
        return None

    @property
    def low(self) -> bool:
        """Whether it is time for another loan, and none is on its way."""
        if self.borrowing is not None:
            return False
        return not any(it.has(self.quarter) for it in self.loans)

    def worth(self, granted: Granted, more: Amount) -> bool:
        """Whether every bound has so much left that a share of it may be lent."""
        self.granted = granted
        return self._calls_left(granted.fullest, more) >= WORTH

    def next(self, at: Seconds, quick: Seconds) -> Amount | None:
        """Return what to borrow, more where the last was used up quickly; None for too little."""
        if at - self.lent_at < quick:
            self.size = min(self.size * 2, MOST)
        calls = min(self.size, self._calls_left(self.granted.fullest, self.like) // PART)
        if calls < FEWEST:
            return None
        self.lent_at = at
        self.quarter = self._bounded(_times(self.like, calls // 4))
        return self._bounded(_times(self.like, calls))

    def near(self, left: Bound) -> bool:
        """Whether too little is left, with what is free here, for any of it to stay lent."""
        enough = _times(self.like, WORTH)
        return (
            _below(left.money, enough.money)
            or _below(left.tokens, enough.tokens)
            or _below(left.calls, enough.calls)
        )

    def free(self, loan: Loan) -> Amount:
        """Return what the database holds for a loan and no call has."""
        return self._bounded(
            Amount(
                money=NanoUsd(max(loan.money, 0)),
                tokens=Tokens(max(loan.tokens, 0)),
                calls=max(loan.calls, 0),
            )
        )

    def emptied(self) -> Iterator[tuple[Loan, Amount]]:
        """Take all that is free out of every loan; return how much that is."""
        for loan in self.loans:
            amount = self.free(loan)
            if amount != NOTHING:
                loan.put(amount, -1)
                yield loan, amount

    def used(self, loan: Loan) -> bool:
        """Whether a call has a part of a loan, or something is free of it."""
        return loan.held > 0 or self.free(loan) != NOTHING

    def drop(self) -> list[Loan]:
        """Part with the loans that are not used any more, and return them."""
        gone = [it for it in self.loans if not self.used(it)]
        self.loans = [it for it in self.loans if self.used(it)]
        return gone

    def _bounded(self, amount: Amount) -> Amount:
        return Amount(
            money=NanoUsd(0) if self.most.money is None else amount.money,
            tokens=Tokens(0) if self.most.tokens is None else amount.tokens,
            calls=0 if self.most.calls is None else amount.calls,
        )

    def _calls_left(self, fullest: float, like: Amount) -> int:
        pairs = (
            (self.most.money, like.money),
            (self.most.tokens, like.tokens),
            (self.most.calls, like.calls),
        )
        counts = [
            int((1.0 - fullest) * most / more) for most, more in pairs if most is not None and more
        ]
        return min(counts, default=0)  # of what nothing bounds nothing need be lent


def _times(amount: Amount, calls: int) -> Amount:
    return Amount(
        money=NanoUsd(amount.money * calls),
        tokens=Tokens(amount.tokens * calls),
        calls=amount.calls * calls,
    )


def _below(left: int | None, enough: int) -> bool:
    return left is not None and left < enough


def touching(pools: Sequence[Pool], shares: Sequence[Share]) -> list[Pool]:
    """Return the pools that may have something of these accounts."""
    accounts = {share.account for share in shares}
    return [pool for pool in pools if not accounts.isdisjoint(pool.accounts)]
