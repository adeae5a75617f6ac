"""A ledger file with calls and what was said of them, for commands that count."""

import asyncio
from pathlib import Path

import msgspec

from support.cast import policy
from support.figured import call, chosen, said
from support.paperwork import write
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.entry import Entry
from switchgear.domain.outcome import Outcome
from switchgear.domain.units import UnixMs
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.ports.papers import PaperKind, Write

POLICY = versioned(policy())
HOUR = 3_600_000
DAY = 24 * HOUR


def row(name: str, target: str = "small", ago: int = 2 * HOUR, **more: object) -> Entry:
    """Return a call of some time ago, decided by the policy that the ledger keeps."""
    at = UnixMs(SystemClock().date() - ago)
    rule = str(more.pop("rule", ""))
    decided = chosen(target, policy=POLICY.version, rule=rule)
    return call(name, target, **{"at": at, "decision": decided, **more})


def fill(file: Path, *rows: tuple[Entry, Outcome | None]) -> None:
    """Write the calls, each with what was said of it, if anything."""

    async def life() -> None:
        ledger = SqliteLedger(file, durable=False)
        await ledger.keep_policy(POLICY.version, encode_policy(POLICY))
        await asyncio.gather(*[ledger.write(entry) for entry, _ in rows])
        await ledger.aclose()
        papers = SqlitePapers(file, durable=False)
        await papers.write([_paper(entry, word) for entry, word in rows if word is not None])
        await papers.aclose()

    asyncio.run(life())


def _paper(entry: Entry, word: Outcome) -> Write:
    word = msgspec.structs.replace(word, decision=entry.id)
    body = msgspec.json.encode((word,))
    kind = PaperKind.OUTCOME
    return write(entry.id, kind=kind, made=entry.at, tenant=entry.tenant, body=body)


__all__ = ["DAY", "HOUR", "fill", "row", "said"]
