"""A ledger in a database, read by commands: they wait for each answer."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from switchgear.adapters.ledgers.postgres.account import read_levels
from switchgear.adapters.ledgers.postgres.budget import read_open
from switchgear.adapters.ledgers.postgres.fault import FAULTS, down
from switchgear.adapters.ledgers.postgres.line import COLD, Line
from switchgear.adapters.ledgers.postgres.prune import prune
from switchgear.adapters.ledgers.postgres.schema import check
from switchgear.adapters.ledgers.postgres.shelf import Shelf
from switchgear.adapters.ledgers.stretch import BEFORE_ALL, WHOLE, Part, Place, Stretch
from switchgear.domain.account import Account
from switchgear.domain.entry import Entry
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs
from switchgear.ports.budget import Level
from switchgear.ports.ledger import Query
from switchgear.ports.nursery import Nursery

Value = TypeVar("Value")


class Readable(Protocol):
    """What commands read from, wherever it is."""

    def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        ...

    def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        ...

    def page(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first, without their request bodies."""
        ...

    def pages(self, query: Query) -> Iterator[tuple[Entry, ...]]:
        """Return all entries that fit, a page at a time."""
        ...

    def count(self, query: Query) -> int:
        """Return how many entries fit."""
        ...

    def stretches(self, query: Query, part: Part = WHOLE) -> Iterator[Stretch]:
        """Return all entries that fit, oldest first, a page at a time."""
        ...

    def ids(self, beginning: str, limit: int) -> list[str]:
        """Return ids that begin so, newest first."""
        ...

    def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        """Return how accounts stand, in their order."""
        ...

    def open_reservations(self) -> int:
        """Return how many reservations are open."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class RemoteShelf:
    """A shelf with a loop of its own."""

    def __init__(self, url: Secret) -> None:
        """Open it.

        Raises:
            LedgerDown: it cannot be read.
        """
        self._runner = asyncio.Runner()
        self._nursery = Nursery()
        self._line = Line(url, self._nursery, COLD, durable=True)
        self._shelf = Shelf(self._line)
        self.where = self._line.where
        """The server and its database."""
        try:
            self._runner.run(self._open())
        except BaseException:
            self.close()
            raise

    def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        return self._got(self._shelf.find(entry_id))

    def find_policy(self, version: str) -> bytes | None:
        """Return a policy that was kept."""
        return self._got(self._shelf.find_policy(version))

    def page(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first, without their request bodies."""
        return self._got(self._shelf.page(query))

    def pages(self, query: Query) -> Iterator[tuple[Entry, ...]]:
        """Return all entries that fit, however many, a page at a time; the limit is a page's."""
        while page := self.page(query):
            yield page
            query = msgspec.structs.replace(query, before=page[-1].id)

    def count(self, query: Query) -> int:
        """Return how many entries fit."""
        return self._got(self._shelf.count(query))

    def stretches(self, query: Query, part: Part = WHOLE) -> Iterator[Stretch]:
        """Return all entries that fit, oldest first, a page at a time; the limit is a page's."""
        last: Place | None = BEFORE_ALL
        while last is not None:
            stretch = self._got(self._shelf.stretch(query, last, part))
            last = stretch.last
            if last is not None:
                yield stretch

    def ids(self, beginning: str, limit: int) -> list[str]:
        """Return ids that begin so, newest first."""
        return self._got(self._shelf.ids(beginning, limit))

    def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        """Return how accounts stand, in their order."""

        async def look() -> tuple[Level, ...]:
            async with self._shelf.asked() as connection:
                return await read_levels(connection, accounts)

        return self._got(look())

    def open_reservations(self) -> int:
        """Return how many reservations are open."""

        async def look() -> int:
            async with self._shelf.asked() as connection:
                return await read_open(connection)

        return self._got(look())

    def prune(self, before: UnixMs) -> int:
        """Drop the calls that arrived before a moment; return how many."""

        async def drop() -> int:
            async with self._shelf.asked() as connection:
                return await prune(connection, before)

        return self._got(drop())

    def close(self) -> None:
        """Close the connection and the loop."""
        self._runner.run(self._line.close())
        self._runner.run(self._nursery.aclose())
        self._runner.close()

    async def _open(self) -> None:
        await self._line.open()
        try:
            async with self._line.taken() as connection:
                await check(connection, self.where)
        except FAULTS as error:
            raise down(f"The ledger {self.where} cannot be read", error) from None

    def _got(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self._runner.run(work)
