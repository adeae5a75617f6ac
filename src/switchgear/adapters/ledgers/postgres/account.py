"""Accounts as rows: those that a batch is about are locked, changed by the engine, and written.

Every transaction locks all its accounts first, by their numbers from the lowest on, and only who
has locked an account changes what is set aside in it: so no two transactions wait for one another.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from switchgear.adapters.budgets.book import Book
from switchgear.adapters.ledgers.postgres.line import Connection
from switchgear.adapters.ledgers.postgres.text import kept, told
from switchgear.adapters.ledgers.verb import Answer, Reserve, Verb, act, names_in
from switchgear.domain.account import Account, Amount, Charge, Payer, Window
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.engine.budget import EMPTY, Aside, Standing
from switchgear.ports.budget import Level

MOST_REMEMBERED = 10_000
"""Accounts whose numbers are remembered."""

FIND = """
SELECT a.* FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
  AS asked (payer, name, span, starts)
JOIN accounts AS a USING (payer, name, span, starts)
"""
ADD = """
INSERT INTO accounts (payer, name, span, starts)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (payer, name, span, starts) DO NOTHING
"""
LOCK = """
SELECT * FROM accounts WHERE number = ANY($1::bigint[]) OR number IN (
  SELECT unnest(accounts) FROM reservations WHERE id = ANY($2::text[])
) ORDER BY number FOR UPDATE
"""
OPEN = "SELECT * FROM reservations WHERE id = ANY($1::text[])"
DUE = "SELECT id FROM reservations WHERE until <= $1 ORDER BY until LIMIT $2"
STORE = """
WITH paid AS (
  UPDATE accounts AS a SET
    spent_money = n.spent_money, spent_tokens = n.spent_tokens, spent_calls = n.spent_calls,
    held_money = n.held_money, held_tokens = n.held_tokens, held_calls = n.held_calls
  FROM unnest(
    $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[]
  ) AS n (number, spent_money, spent_tokens, spent_calls, held_money, held_tokens, held_calls)
  WHERE a.number = n.number
), closed AS (
  DELETE FROM reservations WHERE id = ANY($8::text[])
)
INSERT INTO reservations (id, accounts, money, tokens, calls, until)
SELECT id, accounts::bigint[], money, tokens, calls, until FROM unnest(
  $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]
) AS n (id, accounts, money, tokens, calls, until)
ON CONFLICT (id) DO UPDATE SET money = excluded.money, tokens = excluded.tokens,
  calls = excluded.calls, until = excluded.until
"""
FORGET = """
DELETE FROM accounts WHERE span = $1 AND starts < $2
  AND held_money = 0 AND held_tokens = 0 AND held_calls = 0
"""

MOST_DUE = 1000
"""Reservations that are ended at once."""
DAY = 24 * 3600 * 1000
KEPT = {
    Window.MINUTE: 2 * DAY,
    Window.HOUR: 40 * DAY,
    Window.DAY: 400 * DAY,
    Window.MONTH: 5 * 366 * DAY,
}
"""Milliseconds for which windows are kept after they began: so long that a clock that is put ahead
by mistake, and back, finds them again."""

Row = Any
"""Of the library's."""


class AccountGone(Exception):
    """An account that was known is not there any more: it is to be added again."""


