"""Processes that learn from one ledger: their brains, what they were told, and the time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from support.cast import ask, policy
from support.entries import attempt, decision, entry
from switchgear.adapters.clock import ManualClock
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.entry import Entry
from switchgear.domain.event import Stop
from switchgear.domain.learning import Learning
from switchgear.domain.outcome import Source
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.policydoc import versioned
from switchgear.engine.saying import Saying
from switchgear.pipeline.learning.brain import Brain, Footing
from switchgear.pipeline.learning.outcome import Outcomes
from switchgear.pipeline.learning.refit import Work, here
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Papers

PLAIN = Learning()
DENSE = b"\x01\x00\x02\x00\x03\x00"


class School:
    """Nobody learns before ``brain.round()``; refits are done in this process."""

    def __init__(self, papers: Papers | None = None, work: Work = here) -> None:
        self.clock = ManualClock()
        self.ledger, self.papers = MemoryLedger(), papers or MemoryPapers()
        self.nursery = Nursery()
        self.work = work
        self.policy = versioned(policy())
        self.desk = Outcomes(self.papers, self.ledger, self.clock)
        self.desk.expect(self.policy.version, self.policy.targets)
        self.brains: list[Brain] = []

    async def brain(self, wanted: Learning = PLAIN) -> Brain:
        """Return another process's, which has begun and does not learn by itself."""
        footing = Footing(
            ledger=self.ledger,
            papers=self.papers,
            clock=self.clock,
            nursery=self.nursery,
            work=self.work,
        )
        brain = Brain(footing)
        brain.expect(wanted, self.policy)
        await brain._begin()
        self.brains.append(brain)
        return brain

    async def call(
        self, name: str, agent: str = "a", target: str = "small", **more: object
    ) -> Entry:
        fields: dict[str, object] = {
            "at": self.clock.date(),
            "agent": agent,
            "target": target,
            "ask": ask(agent=agent, grams=DENSE),
            "decision": decision(policy=self.policy.version),
            "attempts": (attempt(target, stop=Stop.END),),
        }
        row = entry(name, **{**fields, **more})
        await self.ledger.write(row)
        return row

    async def flawed(self, name: str, agent: str = "a", **more: object) -> Entry:
        """Return a call whose answer was of no use."""
        flawed = attempt("small", flaw="empty", code="flawed")
        return await self.call(name, agent, "small", attempts=(flawed,), **more)

    async def say(
        self, row: Entry, score: float, by: str = "", source: Source = Source.EVAL
    ) -> None:
        await self.desk.keep(Saying(decision=row.id, score=score, source=source), row, by)

    async def judged(
        self, count: int, score: float, agent: str = "a", target: str = "small", by: str = ""
    ) -> None:
        """Let so many calls come and be judged, a second apart."""
        for _ in range(count):
            self.clock.advance(Seconds(1.0))
            name = f"sg_{len(self.ledger.entries):06}"
            await self.say(await self.call(name, agent, target), score, by)

    async def settle(self) -> None:
        """Let a refit end."""
        for brain in self.brains:
            if brain._refitting is not None:
                await asyncio.wait({brain._refitting})

    def now(self) -> UnixMs:
        return self.clock.date()


def lived(life: Callable[[School], Awaitable[None]], papers: Papers | None = None) -> None:
    async def whole() -> None:
        school = School(papers)
        try:
            await life(school)
        finally:
            for brain in school.brains:
                await brain.aclose()
            await school.nursery.aclose(Seconds(5.0))

    asyncio.run(whole())


def chance(brain: Brain, target: str = "small", agent: str = "a") -> float | None:
    """Return what a brain says of a target on a call of an agent."""
    said = brain.odds(ask(agent=agent, grams=DENSE)).chances
    return next((each.p for each in said if each.target == target), None)


def chances(brains: Sequence[Brain], target: str = "small") -> list[float | None]:
    return [chance(each, target) for each in brains]


def learning(**changes: object) -> Learning:
    return msgspec.structs.replace(PLAIN, **changes)
