"""Accounts as rows: those that a batch is about are read, changed by the engine, and written."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import msgspec

from switchgear.adapters.budgets.book import Book
from switchgear.adapters.ledgers.verb import Answer, Reserve, Verb, act, names_in
from switchgear.adapters.ledgers.verb import Expire as ExpireVerb
from switchgear.domain.account import Account, Amount, Charge, Payer, Shortfall, Window
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.budget import DAY, EMPTY, SPANS, Aside, Standing
from switchgear.ports.budget import Level
from switchgear.ports.clock import Clock

READ_ACCOUNTS = """
SELECT a.* FROM json_each(?) AS asked JOIN accounts AS a
  ON a.payer = json_extract(asked.value, '$[0]') AND a.name = json_extract(asked.value, '$[1]')
  AND a.window = json_extract(asked.value, '$[2]') AND a.starts = json_extract(asked.value, '$[3]')
"""
READ_OPEN = "SELECT r.* FROM json_each(?) AS asked JOIN reservations AS r ON r.id = asked.value"
READ_DUE = "SELECT * FROM reservations WHERE until <= ?"
WRITE_ACCOUNTS = """
INSERT INTO accounts SELECT
  json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
  json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
  json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]'),
  json_extract(value, '$[9]')
FROM json_each(?) WHERE true
ON CONFLICT (payer, name, window, starts) DO UPDATE SET
  spent_money = excluded.spent_money, spent_tokens = excluded.spent_tokens,
  spent_calls = excluded.spent_calls, held_money = excluded.held_money,
  held_tokens = excluded.held_tokens, held_calls = excluded.held_calls
"""
WRITE_OPEN = """
INSERT OR REPLACE INTO reservations SELECT
  json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
  json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]')
FROM json_each(?)
"""
CLOSE = "DELETE FROM reservations WHERE id IN (SELECT value FROM json_each(?))"
FORGET = """
DELETE FROM accounts WHERE (payer, name, window, starts) IN (
  SELECT payer, name, window, starts FROM accounts
  WHERE window = ? AND starts < ? AND held_money = 0 AND held_tokens = 0 AND held_calls = 0
  LIMIT ?
)
"""

KEPT = {
    Window.MINUTE: 2 * DAY,
    Window.HOUR: 40 * DAY,
    Window.DAY: 400 * DAY,
    Window.MONTH: 5 * 366 * DAY,
}
"""Milliseconds for which windows are kept after they began: so long that a clock that is put ahead
by mistake, and back, finds them again."""
LENGTHS = {**SPANS, Window.MONTH: 31 * DAY}
"""The most milliseconds that a window lasts."""
FORGOTTEN_TOGETHER = 64
"""Old windows that go when one comes: more than come, so they do not add up."""

Key = tuple[Payer, str, Window, int]
_json = msgspec.json.Encoder().encode
_keys = msgspec.json.Decoder(list[Key]).decode


class Accounts:
    """Changes accounts through a connection that is in a transaction, which its owner commits."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        """Take the connection; the clock tells what may be given back when money falls short."""
        self._connection = connection
        self._clock = clock

    def act(self, charges: Sequence[Charge], verbs: Sequence[Verb]) -> list[Answer]:
        """Pay all charges, then do what is asked, and return the answers.

        Raises:
            sqlite3.Error: the file cannot take it.
            ValueError: an amount that is none.
        """
        batch = _Batch(self._connection)
        batch.load(
            chain((it.reservation for it in charges), *(names_in(verb) for verb in verbs)),
            chain(*(it.accounts for it in charges), *(_accounts_in(verb) for verb in verbs)),
        )
        batch.book.settle(charges)
        answers = [self._one(batch, verb) for verb in verbs]
        batch.store()
        return answers

    def _one(self, batch: "_Batch", verb: Verb) -> Answer:
        if isinstance(verb, ExpireVerb):
            batch.load_due(verb.now)
        answer = act(batch.book, verb)
        if isinstance(answer, Shortfall) and not batch.looked:
            now, batch.looked = self._clock.date(), True
            batch.load_due(now)
            if batch.book.expire(now):
                answer = act(batch.book, verb)
        return answer


class _Batch:
    """The accounts and reservations of one transaction, in a book."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.book = Book()
        self.looked = False
        """What is open beyond its time was given back, as somebody fell short."""
        self._connection = connection
        self._standings: dict[Account, Standing] = {}
        """As they are in the file; empty for those that are not."""
        self._asides: dict[str, Aside | None] = {}
        """The same, of what is open."""

    def load(self, names: Iterable[str], accounts: Iterable[Account]) -> None:
        """Read what the batch is about."""
        wanted = dict.fromkeys(names)
        self._asides.update(wanted)
        found = self._connection.execute(READ_OPEN, (_text(list(wanted)),)).fetchall()
        self._take(found, accounts)

    def load_due(self, now: UnixMs) -> None:
        """Read what is open beyond its time, unless it has been read already."""
        found = self._connection.execute(READ_DUE, (now,)).fetchall()
        self._take([row for row in found if row[0] not in self._asides], ())

    def store(self) -> None:
        """Write what is different now."""
        book = self.book
        changed = [
            _account_row(each, standing)
            for each, standing in book.standings.items()
            if standing != self._standings.get(each, EMPTY)
        ]
        opened = [
            _open_row(name, aside)
            for name, aside in book.asides.items()
            if aside is not self._asides.get(name)
        ]
        closed = [name for name, it in self._asides.items() if it and name not in book.asides]
        for statement, rows in ((WRITE_ACCOUNTS, changed), (CLOSE, closed), (WRITE_OPEN, opened)):
            if rows:
                self._connection.execute(statement, (_text(rows),))
        self._forget([each for each, it in self._standings.items() if it is EMPTY])

    def _take(self, rows: Sequence[Sequence[Any]], accounts: Iterable[Account]) -> None:
        asides = {row[0]: _aside(row) for row in rows}
        self._asides.update(asides)
        self.book.asides.update(asides)
        wanted = {*accounts, *chain(*(it.accounts for it in asides.values()))}
        unread = [each for each in wanted if each not in self._standings]
        self._standings.update(dict.fromkeys(unread, EMPTY))
        found = dict(read_standings(self._connection, unread))
        self._standings.update(found)
        self.book.standings.update(found)

    def _forget(self, new: Sequence[Account]) -> None:
        """Drop a few windows of long ago for each window that is new."""
        latest: dict[Window, int] = {}
        for each in new:
            latest[each.window] = max(each.starts, latest.get(each.window, 0))
        for window, starts in latest.items():
            if window in KEPT:
                before = starts - KEPT[window]
                self._connection.execute(FORGET, (window.value, before, FORGOTTEN_TOGETHER))


