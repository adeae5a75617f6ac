"""Tickets with all that they stand on, and time that a test turns by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from switchgear.adapters.chance import SystemChance
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.caller import Key, Right
from switchgear.domain.task import Caps, Status, Task
from switchgear.domain.ticket import Question, Ruling, Verdict
from switchgear.domain.units import Seconds, UnixMs
from switchgear.pipeline.task.registry import Tasks
from switchgear.pipeline.task.ticket import Tickets
from switchgear.ports.clock import Clock
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Papers

DAY_MS = 86_400_000
AGENT = Key(id="agent")
HUMAN = Key(id="human", rights=frozenset({Right.DECIDE}))
APPROVE, DENY = Ruling(verdict=Verdict.APPROVE), Ruling(verdict=Verdict.DENY)
REFUND = '{"amount":300,"tool":"refund"}'
ASK = Question(text="May I refund 300?", action=REFUND)


class HandClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def now(self) -> Seconds:
        return Seconds(self.ms / 1000)

    def date(self) -> UnixMs:
        return UnixMs(self.ms)


class Office:
    """One process: its tickets, its tasks, and the papers that others may have too."""

    def __init__(self, papers: Papers | None = None, clock: Clock | None = None) -> None:
        self.papers = papers or MemoryPapers()
        self.clock = clock or HandClock()
        self.nursery = Nursery()
        self.tasks = Tasks(self.papers, self.clock, self.nursery)
        self.tickets = Tickets(self.papers, self.tasks, self.clock, SystemChance())

    @classmethod
    def on(cls, path: Path, clock: Clock) -> "Office":
        """Return one whose papers are in a file."""
        return cls(SqlitePapers(path, durable=False), clock)

    async def aclose(self) -> None:
        await self.tickets.aclose()
        await self.tasks.aclose()
        await self.nursery.aclose(Seconds(0.0))
        await self.papers.aclose()

    async def task(self, name: str = "tk_1", **more: object) -> Task:
        """Open a task of the agent's."""
        fields = {"key": AGENT.id, "opened": 1, "seen": self.clock.date(), **more}
        live = await self.tasks.open(Task(id=name, **fields))  # type: ignore[arg-type]  # checked by use
        return live.task

    async def status(self, name: str = "tk_1") -> Status:
        """Return how a task stands in the store."""
        live = await self.tasks.fresh(name)
        assert live is not None
        return live.task.status


def about(name: str = "tk_1", **more: object) -> Question:
    """Return a question about a task."""
    return Question(text="May it go on?", task=name, **more)  # type: ignore[arg-type]  # checked by use


def raised(steps: int) -> Ruling:
    """Return an approval that raises a cap."""
    return Ruling(verdict=Verdict.APPROVE, caps=Caps(steps=steps))


def lived(life: Callable[[Office], Awaitable[None]]) -> None:
    """Do something with an office, in a loop of its own."""

    async def whole() -> None:
        office = Office()
        await life(office)
        await office.aclose()

    asyncio.run(whole())
