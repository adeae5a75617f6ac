"""``make faults``: try every fault, and write docs/faults.md and docs/faults.json.

Each exercise has a process of its own, so that none disturbs another's memory or loop. Exits with 1
when a cell is broken.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop
from faults.bound import bound
from faults.cell import ROWS, Cell
from faults.draining import draining
from faults.halting import halting
from faults.killing import killing
from faults.leaving import leaving
from faults.ledger import full, locked
from faults.machine import machine
from faults.matrix import connection, refusals, rubbish
from faults.memory import memory
from faults.minute import minute
from faults.money import money
from faults.overload import overload
from faults.pace import pace, stray
from faults.page import Notes, write_json, write_page
from faults.rescue import rescues
from faults.sdk import clients
from faults.secret import secrets
from faults.toolcall import toolcalls
from faults.working import working

ROOT = Path(__file__).parents[1]
LIMIT_S = 400.0
"""For one exercise; one that takes longer is broken."""
TAIL = 400
"""Characters of what an exercise printed last, shown when it came to nothing."""

Exercise = Callable[[], Awaitable[list[Cell]]]

BESIDE: tuple[tuple[str, Exercise], ...] = (
    ("refusals", refusals),
    ("minute", minute),
    ("locked", locked),
    ("full", full),
    ("draining", draining),
)
"""Exercises that wait most of their time: they run beside the others, all at once."""

IN_TURN: tuple[tuple[str, Exercise], ...] = (
    ("connection", connection),
    ("rubbish", rubbish),
    ("pace", pace),
    ("stray", stray),
    ("rescues", rescues),
    ("bound", bound),
    ("clients", clients),
    ("toolcalls", toolcalls),
    ("memory", memory),
    ("leaving", leaving),
    ("killing", killing),
    ("halting", halting),
    ("working", working),
    ("money", money),
    ("secrets", secrets),
)
"""Exercises that need a core, one after the other."""

ALONE: tuple[tuple[str, Exercise], ...] = (("overload", overload),)
"""Exercises that need the whole machine: after all others have ended, one after the other."""


def main() -> None:
    """Try, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only exercises with this in their name")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the results")
    parser.add_argument("--list", action="store_true", help="name the exercises, and end")
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    parser.add_argument("--cells", type=Path, help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.list:
        print("\n".join(name for name, _ in (*BESIDE, *IN_TURN, *ALONE)))
        return
    if wish.one:
        _one(wish.one, wish.cells)
        return
    began = time.monotonic()
    cells = asyncio.run(_all(wish.only))
    notes = Notes(
        machine=machine(),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=time.monotonic() - began,
        partial=f"exercises with {wish.only!r} in their name" if wish.only else "",
    )
    page = write_page(cells, notes)
    wish.out.mkdir(parents=True, exist_ok=True)
    (wish.out / "faults.json").write_bytes(write_json(cells, notes))
    (wish.out / "faults.md").write_text(page)
    broken = [each for each in cells if each.verdict == "broken"]
    for each in broken:
        print(f"broken: {each.row}, {each.name}: {each.note}")
    print(f"{len(cells) - len(broken)} held, {len(broken)} broken; {wish.out / 'faults.md'}")
    sys.exit(1 if broken else 0)


async def _all(only: str) -> list[Cell]:
    """Run every exercise that is wanted; return the cells in the order of the rows."""
    async with asyncio.TaskGroup() as beside:
        waiting = [beside.create_task(_apart(name)) for name, _ in _wanted(BESIDE, only)]
        found = [await _apart(name) for name, _ in _wanted(IN_TURN, only)]
    found += [task.result() for task in waiting]
    found += [await _apart(name) for name, _ in _wanted(ALONE, only)]
    order = list(ROWS)
    cells = [each for part in found for each in part]
    return sorted(cells, key=lambda each: order.index(each.row))


def _wanted(exercises: Sequence[tuple[str, Exercise]], only: str) -> Sequence[tuple[str, Exercise]]:
    return [each for each in exercises if only in each[0]]


async def _apart(name: str) -> list[Cell]:
    """Run one exercise in a process of its own, and return its cells."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="switchgear-faults-") as folder:
        file = Path(folder) / "cells.json"
        words = ("-m", "faults.run", "--one", name, "--cells", str(file))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        )
        try:
            async with asyncio.timeout(LIMIT_S):
                printed, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            printed, _ = await process.communicate()
        cells = msgspec.json.decode(file.read_bytes(), type=list[Cell]) if file.exists() else []
    if not cells:
        said = printed.decode(errors="replace").strip()
        print(said, file=sys.stderr)
        cells = [
            Cell(row="exercise", name=name, verdict="broken", note=f"no result: {said[-TAIL:]}")
        ]
    broken = sum(each.verdict == "broken" for each in cells)
    took = time.monotonic() - began
    said = f"{name}: {len(cells) - broken} held, {broken} broken, {took:.1f} s"
    print(said, file=sys.stderr, flush=True)
    return cells


def _one(name: str, file: Path) -> None:
    act = dict((*BESIDE, *IN_TURN, *ALONE))[name]

    async def life() -> list[Cell]:
        return await act()

    cells = uvloop.run(life())
    file.write_bytes(msgspec.json.encode(cells))


if __name__ == "__main__":
    main()
