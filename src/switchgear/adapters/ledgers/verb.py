"""What can be asked of the accounts in a ledger's database, in one of its transactions."""

from collections.abc import Sequence

import msgspec

from switchgear.adapters.budgets.book import Book
from switchgear.domain.account import Amount, Granted, Reservation, Shortfall
from switchgear.domain.units import UnixMs


class Verb(msgspec.Struct, frozen=True):
    """One thing to do."""


class Reserve(Verb, frozen=True):
    """Set an amount aside; the answer says whether it is."""

    asked: Reservation


class Renew(Verb, frozen=True):
    """Let what is open stay so until then."""

    names: tuple[str, ...]
    until: UnixMs


class Release(Verb, frozen=True):
    """Give back what is set aside."""

    names: tuple[str, ...]


class Lessen(Verb, frozen=True):
    """Give back a part of what is set aside."""

    name: str
    by: Amount


class Expire(Verb, frozen=True):
    """Give back what is open beyond its time; the answer says how much there was of it."""

    now: UnixMs


Answer = Granted | Shortfall | int | None


def names_in(verb: Verb) -> Sequence[str]:
    """Return the ids of the reservations that a verb is about."""
    match verb:
        case Reserve(asked):
            return (asked.id,)
        case Renew(names) | Release(names):
            return names
        case Lessen(name):
            return (name,)
        case _:
            return ()


def act(book: Book, verb: Verb) -> Answer:
    """Do it to accounts that are all in the book."""
    match verb:
        case Reserve(asked):
            return book.reserve(asked)
        case Renew(names, until):
            book.renew(names, until)
        case Release(names):
            book.release(names)
        case Lessen(name, by):
            book.lessen(name, by)
        case Expire(now):
            return book.expire(now)
    return None
