"""What hand-offs cost is kept though the store was away, and only the last times of it."""

import asyncio

import pytest
from typing_extensions import override

from support.relay import Relay
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.errors import LedgerDown
from switchgear.pipeline.task.friction import MOST_KEPT
from switchgear.pipeline.task.handoff import handoff_in
from switchgear.ports.papers import Paper, PaperKind, Sought


class AwayPapers(MemoryPapers):
    """A store that may be away."""

    down = False

    @override
    async def find(self, kind: PaperKind, name: str) -> Paper | None:
        if self.down and kind is PaperKind.HANDOFF:
            raise LedgerDown
        return await super().find(kind, name)


def test_what_the_store_did_not_take_is_written_later() -> None:
    async def life() -> None:
        papers = AwayPapers()
        relay = Relay(papers)
        await relay.open()
        for agent in ("a", "b", "a"):
            await relay.call(agent)
        papers.down = True
        with pytest.raises(LedgerDown):
            await relay.frictions.flush()
        assert len(relay.witness.ended) == 1
        papers.down = False
        await relay.frictions.flush()
        assert len(await papers.list(Sought(kind=PaperKind.HANDOFF))) == 1

    asyncio.run(life())


def test_of_a_pair_the_last_times_are_kept() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        relay = Relay(papers)
        await relay.open()
        for number in range(2 * MOST_KEPT + 6):
            await relay.call("ab"[number % 2])
        await relay.frictions.flush()
        found = [handoff_in(it) for it in await papers.list(Sought(kind=PaperKind.HANDOFF))]
        assert sorted(each.times for each in found) == [MOST_KEPT + 2, MOST_KEPT + 2]
        assert all(len(each.friction) == MOST_KEPT for each in found)

    asyncio.run(life())
