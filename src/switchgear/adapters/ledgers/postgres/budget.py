"""The budgets' face to the event loop."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from typing_extensions import override

from switchgear.adapters.budgets.memory import charge_of
from switchgear.adapters.ledgers.postgres.account import read_levels
from switchgear.adapters.ledgers.postgres.line import HOT, Connection
from switchgear.adapters.ledgers.postgres.shelf import Shelf
from switchgear.adapters.ledgers.postgres.teller import Teller
from switchgear.adapters.ledgers.verb import (
    Answer,
    Expire,
    Lessen,
    Release,
    Renew,
    Reserve,
    Verb,
)
from switchgear.domain.account import Account, Amount, Charge, Granted, Reservation, Shortfall
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.budget import refuse_absurd
from switchgear.ports.budget import Budgets, Level

TRIES, PAUSE = 5, Seconds(1.0)
"""To give back what was set aside by a call that got no answer; later it ends by itself."""
TOO_LATE = "The budgets could not be asked in time."
OPEN = "SELECT count(*) FROM reservations"
_pack = msgspec.msgpack.Encoder().encode
"""Refuses what a database has no room for: text that is no Unicode, numbers beyond 64 bits."""


class PostgresBudgets(Budgets):
    """Accounts in the ledger's database: all nodes share them exactly."""

    def __init__(self, teller: Teller, shelf: Shelf) -> None:
        """Take what changes them, and what reads them."""
        self._teller = teller
        self._shelf = shelf

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        refuse_absurd(asked.amount)
        if not asked.shares:
            return Granted()
        try:
            found = await self._do(Reserve(asked))
        except (LedgerDown, asyncio.CancelledError):
            self._take_back(asked)
            raise
        assert isinstance(found, Granted | Shortfall)  # noqa: S101  (what this verb answers)
        return found

    @override
    def charge(self, asked: Reservation, amount: Amount) -> Charge:
        return charge_of(asked, amount)

    @override
    async def renew(self, ids: Sequence[str], until: UnixMs) -> None:
        if ids:
            await self._do(Renew(tuple(ids), until))

    @override
    async def release(self, ids: Sequence[str]) -> None:
        if ids:
            await self._do(Release(tuple(ids)))

    @override
    async def lessen(self, name: str, by: Amount) -> None:
        await self._do(Lessen(name, by))

    @override
    async def expire(self, now: UnixMs) -> int:
        found = await self._do(Expire(now))
        return found if isinstance(found, int) else 0

    @override
    async def levels(self, accounts: Sequence[Account]) -> tuple[Level, ...]:
        async with self._shelf.asked() as connection:
            return await read_levels(connection, accounts)

    @override
    async def held(self) -> int:
        async with self._shelf.asked() as connection:
            return await read_open(connection)

    @override
    async def aclose(self) -> None:
        """Do nothing; the ledger closes the connections."""

    async def _do(self, verb: Verb) -> Answer:
        """Return the answer, unless it does not come in time.

        Raises:
            LedgerDown: it is not known whether it was done.
            ValueError: it says what a database has no room for.
        """
        _pack(verb)
        done = self._teller.put(verb)
        late = done.get_loop().call_later(HOT, _too_late, done)
        try:
            answer: Answer = await done
        finally:
            late.cancel()
        return answer

    def _take_back(self, asked: Reservation, tries: int = TRIES) -> None:
        """Give back what may be set aside all the same, behind what still waits to be done."""

        def noticed(done: asyncio.Future[Answer]) -> None:
            failed = done.cancelled() or done.exception() is not None
            if failed and tries > 1:
                done.get_loop().call_later(PAUSE, self._take_back, asked, tries - 1)

        with suppress(LedgerDown):
            self._teller.put(Release((asked.id,))).add_done_callback(noticed)


async def read_open(connection: Connection) -> int:
    """Return how many reservations are open."""
    return int(await connection.fetchval(OPEN))


def _too_late(done: asyncio.Future[Answer]) -> None:
    if not done.done():
        done.set_exception(LedgerDown(TOO_LATE))
