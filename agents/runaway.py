"""``python -m agents.runaway``: agents whose model never comes to an end, through ``serve``.

Each is a client as people write it, with the limits that it has by itself, and names no task: the
gateway finds that out. It prints a line for each, and exits with 1 when one was not stopped, was
not told why, sent anything after that, or spent otherwise than the ledger says.
"""

import asyncio
import json
import re
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from agents.acting import Part, act
from agents.agent import AGENTS, CHAT, Agent
from agents.config import ALIAS, config
from agents.environment import BUILD, install
from agents.host import DOWN, UP, Host
from agents.recipe import recipes
from agents.relay import Relay, Wall
from faults.served import serving

from switchgear.domain.dialect import Dialect

NAMES = ("openai", "langgraph")
RAN = re.compile(r"^RAN (.*)$", re.MULTILINE)
TAIL = 800
CAP_USD = 0.05
CAP = 50_000_000
"""The same in nano-dollars."""
COST = "SELECT coalesce(sum(cost), 0), count(*) FROM decisions"
RUNGS = "SELECT rung FROM decisions WHERE rung != '' ORDER BY number"
STOPPED = 422


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one run."""

    agent: str
    version: str
    turns: int
    asked: int
    """Requests that the gateway got."""
    answered: int
    """Requests that the target got."""
    rungs: tuple[str, ...]
    spent_usd: float
    said: str
    flaws: tuple[str, ...]


async def run_away(agent: Agent, folder: Path) -> Outcome:
    """Let one agent go in circles until it is stopped."""
    version = await install(agent)
    host, relay, wall = Host(), Relay(), Wall()
    _clear(folder)
    await host.start()
    await wall.start()
    content = config(host, Dialect.OPENAI_CHAT, ())
    for section in ("targets", "providers"):
        del content[section][DOWN]
    content["aliases"] = {ALIAS: {"targets": [UP]}}
    content["tasks"] = {"caps": {"usd": CAP_USD, "at_cap": "stop"}}
    part = Part(
        agent=msgspec.structs.replace(agent, part="runaway"),
        wire=CHAT,
        blocks=recipes(agent.name),
        seed="runaway",
        home=folder / "home",
    )
    try:
        async with serving(folder, content) as served:
            await relay.start(served.port)
            ended = await act(part, relay.port, wall.port)
            relay.stop()
            await served.end(signal.SIGTERM)
    finally:
        await host.stop()
        wall.stop()
    found = RAN.findall(ended.said)
    ran = json.loads(found[-1]) if found else {"said": ended.said[-TAIL:]}
    return _judged(agent, version, ran, relay, host, folder)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _judged(  # noqa: PLR0913, PLR0917  (all that was seen)
    agent: Agent, version: str, ran: dict[str, Any], relay: Relay, host: Host, folder: Path
) -> Outcome:
    with closing(sqlite3.connect(f"file:{folder / 'calls.db'}?mode=rw", uri=True)) as file:
        spent, rows = file.execute(COST).fetchone()
        rungs = tuple(rung for (rung,) in file.execute(RUNGS))
    turns, said = ran.get("turns", 0), ran.get("said", "")
    asked = sum(each.startswith("POST") for each in relay.asked)
    price = sum(2_000 * (100 + number) + 2_000 * 21 for number in range(1, len(host.served) + 1))
    claims = {
        f"it ended with {ran.get('status')}": ran.get("status") == STOPPED,
        "it was not told what was seen": "look" in said and "decision" in said,
        f"{asked} requests for {turns} answers": asked == turns + 1 == rows,
        f"{len(host.served)} requests at the target": len(host.served) == turns,
        f"{spent} nano-dollars, and it should be {price}": spent == price <= CAP,
        f"the rungs were {rungs}": rungs[-1:] == ("pause",),
    }
    return Outcome(
        agent=agent.name,
        version=version,
        turns=turns,
        asked=asked,
        answered=len(host.served),
        rungs=rungs,
        spent_usd=spent / 1e9,
        said=said,
        flaws=tuple(claim for claim, holds in claims.items() if not holds),
    )


async def _all() -> list[Outcome]:
    agents = {each.name: each for each in AGENTS}
    return [
        await run_away(agents[name], BUILD / "runs" / f"{name}.runaway")
        for name in NAMES
        if name in (sys.argv[1:] or NAMES)
    ]


def main() -> None:
    """Run, and print."""
    outcomes = asyncio.run(_all())
    print(json.dumps(msgspec.to_builtins(outcomes), indent=2))
    sys.exit(1 if any(each.flaws for each in outcomes) else 0)


if __name__ == "__main__":
    main()
