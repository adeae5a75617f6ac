"""Where money is set aside before it is spent. It lives with the ledger, in one database."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.domain.account import (
    Account,
    Amount,
    Charge,
    Granted,
    Reservation,
    Share,
    Shortfall,
)
from switchgear.domain.units import UnixMs

__all__ = ["Budgets", "Granted", "Level", "Reservation", "Share", "Shortfall"]


class Level(msgspec.Struct, frozen=True, gc=False):
    """How one account stands."""

    account: Account
    spent: Amount
    held: Amount
    """Set aside, and not settled yet."""


class Budgets(Protocol):
    """Accounts that cannot be overdrawn by what is reserved in them, however many ask at once.

    What is set aside is settled by ``Ledger.write``: the ``charges`` of an entry are paid in the
    transaction that keeps it. A charge whose reservation is gone by then is paid all the same.
    """

    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        """Set an amount aside in all accounts, or in none.

        Raises:
            LedgerDown: it cannot be known whether there is enough.
            ValueError: an amount below nothing, or beyond any measure.
        """
        ...

    def charge(self, asked: Reservation, amount: Amount) -> Charge:
        """Return what settles a reservation that was granted, when ``amount`` was spent of it.

        From then on it is no longer this process's to renew or to release.
        """
        ...

    async def renew(self, ids: Sequence[str], until: UnixMs) -> None:
        """Let reservations live until then; those that are gone stay so.

        Raises:
            LedgerDown: they may end before.
        """
        ...

    async def release(self, ids: Sequence[str]) -> None:
        """Give back what is set aside, unspent; ids that are not known are none.

        Raises:
            LedgerDown: they end by themselves, later.
        """
        ...

    async def lessen(self, name: str, by: Amount) -> None:
        """Give back a part of what is set aside under this id; what has nothing left is closed.

        Raises:
            LedgerDown: it ends by itself, later.
        """
        ...

    async def expire(self, now: UnixMs) -> int:
        """End the reservations whose time is up; return how many. Anybody may do it, at any time.

        Raises:
            LedgerDown: none was ended.
        """
        ...

    async def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        """Return how these accounts stand, in their order; one that was never used is empty.

        Raises:
            LedgerDown: it is not known.
        """
        ...

    async def held(self) -> int:
        """Return how many reservations are open.

        Raises:
            LedgerDown: it is not known.
        """
        ...

    async def aclose(self) -> None:
        """Give back what was lent to this process; the ledger closes after it."""
        ...
