"""Show that budgets are exact, from several processes at once; ``python -m bench.budget``.

320 attempts of 64 tasks against a cap with room for exactly 100, again and again; once with room
for 100,000, of which shares are lent. Exits with 1 when a single attempt too many or too few was
admitted. Other databases join by a line in ``OPENERS``.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from switchgear.adapters.budgets.allotted import AllottedBudgets
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.postgres import open_postgres
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.domain.account import (
    Account,
    Amount,
    Bound,
    Charge,
    Granted,
    Payer,
    Reservation,
    Share,
    Window,
)
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End, Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.domain.units import NanoUsd, Seconds, UnixMs
from switchgear.ports.budget import Budgets
from switchgear.ports.ledger import Ledger

ROOT = Path(__file__).parents[1]
TASKS, ATTEMPTS, ROOM = 64, 320, 100
LARGE_ROOM = 100_000
PRICE = 7
LIFE_MS = 20_000
PATIENCE = 60
"""Refusals, one after the other, after which a task of the large run takes it for the end."""
PAUSE_S = 0.05
A_ROW = 20
"""Attempts of the large run that one row pays for."""


async def open_sqlite(place: str) -> tuple[Ledger, Budgets]:
    """Open a ledger's file."""
    ledger = SqliteLedger(Path(place), durable=False)
    return ledger, ledger.budgets


async def open_database(place: str) -> tuple[Ledger, Budgets]:
    """Open a ledger in Postgres."""
    ledger = await open_postgres(Secret(place))
    return ledger, ledger.budgets


