"""Show that caps of tasks are exact, from several workers at once; ``python -m bench.cap``.

200 calls of one task at once against a cap with room for exactly 37, in steps and then in money,
again and again. Exits with 1 when a single call too many or too few was answered, when the account
of a task is not the sum of its rows, or when anything stays set aside.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.load import connect, prompt, request
from bench.upstream import Line as Host
from faults.served import serving, target

CALLS, ROOM = 200, 37
OUTPUT = 24
"""Tokens that the simulated upstream says it wrote."""
COST = OUTPUT * 10_000
"""Nano-dollars of one answer, and what is set aside for it."""
TASK = "x-switchgear-task"
WISH = "wait-20"
CAPS: Mapping[str, Mapping[str, object]] = {
    "steps": {"steps": ROOM},
    "money": {"usd": ROOM * COST / 1e9},
}
PAID = """
SELECT a.spent_money, a.spent_calls, a.held_money, (SELECT SUM(cost) FROM decisions d
  WHERE d.task || '.1' = a.name) FROM accounts a WHERE a.payer = 'task'
"""


def content(upstream: int, caps: Mapping[str, object]) -> dict[str, Any]:
    """Return a config whose answers cost exactly what is set aside for them."""
    provider = {"dialect": "openai-chat", "base_url": f"http://127.0.0.1:{upstream}/v1"}
    price = {"input_usd": 0, "output_usd": 10}
    return {
        "providers": {"up": provider},
        "targets": {"up/m": target("up", "m", price=price)},
        "aliases": {"auto": {"targets": ["up/m"]}},
        "spending": {"margin": 0},
        "tasks": {"caps": caps},
    }


async def flaws_of(folder: Path, config: Mapping[str, Any], rounds: int, workers: int) -> list[str]:
    """Return all that was wrong in so many rounds, each with a task of its own."""
    flaws = []
    body = prompt("auto", wish=WISH).replace(b'"max_tokens":300', b'"max_tokens": %d' % OUTPUT)
    async with serving(folder, config, workers=workers) as served:
        lines = await connect(served.port, CALLS)
        for number in range(rounds):
            data = request(body, [(TASK, f"t{number}")])
            answered = sum(await asyncio.gather(*[each.send(data) for each in lines]))
            if answered != ROOM:
                flaws.append(f"round {number}: {answered} answered")
        for each in lines:
            each.close()
        await served.end()
    with closing(sqlite3.connect(served.ledger)) as book:
        accounts = book.execute(PAID).fetchall()
        held = book.execute("SELECT COUNT(*) FROM reservations").fetchone()[0]
    wanted = (ROOM * COST, ROOM, 0, ROOM * COST)
    flaws += [f"an account: {each}" for each in accounts if each != wanted]
    if len(accounts) != rounds or held:
        flaws.append(f"{len(accounts)} accounts of {rounds} tasks, {held} still set aside")
    return flaws


async def tried(rounds: int, workers: int) -> int:
    """Try each cap; return how many flaws there were."""
    loop, found = asyncio.get_running_loop(), 0
    host = await loop.create_server(Host, "127.0.0.1", 0, backlog=1024)
    port = host.sockets[0].getsockname()[1]
    for name, caps in CAPS.items():
        with tempfile.TemporaryDirectory() as folder:
            flaws = await flaws_of(Path(folder), content(port, caps), rounds, workers)
        found += len(flaws)
        verdict = "; ".join(flaws[:5]) or f"{ROOM} of {CALLS} answered in each"
        sys.stdout.write(f"{name}, {workers} workers, {rounds} rounds: {verdict}\n")
    host.close()
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Try it as often, and on as many workers, as is said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    wish = parser.parse_args(words)
    return int(bool(asyncio.run(tried(wish.rounds, wish.workers))))


if __name__ == "__main__":
    raise SystemExit(main())
