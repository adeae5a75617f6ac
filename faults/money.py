"""The process killed while calls are paid for: what its accounts then say, and what stays held."""

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.upstream import Line as Host
from faults.cell import Cell, cell, noted
from faults.killing import Lane
from faults.served import serving

KILLS = 12
LOOK_EVERY_S = 0.1
LONGEST_S = 30.0
"""After the next start, until nothing is held that the killed processes had set aside."""


class Paid(Lane):
    """A ledger whose calls are all paid for, by what they ask for."""

    def __init__(self, folder: Path, upstream: int) -> None:
        """Begin with nothing spent."""
        super().__init__("paid", folder, upstream)
        budgets = {"day": {"usd": 1_000}, "total": {"tokens": 1_000_000_000}}
        self.content |= {
            "aliases": {"auto": {"targets": ["up/m"], "budgets": budgets}},
            "tasks": {"caps": {"usd": 1_000}},
        }
        self.left_held = 0
        """Reservations that the last killed process left open."""
        self.freed_s = 0.0

    async def audit(self) -> list[str]:
        """Start once more, wait until nothing is held, and return what is wrong."""
        async with serving(self._folder, self.content) as served:
            with closing(sqlite3.connect(served.ledger)) as book:
                self.left_held = _held(book)
                self.freed_s = await _freed(book)
                flaws = [f"{_held(book)} still held"] if _held(book) else []
        with closing(sqlite3.connect(served.ledger)) as book:
            cost = book.execute("SELECT COALESCE(SUM(cost), 0) FROM decisions").fetchone()[0]
            accounts = book.execute(
                "SELECT payer || ' ' || window, SUM(spent_money), SUM(held_money) FROM accounts"
                " GROUP BY payer, window"
            ).fetchall()
        for window, spent, held in accounts:
            if spent != cost or held:
                flaws.append(f"{window}: {spent} spent and {held} held, where rows cost {cost}")
        if not cost or not accounts:
            flaws.append("nothing was paid")
        return flaws


def _held(book: sqlite3.Connection) -> int:
    found: int = book.execute("SELECT COUNT(*) FROM reservations").fetchone()[0]
    return found


async def _freed(book: sqlite3.Connection) -> float:
    """Return how long it took until nothing was held any more."""
    began = time.monotonic()
    for _ in range(int(LONGEST_S / LOOK_EVERY_S)):
        if not _held(book):
            break
        await asyncio.sleep(LOOK_EVERY_S)
    return time.monotonic() - began


async def money() -> list[Cell]:
    """Kill some processes under load, and add up what the ledger says."""
    began = time.monotonic()
    loop = asyncio.get_running_loop()
    host = await loop.create_server(Host, "127.0.0.1", 0, backlog=1024)
    with tempfile.TemporaryDirectory() as folder:
        lane = Paid(Path(folder), host.sockets[0].getsockname()[1])
        for number in range(1, KILLS + 1):
            await lane.round(number)
        flaws = await lane.audit()
        flaws += await lane.check()
    host.close()
    note = (
        f"{KILLS} kills, {len(lane.answered)} of {lane.sent} calls answered; the last left"
        f" {lane.left_held} reservations open, all of them ended within {lane.freed_s:.1f} s"
    )
    found = cell(
        "money", "kill -9 while calls are paid for", flaws, seconds=time.monotonic() - began
    )
    return [noted(found, note)]
