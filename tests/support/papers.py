"""A store of documents that takes its time, counts what it is asked, and can be away."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from typing_extensions import override

from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.errors import LedgerDown
from switchgear.ports.papers import Note, Paper, PaperKind, Papers, Sought, Write, Written


class SlowPapers(Papers):
    """Waits before and after each verb, so that everything else may come in between."""

    def __init__(self, inner: Papers | None = None, pause: float = 0.001) -> None:
        self.inner = inner or MemoryPapers()
        self.pause = pause
        self.down = False
        self.asked: Counter[str] = Counter()

    async def _wait(self, verb: str) -> None:
        self.asked[verb] += 1
        await asyncio.sleep(self.pause)
        if self.down:
            raise LedgerDown

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        await self._wait("find")
        found = await self.inner.find(kind, name)
        await asyncio.sleep(self.pause)
        return found

    @override
    async def write(self, writes: Sequence[Write]) -> Written:
        await self._wait("write")
        done = await self.inner.write(writes)
        await asyncio.sleep(self.pause)
        return done

    @override
    async def list(self, sought: Sought) -> tuple[Paper, ...]:
        await self._wait("list")
        return await self.inner.list(sought)

    @override
    async def notes(self, kind: PaperKind, name: str, after: int = 0) -> tuple[Note, ...]:
        await self._wait("notes")
        return await self.inner.notes(kind, name, after)

    @override
    async def since(self, kind: PaperKind, number: int) -> tuple[int, tuple[Paper, ...]]:
        await self._wait("since")
        return await self.inner.since(kind, number)

    @override
    async def aclose(self) -> None:
        await self.inner.aclose()
