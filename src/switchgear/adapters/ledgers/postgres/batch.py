"""Writes several calls in one transaction."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from switchgear.adapters.ledgers.item import Item, KeptPolicy
from switchgear.adapters.ledgers.pack import pack_situation
from switchgear.adapters.ledgers.postgres.account import Accounts
from switchgear.adapters.ledgers.postgres.fault import rejects
from switchgear.adapters.ledgers.postgres.line import Connection
from switchgear.adapters.ledgers.postgres.table import (
    ATTEMPTS,
    BODIES,
    INSERT,
    columns_of,
    decision_columns,
)
from switchgear.adapters.ledgers.postgres.text import kept
from switchgear.adapters.ledgers.row import Shared, add_attempt, add_decision
from switchgear.domain.entry import Entry
from switchgear.domain.units import Seconds, UnixMs
from switchgear.ports.clock import Clock

NUMBERS_AT_ONCE = 1024
"""The increment of the sequence."""
MOST_REMEMBERED = 256
"""Situations and policies whose numbers are remembered."""
SEEN_FOR = Seconds(600.0)
"""How long a situation's number is used before it is said again that it is in use."""

ADD_POLICY = """
INSERT INTO policies (version, targets) VALUES ($1, $2)
ON CONFLICT (version) DO UPDATE SET version = excluded.version RETURNING number, targets
"""
# A version that decisions already refer to keeps its order: it is what they were packed by.
KEEP_POLICY = """
INSERT INTO policies (version, targets, document) VALUES ($1, $2, $3)
ON CONFLICT (version) DO UPDATE SET document = excluded.document
"""
ADD_SITUATION = """
INSERT INTO situations (id, document, seen) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET seen = greatest(situations.seen, excluded.seen) RETURNING number
"""
KNOWN = "SELECT id FROM decisions WHERE id = ANY($1::text[])"

Value = TypeVar("Value")
_encode = msgspec.json.encode


class Memory(Generic[Value]):
    """Numbers of rows that do not change; those that came first go first."""

    def __init__(self, most: int) -> None:
        """Start with none."""
        self._most = most
        self._values: dict[str, tuple[Value, Seconds]] = {}

    def find(self, name: str, since: Seconds) -> Value | None:
        """Return what is remembered since then or later."""
        value, at = self._values.get(name, (None, since))
        return value if at >= since else None

    def keep(self, name: str, value: Value, now: Seconds) -> Value:
        """Remember something, and return it."""
        if name not in self._values and len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[name] = (value, now)
        return value

    def forget(self) -> None:
        """Remember nothing."""
        self._values.clear()


class Batches:
    """Adds calls to the tables, which other processes add to at the same time."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        """Take what pays for calls."""
        self._accounts = accounts
        self._clock = clock
        self._next = self._end = 0
        self._policies: Memory[Shared] = Memory(MOST_REMEMBERED)
        self._situations: Memory[int] = Memory(MOST_REMEMBERED)

    async def write(self, connection: Connection, items: Sequence[Item]) -> None:
        """Write all of them, or nothing of the calls.

        Raises:
            Exception: what the server or the library says.
        """
        entries = []
        for item in items:
            if isinstance(item, KeptPolicy):
                await connection.execute(
                    KEEP_POLICY, kept(item.version), item.targets, item.document
                )
            else:
                entries.append(item)
        if entries:
            await self._add(connection, entries)

    async def write_each(
        self, connection: Connection, items: Sequence[Item]
    ) -> list[Exception | None]:
        """Write those that can be written; return for each what was wrong with it."""
        return [await self._try_one(connection, item) for item in items]

    async def write_missing(self, connection: Connection, items: Sequence[Item]) -> None:
        """Write those that are not there yet, and drop those that can never be.

        What is there has been paid for, in the transaction that wrote it.
        """
        names = [kept(item.id) for item in items if isinstance(item, Entry)]
        found = {row[0] for row in await connection.fetch(KNOWN, names)}
        left = [it for it in items if not isinstance(it, Entry) or kept(it.id) not in found]
        try:
            await self.write(connection, left)
        except Exception as error:
            if rejects(error):
                await self.write_each(connection, left)
                return
            raise

    async def _try_one(self, connection: Connection, item: Item) -> Exception | None:
        try:
            await self.write(connection, [item])
        except Exception as error:
            if rejects(error):
                return error
            raise
        return None

    async def _add(self, connection: Connection, entries: Sequence[Entry]) -> None:
        arrays = await self._arrays(connection, entries)
        charges = [charge for entry in entries for charge in entry.charges]
        if not charges:
            await connection.execute(INSERT, *arrays)
            return
        await self._accounts.learn(connection, charges, ())
        async with connection.transaction():
            await connection.execute(INSERT, *arrays)
            await self._accounts.act(connection, charges, ())

    async def _arrays(self, connection: Connection, entries: Sequence[Entry]) -> list[Any]:
        """Return the values of all rows, a column at a time."""
        decisions: list[Any] = []
        attempts: list[Any] = []
        bodies: list[Any] = []
        for number, entry in zip(
            await self._numbers(connection, len(entries)), entries, strict=True
        ):
            policy, situation = await self._shared(connection, entry)
            add_decision(decisions, number, entry, policy, situation)
            for place, attempt in enumerate(entry.attempts):
                add_attempt(attempts, number, place, attempt)
            if entry.request is not None:
                bodies += (number, entry.request)
        columns = decision_columns(decisions)
        return [*columns, *columns_of(attempts, ATTEMPTS), *columns_of(bodies, BODIES)]

    async def _numbers(self, connection: Connection, count: int) -> list[int]:
        found: list[int] = []
        while len(found) < count:
            if self._next == self._end:
                self._next = await connection.fetchval("SELECT nextval('decision_numbers')")
                self._end = self._next + NUMBERS_AT_ONCE
            some = min(count - len(found), self._end - self._next)
            found += range(self._next, self._next + some)
            self._next += some
        return found

    async def _shared(
        self, connection: Connection, entry: Entry
    ) -> tuple[Shared | None, int | None]:
        """Return the rows of the policy and the situation, added if they are not there."""
        policy, situation, now = None, None, self._clock.now()
        if entry.decision is not None:
            version = entry.decision.policy
            policy = self._policies.find(version, Seconds(float("-inf")))
            if policy is None:
                targets = [each.target for each in entry.decision.verdicts]
                shared = await _policy(connection, version, targets)
                policy = self._policies.keep(version, shared, now)
        if entry.situation is not None:
            name = entry.situation.id
            situation = self._situations.find(name, Seconds(now - SEEN_FOR))
            if situation is None:
                document = pack_situation(entry.situation)
                values = (kept(name), document, UnixMs(self._clock.date()))
                number = int(await connection.fetchval(ADD_SITUATION, *values))
                situation = self._situations.keep(name, number, now)
        return policy, situation


async def _policy(connection: Connection, version: str, targets: Sequence[str]) -> Shared:
    row = await connection.fetchrow(ADD_POLICY, kept(version), _encode(targets).decode())
    order = msgspec.json.decode(row["targets"], type=tuple[str, ...])
    return Shared(row["number"], order, {target: place for place, target in enumerate(order)})
