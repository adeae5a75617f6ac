"""``make bench``: measure everything, and write docs/benchmarks.md and docs/benchmarks.json.

Exits with 1 only when something could not be measured; what was measured is written all the same.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from bench.figure import FIGURES, Measured, fold
from bench.measure import MEASUREMENTS, ROOT, Bench, Plan
from bench.page import Notes, write_json, write_page
from bench.process import LOAD_CORE, NotMeasured

FULL = Plan(rounds=5, span_s=3, latency_calls=1000, peers=True)
QUICK = Plan(rounds=1, span_s=1, latency_calls=250, peers=False)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="below a minute, without peers")
    parser.add_argument("--only", default="", help="only measurements with this in their name")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the results")
    wish = parser.parse_args()
    if (os.cpu_count() or 1) <= LOAD_CORE:
        sys.exit("The bench needs two cores: one for the gateway, one for the load.")
    os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory(prefix="switchgear-bench-") as folder:
        bench = Bench(QUICK if wish.quick else FULL, Path(folder))
        try:
            found, missed = measure(bench, wish.only)
        finally:
            bench.upstream.stop()
    notes = Notes(
        machine=machine(),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        quick=wish.quick,
        peers=bench.peers,
        stages=bench.stages,
        remarks=bench.doubts() + bench.remarks + missed,
    )
    page = write_page(found, notes)
    wish.out.mkdir(parents=True, exist_ok=True)
    (wish.out / "benchmarks.json").write_bytes(write_json(found))
    (wish.out / "benchmarks.md").write_text(page)
    print(page)
    sys.exit(1 if missed else 0)


def measure(bench: Bench, only: str) -> tuple[dict[str, Measured], list[str]]:
    """Return what was measured, and sentences on what was not."""
    found: dict[str, Measured] = {}
    missed = []
    for name, act in MEASUREMENTS:
        if only not in name:
            continue
        began = time.monotonic()
        try:
            found |= {figure: fold(rounds) for figure, rounds in act(bench).items()}
        except (NotMeasured, OSError, TimeoutError) as error:
            traceback.print_exc()
            missed.append(f"Could not measure {name}: {error}")
        print(f"{name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    absent = [figure.name for figure in FIGURES if figure.name not in found]
    if absent and not missed:
        bench.remarks.append(f"Not in this run: {', '.join(absent)}.")
    return found, missed


def machine() -> str:
    """Return what this was measured on."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return (
        f"{os.cpu_count()} cores, {model}; Linux {platform.release()};"
        f" Python {platform.python_version()}"
    )


if __name__ == "__main__":
    main()
