"""Builds the two result files: a page for people, flat JSON for machines."""

from collections.abc import Mapping, Sequence

import msgspec
from bench.figure import FIGURES, Figure, Measured

MACHINE = "machine"


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures need beside them to be believed."""

    machine: str
    date: str
    quick: bool
    peers: Mapping[str, str]
    """Peer to its version, or to why it is not there."""
    stages: Mapping[str, float]
    """Stage of a call to its microseconds."""
    remarks: Sequence[str]
    """Plain sentences, such as where the load was the bottleneck."""


def write_json(found: Mapping[str, Measured]) -> bytes:
    """Return the values as one flat object, sorted by name."""
    flat = {name: shortened(found[name].value) for name in sorted(found)}
    return msgspec.json.format(msgspec.json.encode(flat), indent=2) + b"\n"


def write_page(found: Mapping[str, Measured], notes: Notes) -> str:
    """Return the page in Markdown."""
    parts = [
        "# Benchmarks",
        f"Written by `make bench` on {notes.date}. {notes.machine}.",
        "The gateway runs on one core; a raw simulated upstream and the load share the other."
        " Prompts have 1.7 kB; the ledger and the decision are on. A and B are measured in turns;"
        " each figure is the median of its rounds, with the lowest and the highest beside it."
        " Streams are paced so that each chunk is a read of its own; chunks per second are then"
        " those that a whole second of the core's time would carry. Saturated, chunks pile up, are"
        " read several at once, and cost far less: `benchmarks.json` has both."
        + (" **A quick run: short rounds, so the spread is wide.**" if notes.quick else ""),
        _table(found),
        "## Beside it, in the same run",
        _peers(found, notes.peers),
        "## Where a call's time goes",
        "The pure functions and the ledger on their own, in a loop, without the event loop's part.",
        _stages(notes.stages),
    ]
    if notes.remarks:
        parts += ["## Remarks", "\n".join(f"- {remark}" for remark in notes.remarks)]
    return "\n\n".join(parts) + "\n"


def shortened(value: float) -> float:
    """Return the value with four digits that count."""
    return float(f"{value:.4g}")


def shown(value: float) -> str:
    """Return the value as people read it."""
    short = shortened(value)
    return f"{short:,.0f}" if abs(short) >= 1000 or short == int(short) else f"{short:g}"


def judged(figure: Figure, measured: Measured | None) -> str:
    """Return what the value says about the bar and the aim."""
    if measured is None:
        return "not measured"
    if figure.bar is None:
        return ""
    if not figure.reached(measured.value, figure.bar):
        return "**falls short**"
    if figure.aim is not None and figure.reached(measured.value, figure.aim):
        return "aim reached"
    return "kept"


def _table(found: Mapping[str, Measured]) -> str:
    lines = ["| figure | value | spread | bar | aim | |", "|---|---:|---:|---:|---:|---|"]
    for figure in FIGURES:
        measured = found.get(figure.name)
        value, spread = "-", "-"
        if measured is not None:
            value = f"{shown(measured.value)} {figure.unit}"
            spread = f"{shown(measured.low)} to {shown(measured.high)}"
        bar, aim = _goal(figure, figure.bar), _goal(figure, figure.aim)
        verdict = judged(figure, measured)
        lines.append(f"| {figure.what} | {value} | {spread} | {bar} | {aim} | {verdict} |")
    return "\n".join(lines)


def _goal(figure: Figure, goal: float | None) -> str:
    return "" if goal is None else f"{figure.better.value} {shown(goal)}"


def _peers(found: Mapping[str, Measured], peers: Mapping[str, str]) -> str:
    lines = ["| whole answers | version | req/s | spread |", "|---|---|---:|---:|"]
    for name, version in peers.items():
        measured = found.get(f"{name}_rps")
        value = "-" if measured is None else shown(measured.value)
        spread = "-" if measured is None else f"{shown(measured.low)} to {shown(measured.high)}"
        lines.append(f"| {name} | {version} | {value} | {spread} |")
    return "\n".join(lines)


def _stages(stages: Mapping[str, float]) -> str:
    lines = ["| stage | us |", "|---|---:|"]
    lines += [f"| {stage} | {shown(spent)} |" for stage, spent in stages.items()]
    return "\n".join(lines)
