"""Contexts with all that they stand on: one or two processes over one store."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from support.asked import HandClock
from switchgear.adapters.ledgers.memory import MemoryLedger
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.adapters.papers.sqlite import SqlitePapers
from switchgear.domain.caller import Key
from switchgear.domain.context import Asked, Done, Operation, Writer
from switchgear.domain.task import Task
from switchgear.domain.units import Seconds
from switchgear.pipeline.task.context import Contexts
from switchgear.pipeline.task.registry import Tasks
from switchgear.ports.nursery import Nursery
from switchgear.ports.papers import Papers

Opened = Callable[[], AbstractAsyncContextManager[tuple[Papers, Papers]]]
"""Gives two that share one store, as two processes have it."""
KEY = Key(id="k")
ANN, BOB = Writer(key="k", agent="ann"), Writer(key="k", agent="bob")


class Commons:
    """One process."""

    def __init__(self, papers: Papers, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.nursery = Nursery()
        self.ledger = MemoryLedger()
        self.tasks = Tasks(papers, self.clock, self.nursery)
        self.contexts = Contexts(self.tasks, papers, self.ledger, self.clock)
        self.task = Task(id="tk_1", key="k", opened=self.clock.date())

    async def ask(self, *said: dict[str, Any], by: Writer = ANN, match: int | None = None) -> Done:
        operations = tuple(op(**each) for each in said)
        asked = Asked(operations=operations, match=match)
        return await self.contexts.change(self.task, asked, by)

    async def values(self) -> dict[str, tuple[Any, int]]:
        found = await self.contexts.snapshot(self.task.id)
        return {each.key: (each.value, each.revision) for each in found.items}


def op(**said: Any) -> Operation:
    return msgspec.convert({"value": "v", **said}, Operation)


@asynccontextmanager
async def memory() -> AsyncIterator[tuple[Papers, Papers]]:
    papers = MemoryPapers()
    yield papers, papers


@asynccontextmanager
async def sqlite() -> AsyncIterator[tuple[Papers, Papers]]:
    with tempfile.TemporaryDirectory() as folder:
        one, other = (SqlitePapers(Path(folder) / "ledger.db", durable=False) for _ in range(2))
        yield one, other
        await one.aclose()
        await other.aclose()


@asynccontextmanager
async def commons(opened: Opened) -> AsyncIterator[tuple[Commons, Commons]]:
    """Yield two processes that share a store."""
    async with opened() as (one, other):
        here, there = Commons(one), Commons(other)
        try:
            yield here, there
        finally:
            for each in (here, there):
                await each.contexts.aclose()
                await each.nursery.aclose(Seconds(0.0))
