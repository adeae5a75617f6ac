"""Sets money aside and borrows, as a process of its own that waits to be killed.

Argument: the ledger's file. It says until when all it has may live, once it has it.
"""

import asyncio
import sys
from pathlib import Path

from support.bank import amount, bound
from switchgear.adapters.budgets.allotted import LIFE_MS, AllottedBudgets
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.domain.account import Account, Payer, Reservation, Share, Window
from switchgear.domain.units import UnixMs

OPEN = 5
NARROW = (Share(Account(Payer.KEY, "narrow", Window.DAY), bound(1000)),)
WIDE = (Share(Account(Payer.KEY, "wide", Window.DAY), bound(1_000_000)),)


async def spend(file: str) -> None:
    ledger, clock = SqliteLedger(Path(file)), SystemClock()
    budgets = AllottedBudgets(ledger.budgets, clock, "p1")
    until = UnixMs(clock.date() + LIFE_MS)
    for number in range(OPEN):
        for name, shares in (("narrow", NARROW), ("wide", WIDE)):
            asked = Reservation(id=f"{name}{number}", shares=shares, amount=amount(10), until=until)
            await budgets.reserve(asked)
    await asyncio.gather(*budgets.borrowing)
    sys.stdout.write(f"{clock.date() + LIFE_MS}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(spend(sys.argv[1]))
