"""One run of one agent: the stage, the act, and what came of it."""

import time
from pathlib import Path

import msgspec
import yaml
from agents.acting import Ended, Part, act
from agents.agent import Agent, Wire
from agents.booked import read
from agents.cell import Cell
from agents.host import UP
from agents.judge import besides, flaws
from agents.recipe import recipes
from agents.stage import Stage, staged

from switchgear.domain.dialect import Dialect


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried."""

    agent: Agent
    version: str
    wire: Wire
    target: Dialect

    @property
    def name(self) -> str:
        """Return a name that no other trial has."""
        return f"{self.agent.name}.{self.wire.dialect.value}.{self.target.value}"


async def tried(trial: Trial, folder: Path) -> Cell:
    """Let an agent do its task through a gateway of its own, in ``folder``."""
    began = time.monotonic()
    blocks = recipes(trial.agent.name)
    part = Part(
        agent=trial.agent,
        wire=trial.wire,
        blocks=blocks,
        seed=f"{trial.name} {began}",
        home=folder / "home",
    )
    aliases = yaml.safe_load(blocks.get("aliases", "")) or {}
    async with staged(folder, trial.target, aliases.get("aliases", {})) as stage:
        ended = await act(part, stage.relay.port, stage.wall.port)
    booked = read(stage.ledger, UP)
    _keep(folder, stage, ended)
    found = flaws(part, ended, stage, booked)
    return Cell(
        agent=trial.agent.name,
        version=trial.version,
        wire=trial.wire.dialect.value,
        target=trial.target.value,
        form=booked.form,
        verdict="broken" if found else "held",
        calls=booked.calls,
        fallbacks=booked.failures,
        dropped=booked.dropped,
        besides=tuple(besides(stage.relay)),
        outside=tuple(sorted(stage.wall.tried)),
        seconds=round(time.monotonic() - began, 1),
        note="; ".join(found),
    )


def _keep(folder: Path, stage: Stage, ended: Ended) -> None:
    """Write down what was seen, for who looks into a trial that did not hold."""
    (folder / "agent.txt").write_text(ended.said)
    (folder / "asked.txt").write_text("\n".join(stage.relay.asked))
    (folder / "served.json").write_bytes(msgspec.json.encode(stage.host.served))
    for number, raw in enumerate(stage.host.requests, 1):
        (folder / f"request-{number}.json").write_bytes(raw)
