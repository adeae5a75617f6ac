"""The desk that keeps outcomes, and who sees some of them, with all that they stand on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from support.asked import HandClock
from support.cast import TARGETS, policy
from support.entries import decision, entry
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.entry import Entry
from switchgear.domain.outcome import Outcome
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.policydoc import versioned
from switchgear.pipeline.learning.notice import Notices
from switchgear.pipeline.learning.outcome import Outcomes
from switchgear.ports.nursery import Nursery

POLICY = versioned(policy())
NOW = 1_000_000


class Room:
    """The desk, and what it stands on."""

    def __init__(self) -> None:
        self.ledger, self.papers, self.nursery = MemoryLedger(), MemoryPapers(), Nursery()
        self.desk = Outcomes(self.papers, self.ledger, HandClock())
        self.desk.expect(POLICY.version, TARGETS)
        self.notices = Notices(self.desk, self.ledger, HandClock(), self.nursery)
        self.heard = list[Outcome]()
        self.desk.told = lambda outcome, _entry: self.heard.append(outcome)

    async def call(self, name: str, at: int = NOW, **changes: Any) -> Entry:
        fields = {"key": "app", "decision": decision(policy=POLICY.version), **changes}
        row = entry(name, at=UnixMs(at), took=Seconds(0.1), **fields)
        self.notices.hear(row)
        await self.ledger.write(row)
        return row

    async def settle(self) -> None:
        await self.nursery.aclose(Seconds(5.0))


def lived(life: Callable[[Room], Awaitable[None]]) -> None:
    async def whole() -> None:
        room = Room()
        try:
            await life(room)
        finally:
            await room.settle()

    asyncio.run(whole())
