"""A ledger file with some decisions in it, for commands that say how they did."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner, Result

from support.cast import NEVER, ask, policy
from support.entries import READY, attempt, entry
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.cli import assemble
from switchgear.domain.entry import End, Entry
from switchgear.domain.outcome import Outcome
from switchgear.domain.units import UnixMs
from switchgear.engine.decide import decide
from switchgear.engine.outcome import outcomes_in
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.ports.papers import PaperKind

POLICY = versioned(policy())
DECISION = decide(ask(), READY, POLICY, NEVER)
BODY = b'{"model":"auto","messages":[{"role":"user","content":"What is\\u001b[2J up?"}]}'
PLAIN = entry("sg_1", at=UnixMs(1_000), decision=DECISION, agent="clerk", request=BODY)
WRITER = entry(
    "sg_2",
    at=UnixMs(2_000),
    decision=DECISION,
    agent="writer",
    model="smart",
    target="mid",
    attempts=(attempt("mid"),),
)
REFUSED = entry(
    "sg_3", at=UnixMs(3_000), end=End.FAILED, code="malformed_body", status=400, target="",
    ask=None, decision=None, attempts=(),
)  # fmt: skip


def fill(path: Path, *entries: Entry) -> Path:
    """Write these, or the three above."""

    async def life() -> None:
        ledger = SqliteLedger(path, durable=False)
        await ledger.keep_policy(POLICY.version, encode_policy(POLICY))
        for each in entries or (PLAIN, WRITER, REFUSED):
            await ledger.write(each)
        await ledger.aclose()

    asyncio.run(life())
    return path


def outcomes(path: Path, decision: str) -> tuple[Outcome, ...]:
    """Return what is kept of one decision."""

    async def life() -> tuple[Outcome, ...]:
        papers = SqlitePapers(path, durable=False)
        paper = await papers.find(PaperKind.OUTCOME, decision)
        await papers.aclose()
        return () if paper is None else outcomes_in(paper.body)

    return asyncio.run(life())


def run(*words: str, typed: str | bytes = "") -> Result:
    """Run a command, as if this were typed."""
    return CliRunner().invoke(assemble(), words, input=typed, env={"COLUMNS": "140"})
