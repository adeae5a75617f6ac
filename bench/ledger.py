"""Measure how fast rows are written down, from one process and from several; ``-m bench.ledger``.

``--place sqlite:FILE`` or ``postgres:URL``, as in ``bench.budget``; each row is committed, and on
the disk, before its time is taken.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from switchgear.adapters.ledgers.postgres import open_postgres
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.domain.attempt import Attempt
from switchgear.domain.decision import Decision, Reason, Strategy, Verdict
from switchgear.domain.dialect import Dialect
from switchgear.domain.entry import End, Entry
from switchgear.domain.event import Usage
from switchgear.domain.secret import Secret
from switchgear.domain.situation import Reading, Situation
from switchgear.domain.target import Tier
from switchgear.domain.units import NanoUsd, Seconds, Tokens, UnixMs
from switchgear.ports.ledger import Ledger

ROOT = Path(__file__).parents[1]
WARM = 200
NAMES = ("small", "mid", "large")
READY = Situation(id="s1", readings={name: Reading() for name in NAMES})
CHOSEN = Decision(
    plan=("small", "mid"),
    verdicts=tuple(Verdict(target=name, reason=Reason.CHOSEN) for name in NAMES),
    policy="v1",
    strategy=Strategy.COST,
    tier=Tier.SMALL,
    complexity=0.25,
    why="cheapest for tier small, before mid",
)
TRIED = Attempt(
    target="small",
    model="model-small",
    status=200,
    began=Seconds(0.001),
    first_content=Seconds(0.2),
    took=Seconds(0.5),
    usage=Usage(input=Tokens(420), output=Tokens(60)),
    cost=NanoUsd(66_000),
)


class Pace(msgspec.Struct):
    """How fast it went in one process."""

    rows: int
    seconds: float
    cpu_seconds: float
    waits: list[float]
    """Of each row, in seconds."""


async def opened(place: str) -> Ledger:
    """Open the ledger at a place."""
    kind, _, where = place.partition(":")
    if kind == "sqlite":
        return SqliteLedger(Path(where))
    return await open_postgres(Secret(where))


def row(name: str) -> Entry:
    """Return a row of an ordinary call."""
    return Entry(
        id=name,
        at=UnixMs(1_750_000_000_000),
        dialect=Dialect.OPENAI_CHAT,
        stream=True,
        model="auto",
        key="k1",
        tenant="t1",
        end=End.ANSWERED,
        status=200,
        target="small",
        cost=NanoUsd(66_000),
        first_content=Seconds(0.201),
        took=Seconds(0.501),
        own=Seconds(0.001),
        digest="0123456789abcdef0123456789abcdef",
        situation=READY,
        decision=CHOSEN,
        attempts=(TRIED,),
    )


async def write(place: str, rows: int, together: int) -> Pace:
    """Write so many rows, of which so many wait at any time."""
    ledger = await opened(place)
    waits: list[float] = []
    left = iter(range(rows + WARM))

    async def one_after_the_other(most: int) -> None:
        for number in left:
            began = time.perf_counter()
            await ledger.write(row(f"{os.getpid()}/{time.time_ns()}/{number}"))
            waits.append(time.perf_counter() - began)
            if len(waits) >= most:
                break

    await asyncio.gather(*[one_after_the_other(WARM) for _ in range(together)])
    waits.clear()
    began, before = time.perf_counter(), time.process_time()
    await asyncio.gather(*[one_after_the_other(2 * rows) for _ in range(together)])
    pace = Pace(
        rows=len(waits),
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - before,
        waits=waits,
    )
    await ledger.aclose()
    return pace


def measure(place: str, processes: int, rows: int, together: int) -> str:
    """Write from so many processes at once; return what came of it, in words."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    words = ["--serve", place, "--rows", str(rows), "--together", str(together)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.ledger", *words],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths},
        )
        for _ in range(processes)
    ]
    paces = [msgspec.json.decode(it.communicate()[0], type=Pace) for it in running]
    waits = sorted(wait for pace in paces for wait in pace.waits)
    count = sum(pace.rows for pace in paces)
    rate = count / max(pace.seconds for pace in paces)
    cpu = sum(pace.cpu_seconds for pace in paces) / count * 1e6
    p50, p99 = statistics.median(waits) * 1000, waits[int(len(waits) * 0.99)] * 1000
    return (
        f"{place.partition(':')[0]:9}{processes} x {together:3} waiting: {rate:6.0f} rows/s,"
        f" p50 {p50:.2f} ms, p99 {p99:.2f} ms, {cpu:.0f} us of CPU a row"
    )


def main() -> None:
    """Measure, or be one of the processes that write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", default="")
    parser.add_argument("--place", default="")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--together", type=int, default=0)
    wish = parser.parse_args()
    if wish.serve:
        pace = asyncio.run(write(wish.serve, wish.rows, wish.together))
        sys.stdout.buffer.write(msgspec.json.encode(pace))
        return
    with tempfile.TemporaryDirectory(prefix="switchgear-ledger-") as folder:
        place = wish.place or f"sqlite:{Path(folder) / 'ledger.db'}"
        for processes, together in ((1, 1), (1, 64), (4, 64)):
            rows = wish.rows // 8 if together == 1 else wish.rows
            print(measure(place, processes, rows, together), flush=True)


if __name__ == "__main__":
    main()
