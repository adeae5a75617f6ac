"""A ledger file with calls and what was said of them, for commands that count."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from support.cast import policy
from support.figured import call, chosen, said
from support.paperwork import write
from support.postgres import with_ledger
from switchgear.adapters.clock import SystemClock
from switchgear.adapters.ledgers.postgres import PostgresLedger
from switchgear.adapters.ledgers.sqlite import SqliteLedger
from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.entry import Entry
from switchgear.domain.outcome import Outcome
from switchgear.domain.secret import Secret
from switchgear.domain.units import UnixMs
from switchgear.engine.policydoc import encode_policy, versioned
from switchgear.ports.ledger import Ledger
from switchgear.ports.papers import PaperKind, Papers, Write

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
    ledger = SqliteLedger(file, durable=False)
    asyncio.run(_filled(ledger, SqlitePapers(file, durable=False), rows))


def fill_database(url: str, *rows: tuple[Entry, Outcome | None]) -> None:
    """Write them into a database."""

    async def life(ledger: PostgresLedger) -> None:
        await _filled(ledger, PostgresPapers(Secret(url)), rows)

    with_ledger(url, life)


async def _filled(
    ledger: Ledger, papers: Papers, rows: Sequence[tuple[Entry, Outcome | None]]
) -> None:
    await ledger.keep_policy(POLICY.version, encode_policy(POLICY))
    await asyncio.gather(*[ledger.write(entry) for entry, _ in rows])
    await papers.write([_paper(entry, word) for entry, word in rows if word is not None])
    await papers.aclose()
    await ledger.aclose()


def _paper(entry: Entry, word: Outcome) -> Write:
    word = msgspec.structs.replace(word, decision=entry.id)
    body = msgspec.json.encode((word,))
    kind = PaperKind.OUTCOME
    return write(entry.id, kind=kind, made=entry.at, tenant=entry.tenant, body=body)


__all__ = ["DAY", "HOUR", "fill", "fill_database", "row", "said"]
