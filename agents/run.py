"""``make agents``: run every agent through the gateway, and write docs/agents.md and .json.

An agent that cannot be installed is on the page with what the installer said. Exits with 1 when a
trial did not hold.
"""

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from agents.agent import AGENTS, Agent, Wire
from agents.cell import Cell
from agents.environment import BUILD, NotInstalled, install
from agents.page import Notes, write_json, write_page
from agents.trial import Trial, tried
from faults.machine import machine

from switchgear.wire.registry import TONGUES

ROOT = Path(__file__).parents[1]
AT_ONCE = 2
"""Trials under way: an agent and its gateway wait for each other, so two fill two cores."""


def main() -> None:
    """Run, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only trials with this in their name")
    parser.add_argument("--light", action="store_true", help="only agents that install in seconds")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the results")
    parser.add_argument("--list", action="store_true", help="name the agents, and end")
    wish = parser.parse_args()
    if wish.list:
        print("\n".join(agent.name for agent in AGENTS))
        return
    began = time.monotonic()
    wanted = [agent for agent in AGENTS if agent.light or not wish.light]
    cells = asyncio.run(_all(wanted, wish.only))
    notes = Notes(
        machine=machine(),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        seconds=time.monotonic() - began,
        partial=" ".join(["--light"] * wish.light + [wish.only] * bool(wish.only)),
    )
    wish.out.mkdir(parents=True, exist_ok=True)
    (wish.out / "agents.json").write_bytes(write_json(cells, notes))
    (wish.out / "agents.md").write_text(write_page(cells, notes))
    bad = sum(each.verdict in {"broken", "not installed"} for each in cells)
    print(f"{sum(each.verdict == 'held' for each in cells)} held, {bad} did not", flush=True)
    sys.exit(1 if bad else 0)


async def _all(agents: Sequence[Agent], only: str) -> list[Cell]:
    gate = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_agent(agent, gate, only))
            for agent in agents
            if any(only in name for name in _names(agent))
        ]
    return [cell for task in tasks for cell in task.result()]


def _names(agent: Agent) -> list[str]:
    return [trial.name for wire in agent.wires for trial in _trials(agent, wire, "")]


def _trials(agent: Agent, wire: Wire, version: str) -> list[Trial]:
    """Return a trial for each dialect that a target may speak, the agent's own first."""
    targets = sorted(TONGUES, key=lambda dialect: dialect is not wire.dialect)
    return [
        Trial(agent=agent, version=version, wire=wire, target=target)
        for target in targets
        if wire.dialect in TONGUES
    ]


async def _agent(agent: Agent, gate: asyncio.Semaphore, only: str) -> list[Cell]:
    """Run all trials of one agent."""
    try:
        async with gate:
            version = await install(agent)
    except (NotInstalled, OSError) as error:
        cell = Cell(agent=agent.name, wire="", verdict="not installed", note=str(error))
        _tell(cell)
        return [cell]
    cells = []
    for wire in agent.wires:
        for trial in _trials(agent, wire, version):
            if only in trial.name:
                async with gate:
                    cells.append(await _one(trial))
                _tell(cells[-1])
    return cells


async def _one(trial: Trial) -> Cell:
    try:
        return await tried(trial, BUILD / "runs" / trial.name)
    except (RuntimeError, OSError, KeyError, sqlite3.Error) as error:
        return Cell(
            agent=trial.agent.name,
            version=trial.version,
            wire=trial.wire.dialect.value,
            target=trial.target.value,
            verdict="broken",
            note=f"it did not begin: {error!r}",
        )


def _tell(cell: Cell) -> None:
    words = f"{cell.verdict:8} {cell.agent} {cell.wire} -> {cell.target} {cell.seconds} s"
    print(f"{words}  {cell.note}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
