"""Writes to a ledger as a process of its own, and says each id once it is kept.

Arguments: the file, a name for its ids, how many to write, where 0 writes until it is killed, and
the bytes of its journal.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from support.entries import entry
from switchgear.adapters.ledgers.sqlite import Spilling, SqliteLedger

TOGETHER = 8


async def write(file: str, name: str, count: int, journal: int) -> None:
    ledger = SqliteLedger(Path(file), spilling=Spilling(journal=journal))
    numbers = iter(range(count)) if count else itertools.count()

    async def one_after_the_other() -> None:
        for number in numbers:
            await ledger.write(entry(f"{name}{number}"))
            sys.stdout.write(f"{name}{number}\n")
            sys.stdout.flush()

    await asyncio.gather(*[one_after_the_other() for _ in range(TOGETHER)])
    await ledger.aclose()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
