"""Documents in memory have a bound."""

import asyncio

from support.paperwork import write
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.ports.papers import PaperKind, Sought

TASK, TICKET = PaperKind.TASK, PaperKind.TICKET


def test_what_was_not_changed_for_longest_goes_first_and_all_of_it() -> None:
    async def life() -> None:
        papers = MemoryPapers(most=2)
        await papers.write((write("a", 1, "n"),))
        await papers.write((write("b", 1, "n", kind=TICKET),))
        await papers.write((write("a", 2),))
        await papers.write((write("c"),))
        assert await papers.find(TICKET, "b") is None
        assert await papers.notes(TICKET, "b") == ()
        assert [each.id for each in await papers.list(Sought(kind=TASK))] == ["c", "a"]
        assert [each.id for each in await papers.notes(TASK, "a")] == ["n"]

    asyncio.run(life())
