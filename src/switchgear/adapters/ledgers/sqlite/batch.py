"""Writes several calls in one transaction."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from threading import Event
from typing import Any, TypeVar

import msgspec

from switchgear.adapters.ledgers.item import Item, KeptPolicy
from switchgear.adapters.ledgers.pack import pack_situation
from switchgear.adapters.ledgers.row import (
    ATTEMPT_COLUMNS,
    DECISION_COLUMNS,
    Shared,
    add_attempt,
    add_decision,
)
from switchgear.adapters.ledgers.sqlite.account import Accounts
from switchgear.adapters.ledgers.sqlite.schema import BUSY
from switchgear.adapters.ledgers.verb import Answer, Verb
from switchgear.domain.decision import Decision
from switchgear.domain.entry import Entry
from switchgear.domain.situation import Situation
from switchgear.domain.units import Seconds
from switchgear.ports.clock import Clock

LARGE, SMALL = 128, 32
"""Rows in one statement: while it runs, the interpreter is given up once, and taking it back from a
busy loop costs more than many rows. Up to SMALL there is a statement for each number of rows, so
that most batches take one; all of them stay prepared."""

INSERT = "INSERT OR FAIL INTO {table} ({columns}) VALUES {rows}"
COLUMNS = {"decisions": DECISION_COLUMNS, "attempts": ATTEMPT_COLUMNS}
WIDTHS = {table: columns.count(",") + 1 for table, columns in COLUMNS.items()}

FULL = 2
"""SQLite's number for a connection whose commits wait for the disk."""
GAP = Seconds(0.001)
"""How long a lock is left to others, and how often it is tried."""

MOST_REMEMBERED = 256
"""Situations and policies whose numbers are remembered."""

REJECTIONS = sqlite3.IntegrityError, sqlite3.InterfaceError, ValueError, OverflowError
"""What is wrong with an item itself, rather than with the file."""

Value = TypeVar("Value")


