"""``make parity``: try every feature in every column, and write docs/parity.md and .json.

With ``--check`` nothing is written: verdicts are compared with those that are there. Exits with 1
when a cell is broken, or has changed.
"""

import argparse
import asyncio
import logging
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import uvloop
from parity.cell import Cell
from parity.column import Column, columns
from parity.fuzz import fuzzed
from parity.matrix import tried
from parity.page import differences, read_json, totals, write_json, write_page
from parity.row import ROWS

ROOT = Path(__file__).parents[1]
RESULT = "parity.json"


def main() -> None:
    """Try, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only rows with this in their name")
    parser.add_argument("--column", default="", help="only columns with this in their name")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the results")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--fuzz", type=float, default=0.0, help="fuzz for so many seconds instead")
    wish = parser.parse_args()
    if wish.fuzz:
        sys.exit(_fuzz(wish.fuzz))
    wanted = [each for each in columns() if wish.column in each.name]
    rows = [each for each in ROWS if wish.only in each.name]
    began = time.monotonic()
    cells = run(wish.only, wanted, wish.workers)
    took = time.monotonic() - began
    for each in cells:
        if each.verdict == "broken":
            print(f"broken: {each.row} / {each.column}: {each.note}")
    print(", ".join(f"{many} {verdict}" for verdict, many in totals(cells).items()), end="")
    print(f", in {took:.0f} s")
    partial = len(wanted) < len(columns()) or len(rows) < len(ROWS)
    if wish.check:
        sys.exit(_compare(wish.out / RESULT, cells, partial=partial))
    if partial:
        print("only a part, so nothing is written")
    else:
        (wish.out / RESULT).write_bytes(write_json(cells))
        (wish.out / "parity.md").write_text(write_page(rows, wanted, cells), encoding="utf-8")
    sys.exit(1 if totals(cells)["broken"] else 0)


def run(only: str, wanted: list[Column], workers: int) -> list[Cell]:
    """Return all cells, row by row; each process has every so manieth column."""
    shares = [wanted[start::workers] for start in range(workers)]
    names = [[each.name for each in share] for share in shares if share]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = [cell for part in pool.map(share_of, [only] * len(names), names) for cell in part]
    order = {each.name: place for place, each in enumerate(ROWS)}
    place = {each.name: number for number, each in enumerate(wanted)}
    return sorted(found, key=lambda it: (order[it.row], place[it.column]))


def share_of(only: str, names: list[str]) -> list[Cell]:
    """Return the cells of these columns; a process of its own, which logs nothing."""
    logging.getLogger("switchgear").setLevel(logging.CRITICAL)
    rows = [each for each in ROWS if only in each.name]
    mine = [each for each in columns() if each.name in names]
    cells: list[Cell] = uvloop.run(tried(rows, mine))
    return cells


def _compare(path: Path, cells: list[Cell], *, partial: bool) -> int:
    old = read_json(path.read_bytes()) if path.exists() else {}
    if partial:
        places = {(it.row, it.column) for it in cells}
        old = {place: it for place, it in old.items() if place in places}
    found = differences(old, cells)
    print("\n".join([*found, "docs/parity is out of date; run `make parity`"] if found else []))
    return 1 if found or totals(cells)["broken"] else 0


def _fuzz(seconds: float) -> int:
    flaws = asyncio.run(fuzzed(seconds, seed=int(time.time())))
    print("\n".join(flaws) or f"no flaw in {seconds:g} s")
    return 1 if flaws else 0


if __name__ == "__main__":
    main()