def read_levels(connection: sqlite3.Connection, accounts: Sequence[Account]) -> tuple[Level, ...]:
    """Return how accounts stand, in their order."""
    found = dict(read_standings(connection, list(dict.fromkeys(accounts))))
    standings = [(each, found.get(each, EMPTY)) for each in accounts]
    return tuple(Level(each, it.spent, it.held) for each, it in standings)


def read_open(connection: sqlite3.Connection) -> int:
    """Return how many reservations are open."""
    return int(connection.execute("SELECT count(*) FROM reservations").fetchone()[0])


def read_standings(
    connection: sqlite3.Connection, accounts: Sequence[Account]
) -> list[tuple[Account, Standing]]:
    """Return those of the accounts that there are, each with what it has spent and holds."""
    if not accounts:
        return []
    keys = _text([_key(each) for each in accounts])
    return [_standing(row) for row in connection.execute(READ_ACCOUNTS, (keys,))]


def forget_windows(connection: sqlite3.Connection, before: UnixMs) -> None:
    """Drop the windows that had ended before a moment, some at a time."""
    for window, length in LENGTHS.items():
        dropped = 1
        while dropped:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                values = (window.value, before - length + 1, FORGOTTEN_TOGETHER)
                dropped = connection.execute(FORGET, values).rowcount


def _accounts_in(verb: Verb) -> Iterable[Account]:
    return [it.account for it in verb.asked.shares] if isinstance(verb, Reserve) else ()


def _text(rows: object) -> str:
    return _json(rows).decode()


def _key(account: Account) -> Key:
    return account.payer, account.name, account.window, account.starts


def _account_row(account: Account, standing: Standing) -> tuple[Any, ...]:
    spent, held = standing.spent, standing.held
    amounts = (spent.money, spent.tokens, spent.calls, held.money, held.tokens, held.calls)
    return (*_key(account), *amounts)


def _open_row(name: str, aside: Aside) -> tuple[Any, ...]:
    amount, accounts = aside.amount, _text([_key(each) for each in aside.accounts])
    return name, accounts, amount.money, amount.tokens, amount.calls, aside.until


def _standing(row: Sequence[Any]) -> tuple[Account, Standing]:
    payer, name, window, starts, *amounts = row
    account = Account(Payer(payer), name, Window(window), UnixMs(starts))
    return account, Standing(_amount(amounts[:3]), _amount(amounts[3:]))


def _aside(row: Sequence[Any]) -> Aside:
    _, accounts, money, tokens, calls, until = row
    found = [
        Account(payer, key, window, UnixMs(starts))
        for payer, key, window, starts in _keys(accounts)
    ]
    return Aside(tuple(found), _amount((money, tokens, calls)), UnixMs(until))


def _amount(figures: Sequence[int]) -> Amount:
    money, tokens, calls = figures
    return Amount(money=NanoUsd(money), tokens=Tokens(tokens), calls=calls)