class Accounts:
    """Numbers of accounts, and what is done to those."""

    def __init__(self) -> None:
        """Know none."""
        self._numbers: dict[Account, int] = {}
        self._names: dict[int, Account] = {}

    async def learn(
        self, connection: Connection, charges: Sequence[Charge], verbs: Sequence[Verb]
    ) -> None:
        """Know the numbers of all that will be needed, outside of any transaction."""
        wanted = dict.fromkeys(_accounts_in(charges, verbs))
        missing = [each for each in wanted if each not in self._numbers]
        if not missing:
            return
        if len(self._numbers) + len(missing) > MOST_REMEMBERED:
            self.forget()
            missing = list(wanted)
        for row in await _added(connection, missing):
            self._know(row)

    async def act(
        self,
        connection: Connection,
        charges: Sequence[Charge],
        verbs: Sequence[Verb],
        due: Sequence[str] = (),
    ) -> list[Answer]:
        """Pay all charges, then do what is asked, in the transaction that is open.

        ``due`` are reservations that may be ended; one of the verbs says so.

        Raises:
            AccountGone: nothing is done; it is to be tried again from ``learn`` on.
            Exception: what the server or the library says.
        """
        names = [*_names_in(charges, verbs), *map(kept, due)]
        wanted = dict.fromkeys(_accounts_in(charges, verbs))
        numbers = [self._numbers[each] for each in wanted]
        rows = await connection.fetch(LOCK, numbers, names)
        standings = {self._know(row): _standing(row) for row in rows}
        if not standings.keys() >= wanted.keys():
            self.forget()
            raise AccountGone
        opened = await connection.fetch(OPEN, names)
        asides = {told(row["id"]): self._aside(row) for row in opened}
        book = Book()
        book.standings.update(standings)
        book.asides.update(asides)
        book.settle(charges)
        answers = [act(book, verb) for verb in verbs]
        await self._store(connection, book, standings, asides)
        return answers

    async def due(self, connection: Connection, now: UnixMs) -> tuple[str, ...]:
        """Return what is open beyond its time."""
        return tuple([told(row[0]) for row in await connection.fetch(DUE, now, MOST_DUE)])

    def forget(self) -> None:
        """Know none."""
        self._numbers.clear()
        self._names.clear()

    async def _store(
        self,
        connection: Connection,
        book: Book,
        standings: dict[Account, Standing],
        asides: dict[str, Aside],
    ) -> None:
        changed = [
            (self._numbers[each], *_figures(it.spent), *_figures(it.held))
            for each, it in book.standings.items()
            if it != standings[each]
        ]
        opened = [
            (kept(name), self._array(it.accounts), *_figures(it.amount), it.until)
            for name, it in book.asides.items()
            if it is not asides.get(name)
        ]
        closed = [kept(name) for name in asides if name not in book.asides]
        if changed or opened or closed:
            arrays = (*_turned(changed, 7), closed, *_turned(opened, 6))
            await connection.execute(STORE, *arrays)

    def _know(self, row: Row) -> Account:
        number = row["number"]
        account = self._names.get(number)
        if account is None:
            account = account_of(row)
            self._names[number] = account
            self._numbers[account] = number
        return account

    def _aside(self, row: Row) -> Aside:
        # An account that is gone with all that was spent in it has nothing set aside either.
        accounts = tuple([self._names[it] for it in row["accounts"] if it in self._names])
        amount = _amount(row["money"], row["tokens"], row["calls"])
        return Aside(accounts, amount, UnixMs(row["until"]))

    def _array(self, accounts: Sequence[Account]) -> str:
        return "{" + ",".join([str(self._numbers[each]) for each in accounts]) + "}"


async def read_levels(connection: Connection, accounts: Sequence[Account]) -> tuple[Level, ...]:
    """Return how accounts stand, in their order; one that is not there is empty."""
    rows = await connection.fetch(FIND, *_keys(list(dict.fromkeys(accounts))))
    found = {account_of(row): _standing(row) for row in rows}
    standings = [(each, found.get(each, EMPTY)) for each in accounts]
    return tuple(Level(each, it.spent, it.held) for each, it in standings)


async def forget_windows(connection: Connection, before: UnixMs) -> None:
    """Drop the windows that are too old to be kept."""
    for window, span in KEPT.items():
        await connection.execute(FORGET, window.value, before - span)


def account_of(row: Row) -> Account:
    """Return the account of a row."""
    name = told(row["name"])
    return Account(Payer(row["payer"]), name, Window(row["span"]), UnixMs(row["starts"]))


async def _added(connection: Connection, accounts: Sequence[Account]) -> Sequence[Row]:
    """Return the rows of accounts, those that were missing too."""
    ordered = sorted(accounts, key=lambda it: (it.payer.value, it.name, it.window.value, it.starts))
    keys = _keys(ordered)
    found = await connection.fetch(FIND, *keys)
    if len(found) < len(ordered):
        await connection.execute(ADD, *keys)
        found = await connection.fetch(FIND, *keys)
    return list(found)


def _keys(accounts: Sequence[Account]) -> tuple[list[str], list[str], list[str], list[int]]:
    return (
        [each.payer.value for each in accounts],
        [kept(each.name) for each in accounts],
        [each.window.value for each in accounts],
        [each.starts for each in accounts],
    )


def _accounts_in(charges: Sequence[Charge], verbs: Sequence[Verb]) -> Iterable[Account]:
    asked = [verb.asked for verb in verbs if isinstance(verb, Reserve)]
    shares = chain(*(it.shares for it in asked))
    return chain(chain(*(it.accounts for it in charges)), (share.account for share in shares))


def _names_in(charges: Sequence[Charge], verbs: Sequence[Verb]) -> list[str]:
    own = (charge.reservation for charge in charges)
    return [kept(name) for name in dict.fromkeys(chain(own, *(names_in(it) for it in verbs)))]


def _standing(row: Row) -> Standing:
    spent = _amount(row["spent_money"], row["spent_tokens"], row["spent_calls"])
    return Standing(spent, _amount(row["held_money"], row["held_tokens"], row["held_calls"]))


def _amount(money: int, tokens: int, calls: int) -> Amount:
    return Amount(money=NanoUsd(money), tokens=Tokens(tokens), calls=calls)


def _figures(amount: Amount) -> tuple[int, int, int]:
    return amount.money, amount.tokens, amount.calls


def _turned(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return rows as columns, also when there are none."""
    return [[row[place] for row in rows] for place in range(width)]
