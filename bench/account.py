"""Measure what it costs to set money aside; prints JSON, as the bench reads it."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.budget import Round, asked_of, prove, row
from bench.printed import printed
from bench.process import NotMeasured

from switchgear.adapters.budgets.allotted import AllottedBudgets
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.domain.account import Granted, Reservation
from switchgear.domain.units import Seconds
from switchgear.ports.budget import Budgets

WISH = Round(name="key", room=10_000_000, tasks=1, attempts=1)
CALLS = 2000
AT_ONCE = 64
BURST, PAUSE = 32, Seconds(0.002)
"""Calls that come together, and the time for a loan to come."""
FEW, MANY = 10, 100
"""Rounds of the proof: in a quick run, and else."""
WARM = 3
"""Rounds until loans are as large as this traffic makes them."""


def asked(names: str, count: int) -> list[Reservation]:
    """Return so many things to ask, made beforehand."""
    return [asked_of(WISH, f"{names}{number}") for number in range(count)]


async def lent_us(ledger: SqliteLedger, rounds: int) -> list[float]:
    """Return the microseconds of CPU for a reservation and its charge where money is lent."""
    budgets = AllottedBudgets(ledger.budgets, SystemClock(), "bench")
    found = []
    for turn in range(rounds + WARM):
        spent, charges = 0.0, []
        calls = asked(f"lent{turn}/", CALLS)
        for place in range(0, CALLS, BURST):
            began = time.thread_time()
            for each in calls[place : place + BURST]:
                await budgets.reserve(each)
                charges.append(budgets.charge(each, each.amount))
            spent += time.thread_time() - began
            await asyncio.sleep(PAUSE)
        await ledger.write(row(f"lent-row{turn}", charges))
        if turn >= WARM:
            assert sum(it.lent for it in charges) > 0.98 * CALLS, "it was not lent"  # noqa: S101  (or something else was measured)
            found.append(spent * 1e6 / CALLS)
    await budgets.aclose()
    return found


async def reserves_per_s(budgets: Budgets, rounds: int) -> list[float]:
    """Return how many reservations a second one process makes, 64 at a time."""
    found = []
    for turn in range(rounds):
        calls = asked(f"direct{turn}/", CALLS)
        waiting = iter(calls)

        async def one(some: object = waiting) -> None:
            for each in some:  # type: ignore[attr-defined]  # all take from the same
                assert isinstance(await budgets.reserve(each), Granted)  # noqa: S101  (as above)

        began = time.perf_counter()
        await asyncio.gather(*[one() for _ in range(AT_ONCE)])
        found.append(CALLS / (time.perf_counter() - began))
        await budgets.release([each.id for each in calls])
    return found


async def alone_ms(budgets: Budgets, rounds: int) -> list[float]:
    """Return the milliseconds that one reservation takes when nothing else is asked."""
    found = []
    for turn in range(rounds):
        times = []
        for each in asked(f"alone{turn}/", 100):
            began = time.perf_counter()
            await budgets.reserve(each)
            times.append((time.perf_counter() - began) * 1000)
        found.append(median(times))
    return found


async def measure(folder: str, rounds: int) -> dict[str, list[float]]:
    """Return all figures of budgets in a file that waits for the disk, as by default."""
    ledger = SqliteLedger(Path(folder) / "ledger.db")
    found = {
        "budget_lent_us": await lent_us(ledger, rounds),
        "budget_reserves_per_s": await reserves_per_s(ledger.budgets, rounds),
        "budget_reserve_ms": await alone_ms(ledger.budgets, rounds),
    }
    await ledger.aclose()
    return found


def figures(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Spend from four processes what there is, and return that and what it takes."""
    times = FEW if rounds == 1 else MANY
    try:
        prove(f"sqlite:{folder / 'budget.db'}", 4, times, lent=True)
    except AssertionError as error:
        raise NotMeasured(f"budgets are not exact: {error}") from error
    found: dict[str, list[float]] = printed("account", max(rounds, 3))
    return found | {"budget_exact_percent": [100.0]}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="switchgear-account-") as place:
        print(json.dumps(asyncio.run(measure(place, int(sys.argv[1])))))
