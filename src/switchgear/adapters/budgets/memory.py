"""Budgets that are forgotten when the process ends."""

from collections.abc import Sequence

from typing_extensions import override

from switchgear.adapters.budgets.book import Book
from switchgear.domain.account import (
    Account,
    Amount,
    Charge,
    Granted,
    Reservation,
    Shortfall,
)
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.engine.budget import EMPTY
from switchgear.ports.budget import Budgets, Level
from switchgear.ports.clock import Clock


class MemoryBudgets(Budgets):
    """A book of accounts; ``MemoryLedger`` pays into it what its entries came to."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing spent."""
        self.book = Book()
        self.down = False
        """Set it, and nothing can be known until it is unset."""
        self._clock = clock

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        self._look()
        found = self.book.reserve(asked)
        if isinstance(found, Shortfall) and self.book.expire(self._clock.date()):
            found = self.book.reserve(asked)
        return found

    @override
    def charge(self, asked: Reservation, amount: Amount) -> Charge:
        return charge_of(asked, amount)

    @override
    async def renew(self, ids: Sequence[str], until: UnixMs) -> None:
        self._look()
        self.book.renew(ids, until)

    @override
    async def release(self, ids: Sequence[str]) -> None:
        self._look()
        self.book.release(ids)

    @override
    async def lessen(self, name: str, by: Amount) -> None:
        self._look()
        self.book.lessen(name, by)

    @override
    async def expire(self, now: UnixMs) -> int:
        self._look()
        return self.book.expire(now)

    @override
    async def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        self._look()
        found = [(each, self.book.standings.get(each, EMPTY)) for each in accounts]
        return tuple(Level(each, it.spent, it.held) for each, it in found)

    @override
    async def held(self) -> int:
        self._look()
        return len(self.book.asides)

    @override
    async def aclose(self) -> None:
        """Do nothing; what was spent can still be read."""

    def _look(self) -> None:
        if self.down:
            raise LedgerDown("The budgets cannot be read: they were told to be down.")


def charge_of(asked: Reservation, amount: Amount) -> Charge:
    """Return what settles a reservation that is held in full under its own id."""
    accounts = tuple([share.account for share in asked.shares])
    return Charge(reservation=asked.id, accounts=accounts, amount=amount)