OPENERS = {"sqlite": open_sqlite, "postgres": open_database}
"""By the word before the colon of a place."""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one process does in one repetition."""

    name: str
    """Of the payer: every repetition has accounts of its own."""
    room: int
    tasks: int
    attempts: int
    """Of each task; 0 for until nothing is left."""


class Tally(msgspec.Struct, kw_only=True):
    """What came of a round in one process."""

    admitted: int = 0
    refused: int = 0
    down: int = 0
    """Attempts that could not be decided, and were made again."""
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class Process:
    """Spends, as a process among several."""

    def __init__(self, ledger: Ledger, budgets: Budgets, number: int) -> None:
        """Take what all share; processes differ in their number."""
        self.ledger, self.budgets, self.number = ledger, budgets, number
        self.made = 0

    async def spend(self, wish: Round) -> Tally:
        """Make the attempts of one round."""
        tally = Tally()
        began, before = time.perf_counter(), time.process_time()
        task = self._until_the_end if not wish.attempts else self._some
        async with asyncio.TaskGroup() as group:
            for _ in range(wish.tasks):
                group.create_task(task(wish, tally))
        tally.seconds = time.perf_counter() - began
        tally.cpu_seconds = time.process_time() - before
        return tally

    async def _some(self, wish: Round, tally: Tally) -> None:
        for _ in range(wish.attempts):
            charge = await self._attempt(wish, tally)
            if charge is not None:
                await self._pay([charge], tally)

    async def _until_the_end(self, wish: Round, tally: Tally) -> None:
        charges: list[Charge] = []
        refusals = 0
        while refusals < PATIENCE:
            charge = await self._attempt(wish, tally)
            if charge is None:
                refusals += 1
                await asyncio.sleep(PAUSE_S)
                continue
            refusals = 0
            charges.append(charge)
            if len(charges) == A_ROW:
                await self._pay(charges, tally)
                charges = []
        await self._pay(charges, tally)

    async def _attempt(self, wish: Round, tally: Tally) -> Charge | None:
        self.made += 1
        asked = asked_of(wish, f"{wish.name}/{self.number}/{self.made}")
        while True:
            try:
                found = await self.budgets.reserve(asked)
            except LedgerDown:
                tally.down += 1
                continue
            break
        if not isinstance(found, Granted):
            tally.refused += 1
            return None
        tally.admitted += 1
        return self.budgets.charge(asked, asked.amount)

    async def _pay(self, charges: Sequence[Charge], tally: Tally) -> None:
        self.made += 1
        entry = row(f"row/{self.number}/{os.getpid()}/{self.made}", charges)
        while True:  # the accounts must be paid, whoever has the file for how long
            try:
                return await self.ledger.write(entry)
            except LedgerDown:
                tally.down += 1


def asked_of(wish: Round, name: str) -> Reservation:
    """Return what one attempt asks: the key has room for so many, its tenant for more."""
    key, tenant = accounts_of(wish.name)
    narrow = Bound(money=NanoUsd(wish.room * PRICE), calls=2 * wish.room)
    wide = Bound(calls=3 * wish.room)
    until = UnixMs(SystemClock().date() + LIFE_MS)
    amount = Amount(money=NanoUsd(PRICE), calls=1)
    return Reservation(
        id=name, shares=(Share(key, narrow), Share(tenant, wide)), amount=amount, until=until
    )


def accounts_of(name: str) -> tuple[Account, Account]:
    """Return the two that pay."""
    return Account(Payer.KEY, name, Window.TOTAL), Account(Payer.TENANT, name, Window.TOTAL)


def row(name: str, charges: Sequence[Charge]) -> Entry:
    """Return a small row that pays so much."""
    return Entry(
        id=name,
        at=SystemClock().date(),
        dialect=Dialect.OPENAI_CHAT,
        stream=False,
        model="auto",
        end=End.ANSWERED,
        status=200,
        cost=NanoUsd(sum(charge.amount.money for charge in charges)),
        took=Seconds(0.1),
        charges=tuple(charges),
    )


async def serve(place: str, number: int, *, lent: bool) -> None:
    """Do what is asked line by line, as one process."""
    kind, _, where = place.partition(":")
    ledger, inner = await OPENERS[kind](where)
    clock = SystemClock()
    budgets = AllottedBudgets(inner, clock, f"{number}-{os.getpid()}") if lent else inner
    process = Process(ledger, budgets, number)
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        tally = await process.spend(msgspec.json.decode(line, type=Round))
        print(msgspec.json.encode(tally).decode(), flush=True)
    await budgets.aclose()
    await ledger.aclose()


class Crew:
    """Some processes that spend at the same time."""

    def __init__(self, place: str, count: int, *, lent: bool) -> None:
        """Start them all, and wait until they are ready."""
        words = [sys.executable, "-m", "bench.budget", "--serve", place]
        paths = [str(ROOT), str(ROOT / "src")]
        self.processes = [
            subprocess.Popen(
                [*words, "--number", str(number), *(["--lent"] if lent else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
            for number in range(count)
        ]
        for each in self.processes:
            self._line(each)

    def spend(self, name: str, room: int, attempts: int) -> Tally:
        """Let them make attempts that are shared out among them; return what came of it."""
        count = len(self.processes)
        wish = Round(name=name, room=room, tasks=TASKS // count, attempts=attempts // TASKS)
        for each in self.processes:
            print(msgspec.json.encode(wish).decode(), file=each.stdin, flush=True)
        tallies = [msgspec.json.decode(self._line(it), type=Tally) for it in self.processes]
        return Tally(
            admitted=sum(it.admitted for it in tallies),
            refused=sum(it.refused for it in tallies),
            down=sum(it.down for it in tallies),
            seconds=max(it.seconds for it in tallies),
            cpu_seconds=sum(it.cpu_seconds for it in tallies),
        )

    def stop(self) -> None:
        """Let them close, and wait for that."""
        for each in self.processes:
            if each.stdin is not None:
                each.stdin.close()
        for each in self.processes:
            each.wait(30)
            if each.stdout is not None:
                each.stdout.close()

    @staticmethod
    def _line(process: "subprocess.Popen[str]") -> str:
        line = "" if process.stdout is None else process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process ended with {process.wait(30)}")
        return line


async def flaws_in(place: str, name: str, room: int) -> list[str]:
    """Return what is wrong with the accounts of a round that is over."""
    kind, _, where = place.partition(":")
    ledger, budgets = await OPENERS[kind](where)
    levels = await budgets.levels(accounts_of(name))
    nothing = Amount()
    spent = Amount(money=NanoUsd(room * PRICE), calls=room)
    found = [f"{name}: {it}" for it in levels if (it.spent, it.held) != (spent, nothing)]
    if await budgets.held():
        found.append(f"{name}: {await budgets.held()} reservations are open")
    await budgets.aclose()
    await ledger.aclose()
    return found


def prove(place: str, count: int, repetitions: int, *, lent: bool, large: bool = False) -> Tally:
    """Repeat it; return the sums, after a look at every account.

    Raises:
        AssertionError: a single attempt too many or too few was admitted.
    """
    crew = Crew(place, count, lent=lent)
    room, attempts = (LARGE_ROOM, 0) if large else (ROOM, ATTEMPTS)
    names = [f"{'lent' if lent else 'asked'}{count}-{room}-{each}" for each in range(repetitions)]
    total, flaws = Tally(), []
    for name in names:
        tally = crew.spend(name, room, attempts)
        if tally.admitted != room:
            flaws.append(f"{name}: {tally.admitted} were admitted instead of {room}")
        for field in Tally.__struct_fields__:
            setattr(total, field, getattr(total, field) + getattr(tally, field))
    crew.stop()
    for name in names:
        flaws += asyncio.run(flaws_in(place, name, room))
    if flaws:
        raise AssertionError("; ".join(flaws[:5]))
    return total


def main() -> None:
    """Prove it for each number of processes, or serve as one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", default="", help="a place to spend at, as one process")
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--lent", action="store_true")
    parser.add_argument(
        "--place", default="", help="sqlite:FILE or postgres:URL; default: a temporary file"
    )
    parser.add_argument("--repetitions", type=int, default=100)
    wish = parser.parse_args()
    if wish.serve:
        asyncio.run(serve(wish.serve, wish.number, lent=wish.lent))
        return
    with tempfile.TemporaryDirectory(prefix="switchgear-budget-") as folder:
        place = wish.place or f"sqlite:{Path(folder) / 'ledger.db'}"
        for count, lent, large in (
            (1, False, False),
            (4, False, False),
            (1, True, False),
            (4, True, False),
            (4, True, True),
        ):
            times = 1 if large else wish.repetitions
            total = prove(place, count, times, lent=lent, large=large)
            ways = f"{count} process{'es' if count > 1 else ''}{', lent' if lent else ''}"
            rate = (total.admitted + total.refused) / total.seconds
            print(
                f"{ways}: {total.admitted:,} admitted in {times} rounds, exactly; {total.refused:,}"
                f" refused, {total.down} asked again; {rate:,.0f} attempts/s",
                flush=True,
            )


if __name__ == "__main__":
    main()
