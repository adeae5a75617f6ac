"""Accounts in dicts: what the engine says is changed is changed here."""

from collections.abc import Iterable, Sequence

from switchgear.domain.account import Account, Amount, Charge, Granted, Reservation, Shortfall
from switchgear.domain.units import UnixMs
from switchgear.engine import budget
from switchgear.engine.budget import Aside, Books, Change, Standing


class Book:
    """Some accounts, and all that is open in them."""

    def __init__(self) -> None:
        """Start with nothing spent."""
        self.standings: dict[Account, Standing] = {}
        self.asides: dict[str, Aside] = {}
        self._books = Books(self.standings, self.asides)

    def reserve(self, asked: Reservation) -> Granted | Shortfall:
        """Set an amount aside in all accounts, or in none.

        Raises:
            ValueError: an amount below nothing, or beyond any measure.
        """
        found = budget.reserve(self._books, asked)
        if isinstance(found, Shortfall):
            return found
        granted, change = found
        self._enter(change)
        return granted

    def settle(self, charges: Iterable[Charge]) -> None:
        """Pay what attempts came to.

        Raises:
            ValueError: an amount below nothing, or beyond any measure.
        """
        for charge in charges:
            self._enter(budget.settle(self._books, charge))

    def release(self, names: Iterable[str]) -> None:
        """Give back what is set aside."""
        for name in names:
            self._enter(budget.release(self._books, name))

    def lessen(self, name: str, by: Amount) -> None:
        """Give back a part of what is set aside."""
        self._enter(budget.lessen(self._books, name, by))

    def renew(self, names: Iterable[str], until: UnixMs) -> None:
        """Let what is open stay so until then."""
        self._enter(budget.renew(self._books, names, until))

    def expire(self, now: UnixMs) -> int:
        """Give back what is open beyond its time; return how much there was of it."""
        names: Sequence[str] = budget.due(self.asides, now)
        self.release(names)
        return len(names)

    def _enter(self, change: Change) -> None:
        self.standings.update(change.standings)
        for name, aside in change.asides.items():
            if aside is None:
                self.asides.pop(name, None)
            else:
                self.asides[name] = aside
