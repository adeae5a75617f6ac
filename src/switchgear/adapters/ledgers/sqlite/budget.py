"""The budgets' face to the event loop: what is asked goes through the ledger's one writer."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

import msgspec
from typing_extensions import override

from switchgear.adapters.budgets.memory import charge_of
from switchgear.adapters.ledgers.sqlite.schema import BUSY
from switchgear.adapters.ledgers.sqlite.shelf import Shelf
from switchgear.adapters.ledgers.sqlite.writer import Writer
from switchgear.adapters.ledgers.verb import (
    Answer,
    Expire,
    Lessen,
    Release,
    Renew,
    Reserve,
    Verb,
)
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
from switchgear.engine.budget import refuse_absurd
from switchgear.ports.budget import Budgets, Level

Value = TypeVar("Value")
TOO_LATE = "The budgets could not be asked in time."
_pack = msgspec.msgpack.Encoder().encode
"""Refuses what a file has no room for: text that is no Unicode, numbers beyond 64 bits."""


class Read(Protocol):
    """Reads from the ledger's file, in the thread that may."""

    async def __call__(self, look: Callable[[Shelf], Value]) -> Value:
        """Return what ``look`` finds."""
        ...


class SqliteBudgets(Budgets):
    """Accounts in the ledger's file: several processes share them exactly."""

    def __init__(self, writer: Writer, read: Read) -> None:
        """Take the ledger's writer, and its way to read."""
        self._writer = writer
        self._read = read

    @override
    async def reserve(self, asked: Reservation) -> Granted | Shortfall:
        refuse_absurd(asked.amount)
        if not asked.shares:
            return Granted()
        verb = Reserve(asked)
        _pack(verb)
        try:
            found = await _in_time(self._writer.write(verb))
        except TimeoutError as error:
            self._take_back(asked)
            raise LedgerDown(TOO_LATE) from error
        except asyncio.CancelledError:
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
        return await self._read(lambda shelf: shelf.levels(accounts))

    @override
    async def held(self) -> int:
        return await self._read(Shelf.open_reservations)

    @override
    async def aclose(self) -> None:
        """Do nothing; the ledger closes the file."""

    async def _do(self, verb: Verb) -> Answer:
        """Return the answer, unless it does not come in time.

        Raises:
            LedgerDown: it is not known whether it was done.
            ValueError: it says what a file has no room for.
        """
        _pack(verb)
        try:
            return await _in_time(self._writer.write(verb))
        except TimeoutError as error:
            raise LedgerDown(TOO_LATE) from error

    def _take_back(self, asked: Reservation) -> None:
        """Give back what may be set aside all the same, behind what still waits to be done."""
        with suppress(LedgerDown, ValueError):
            done = self._writer.write(Release((asked.id,)))
            done.add_done_callback(_noticed)


async def _in_time(done: asyncio.Future[Answer]) -> Answer:
    late = done.get_loop().call_later(BUSY, _too_late, done)
    try:
        return await done
    finally:
        late.cancel()


def _too_late(done: asyncio.Future[Answer]) -> None:
    if not done.done():
        done.set_exception(TimeoutError())


def _noticed(done: asyncio.Future[Answer]) -> None:
    """Look at how it went: where it failed, what was set aside ends by itself."""
    if not done.cancelled():
        done.exception()