class Batches:
    """Inserts calls through one connection, which others may write beside, and pays for them.

    The numbers it remembers are forgotten when another connection has written, or a transaction of
    its own has failed.
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        """Use a connection that is in no transaction; the clock is for what is set aside."""
        self._connection = connection
        self._accounts = Accounts(connection, clock)
        self._clock = clock
        self._pause = Event()
        self._beside_others = False
        self.patience = BUSY
        """How long to wait for a lock that another connection holds."""
        connection.execute("PRAGMA busy_timeout = 0")
        self._lasting = self._waits = self._one("PRAGMA synchronous") == FULL
        self._state = -1
        self._next = 1
        self._policies: dict[str, Shared] = {}
        self._situations: dict[str, int] = {}

    def write(self, items: Sequence[Item], verbs: Sequence[Verb] = ()) -> list[Answer]:
        """Write all of them and do what is asked of the accounts, or nothing; return the answers.

        Raises:
            sqlite3.Error: the file cannot take them, or an id is already there.
            ValueError: a value that SQLite has no room for.
        """
        self._begin(rows=bool(items))
        try:
            answers = self._insert(items, verbs) if items else self._accounts.act((), verbs)
            self._connection.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        return answers

    def write_each(
        self, items: Sequence[Item], verbs: Sequence[Verb] = ()
    ) -> tuple[list[Exception | None], list[Answer]]:
        """Write those that can be written; return for each what was wrong with it, and answers."""
        results: list[Exception | None] = []
        self._begin()
        try:
            for item in items:
                self._connection.execute("SAVEPOINT one")
                results.append(self._try_one(item))
            answers = self._accounts.act((), verbs) if verbs else []
            self._connection.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        return results, answers

    def write_missing(self, items: Sequence[Item]) -> None:
        """Write those that are not there yet, and drop those that can never be.

        What is there has been paid for, in the transaction that wrote it.

        Raises:
            sqlite3.Error: the file cannot take them; none is written.
        """
        try:
            self._begin()
            known = self._known([item.id for item in items if isinstance(item, Entry)])
            self._insert([it for it in items if not isinstance(it, Entry) or it.id not in known])
            self._connection.execute("COMMIT")
        except REJECTIONS:
            self._undo()
            self.write_each(items)
        except BaseException:
            self._undo()
            raise

    def _known(self, ids: list[str]) -> set[str]:
        query = "SELECT d.id FROM json_each(?) AS asked JOIN decisions AS d ON d.id = asked.value"
        found = self._connection.execute(query, (msgspec.json.encode(ids).decode(),))
        return {row[0] for row in found}

    def _begin(self, *, rows: bool = True) -> None:
        """Lock the file, soon after whoever has it lets go.

        SQLite's own way to wait sleeps up to 100 ms at a time, so among busy processes who has
        waited longest comes last. And who writes beside others leaves them a gap. Only rows wait
        for the disk: what is set aside for calls is worth nothing once the machine is down.
        """
        if self._lasting and rows != self._waits:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if rows else 'NORMAL'}")
            self._waits = rows
        until = self._clock.now() + self.patience
        if self._beside_others:
            self._pause.wait(GAP)
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _locked(error) or self._clock.now() >= until:
                    raise
                self._pause.wait(GAP)
            else:
                return

    def _try_one(self, item: Item) -> Exception | None:
        try:
            self._insert([item])
        except REJECTIONS as error:
            self._connection.execute("ROLLBACK TO one")
            self._forget()
            return error
        finally:
            if self._connection.in_transaction:
                self._connection.execute("RELEASE one")
        return None

    def _undo(self) -> None:
        self._forget()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _forget(self) -> None:
        self._state = -1
        self._policies.clear()
        self._situations.clear()

    def _insert(self, items: Sequence[Item], verbs: Sequence[Verb] = ()) -> list[Answer]:
        self._look_around()
        decisions: list[Any] = []
        attempts: list[Any] = []
        for item in items:
            if isinstance(item, KeptPolicy):
                self._keep(item)
                continue
            number, self._next = self._next, self._next + 1
            if item.request is not None:
                bodies = "INSERT INTO bodies VALUES (?, ?)"
                self._connection.execute(bodies, (number, item.request))
            self._add(decisions, number, item)
            for place, attempt in enumerate(item.attempts):
                add_attempt(attempts, number, place, attempt)
        self._fill("decisions", decisions)
        self._fill("attempts", attempts)
        charges = [each for item in items if isinstance(item, Entry) for each in item.charges]
        return self._accounts.act(charges, verbs) if charges or verbs else []

    def _look_around(self) -> None:
        state = self._one("PRAGMA data_version")
        self._beside_others = self._state not in {-1, state}
        if state != self._state:
            self._forget()
            self._state = state
            self._next = 1 + (self._one("SELECT max(number) FROM decisions") or 0)

    def _add(self, values: list[Any], number: int, entry: Entry) -> None:
        decision, situation = entry.decision, entry.situation
        add_decision(
            values,
            number,
            entry,
            None if decision is None else self._policy(decision),
            None if situation is None else self._situation(situation),
        )

    def _policy(self, decision: Decision) -> Shared:
        known = self._policies.get(decision.policy)
        if known is not None:
            return known
        targets = [each.target for each in decision.verdicts]
        self._connection.execute(
            "INSERT OR IGNORE INTO policies (version, targets) VALUES (?, ?)",
            (decision.policy, msgspec.json.encode(targets).decode()),
        )
        found = "SELECT number, targets FROM policies WHERE version = ?"
        number, stored = self._connection.execute(found, (decision.policy,)).fetchone()
        order = msgspec.json.decode(stored, type=tuple[str, ...])
        known = Shared(number, order, {target: place for place, target in enumerate(order)})
        _remember(self._policies, decision.policy, known)
        return known

    def _situation(self, situation: Situation) -> int:
        known = self._situations.get(situation.id)
        if known is not None:
            return known
        found = "SELECT number FROM situations WHERE id = ?"
        row = self._connection.execute(found, (situation.id,)).fetchone()
        if row is None:
            added = self._connection.execute(
                "INSERT INTO situations (id, document) VALUES (?, ?)",
                (situation.id, pack_situation(situation)),
            )
            row = (added.lastrowid,)
        number = int(row[0])
        _remember(self._situations, situation.id, number)
        return number

    def _keep(self, policy: KeptPolicy) -> None:
        # A version that decisions already refer to keeps its order: it is what they were packed by.
        self._connection.execute(
            "INSERT INTO policies (version, targets, document) VALUES (?, ?, ?)"
            " ON CONFLICT (version) DO UPDATE SET document = excluded.document",
            (policy.version, policy.targets, policy.document),
        )

    def _fill(self, table: str, values: list[Any]) -> None:
        width = WIDTHS[table]
        start, left = 0, len(values) // width
        while left:
            rows = LARGE if left >= LARGE else min(left, SMALL)
            end = start + rows * width
            self._connection.execute(_statement(table, rows), values[start:end])
            start, left = end, left - rows

    def _one(self, query: str) -> int:
        found = self._connection.execute(query).fetchone()[0]
        return int(found or 0)


def _locked(error: sqlite3.OperationalError) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


@cache
def _statement(table: str, rows: int) -> str:
    row = "(" + ", ".join("?" * WIDTHS[table]) + ")"
    return INSERT.format(table=table, columns=COLUMNS[table], rows=", ".join([row] * rows))


def _remember(memory: dict[str, Value], name: str, value: Value) -> None:
    if len(memory) >= MOST_REMEMBERED:
        memory.pop(next(iter(memory)))
    memory[name] = value
