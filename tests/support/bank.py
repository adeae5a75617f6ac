"""A ledger with its budgets, on each adapter there is; add yours to ``BANKS``."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import msgspec

from support.entries import entry
from support.postgres import emptied
from switchgear.adapters.budgets.allotted import AllottedBudgets
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.domain.account import (
    Account,
    Amount,
    Bound,
    Charge,
    Payer,
    Reservation,
    Share,
    Window,
)
from switchgear.domain.units import NanoUsd, Tokens, UnixMs
from switchgear.ports.budget import Budgets, Level
from switchgear.ports.ledger import Ledger

LATER = UnixMs(4_000_000_000_000)
"""In the year 2096: what is open until then does not end in a test."""


class Bank(msgspec.Struct, frozen=True):
    """What a contract is tried on; both are open until the test ends."""

    ledger: Ledger
    budgets: Budgets

    async def pay(self, name: str, *charges: Charge) -> None:
        """Write the row of a call that comes to so much."""
        await self.ledger.write(entry(name, charges=charges))

    async def level(self, account: Account) -> Level:
        [found] = await self.budgets.levels([account])
        return found


@asynccontextmanager
async def memory() -> AsyncIterator[Bank]:
    ledger = MemoryLedger()
    yield Bank(ledger, ledger.budgets)


@asynccontextmanager
async def sqlite() -> AsyncIterator[Bank]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.db", durable=False)
        yield Bank(ledger, ledger.budgets)
        await ledger.budgets.aclose()
        await ledger.aclose()


@asynccontextmanager
async def lent() -> AsyncIterator[Bank]:
    ledger = MemoryLedger()
    budgets = AllottedBudgets(ledger.budgets, SystemClock(), "p1")
    yield Bank(ledger, budgets)
    await budgets.aclose()


@asynccontextmanager
async def postgres() -> AsyncIterator[Bank]:
    async with emptied() as ledger:
        yield Bank(ledger, ledger.budgets)


Opened = Callable[[], AbstractAsyncContextManager[Bank]]
BANKS: dict[str, Opened] = {
    "lent": lent,
    "memory": memory,
    "sqlite": sqlite,
    "postgres": postgres,
}
"""By name; each call gives a new one in which nothing was spent yet."""


def at_bank(name: str, life: Callable[[Bank], Awaitable[None]]) -> None:
    """Run a test's life at a bank of this kind."""

    async def whole() -> None:
        async with BANKS[name]() as bank:
            await life(bank)

    asyncio.run(whole())


def account(name: str = "k1", starts: int = 0, window: Window = Window.DAY) -> Account:
    return Account(Payer.KEY, name, window, UnixMs(starts))


def money(nano: int) -> Amount:
    return Amount(money=NanoUsd(nano))


def amount(nano: int = 0, tokens: int = 0, calls: int = 0) -> Amount:
    return Amount(money=NanoUsd(nano), tokens=Tokens(tokens), calls=calls)


def bound(nano: int | None = None, tokens: int | None = None, calls: int | None = None) -> Bound:
    return Bound(
        money=None if nano is None else NanoUsd(nano),
        tokens=None if tokens is None else Tokens(tokens),
        calls=calls,
    )


def asking(
    name: str, more: Amount, shares: Sequence[tuple[Account, Bound]], until: int = LATER
) -> Reservation:
    return Reservation(
        id=name,
        shares=tuple(Share(each, most) for each, most in shares),
        amount=more,
        until=UnixMs(until),
    )
