"""Whole answers of one worker and of two, on the same two cores as the load itself."""

import json
import sys
from pathlib import Path

from bench.gateway import MODEL, config
from bench.load import prompt, wrk
from bench.process import ANY_CORE, Child, free_port

START = f"{ANY_CORE}; from switchgear.cli import main; main()"
WARM_S = 1


def figures(upstream: int, folder: Path, rounds: int, span_s: int) -> dict[str, list[float]]:
    """Return answers per second with one worker and with two, in turn, and their ratio.

    The load and the simulated provider take their part of the same two cores, so this says how much
    is gained where a machine is full, and not what a second core of its own would bring.
    """
    found: dict[str, list[float]] = {}
    body = prompt(MODEL)
    for workers in (1, 2):
        place = folder / f"workers-{workers}"
        place.mkdir(exist_ok=True)
        child, port = _started(upstream, place, workers)
        try:
            child.wait_port(port)
            wrk(port, body, (), place, WARM_S)
            rates = [wrk(port, body, (), place, span_s) for _ in range(rounds)]
        finally:
            child.stop()
        found[f"workers_{workers}_rps"] = rates
    pairs = zip(found["workers_2_rps"], found["workers_1_rps"], strict=True)
    found["workers_2_over_1"] = [two / one for two, one in pairs]
    return found


def _started(upstream: int, folder: Path, workers: int) -> tuple[Child, int]:
    port, file = free_port(), folder / "switchgear.yaml"
    file.write_text(json.dumps(config(upstream, folder / "calls.db", durable=True)))
    words = ("serve", "--config", str(file), "--port", str(port), "--workers", str(workers))
    return Child([sys.executable, "-c", START, *words], 0, folder / "gateway.log"), port
