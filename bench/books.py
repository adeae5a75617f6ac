"""Many mixed calls that are paid for, over SQLite, and the books added up after them.

Run as ``python -m bench.books [CALLS]``; it prints one JSON object, and exits with 1 when rows,
charges and accounts do not agree to the nano-dollar, or something is still held.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

from support.mixed import Crowd
from switchgear.adapters.ledgers.sqlite import SqliteLedger

CALLS, AT_ONCE = 10_000, 200


async def books(folder: Path, calls: int) -> dict[str, float]:
    """Return by how much the books differ after so many calls."""
    ledger = SqliteLedger(folder / "ledger.db", durable=False)
    crowd = Crowd(ledger, ledger.budgets)
    began = time.perf_counter()
    found = await crowd.run(calls, AT_ONCE)
    span = time.perf_counter() - began
    await crowd.every_account_agrees()
    await crowd.nobody_overspent()
    await ledger.aclose()
    print(found, file=sys.stderr)
    sums = (found.rows, found.charges, found.accounts)
    return {
        "books_calls": calls,
        "books_attempts": found.attempts,
        "books_spent_nano_usd": found.rows,
        "books_differ_nano_usd": max(sums) - min(sums),
        "books_held": found.held,
        "books_s": round(span, 1),
    }


def main() -> None:
    """Make the calls and print what came of them."""
    logging.disable()
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    with tempfile.TemporaryDirectory(prefix="switchgear-books-") as folder:
        found = asyncio.run(books(Path(folder), calls))
    print(json.dumps(found))
    sys.exit(1 if found["books_differ_nano_usd"] or found["books_held"] else 0)


if __name__ == "__main__":
    main()
