"""Documents in a database that goes away and comes back."""

import asyncio

import pytest

from support.paperwork import write
from support.postgres import Server, with_ledger
from switchgear.adapters.ledgers.postgres import PostgresLedger
from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.ports.papers import PaperKind, Sought, Written

TASK = PaperKind.TASK
LOOKS, PAUSE_S = 500, 0.02


def test_a_server_that_goes_away_is_told_and_used_again_when_it_is_back(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life(_ledger: PostgresLedger) -> None:
        found, papers = None, PostgresPapers(Secret(postgres_url))
        assert await papers.write((write("a", 1, "n"),)) is Written.DONE
        await asyncio.to_thread(postgres_server.stop)
        with pytest.raises(LedgerDown):
            await papers.write((write("a", 2),))
        with pytest.raises(LedgerDown, match="reach"):
            await papers.list(Sought(kind=TASK))
        await asyncio.to_thread(postgres_server.start)
        for _ in range(LOOKS):
            try:
                found = await papers.find(TASK, "a")
                break
            except LedgerDown:
                await asyncio.sleep(PAUSE_S)
        assert found == write("a").paper
        assert [each.id for each in await papers.notes(TASK, "a")] == ["n"]
        await papers.aclose()

    with_ledger(postgres_url, life)


def test_a_database_without_tables_is_told(postgres_url: str) -> None:
    async def life() -> None:
        papers = PostgresPapers(Secret(postgres_url))
        with pytest.raises(LedgerDown, match="switchgear serve"):
            await papers.find(TASK, "a")
        await papers.aclose()

    asyncio.run(life())


def test_a_row_that_is_none_of_ours_is_told(postgres_server: Server, postgres_url: str) -> None:
    async def life(_ledger: PostgresLedger) -> None:
        papers = PostgresPapers(Secret(postgres_url))
        await papers.write((write("a"),))
        postgres_server.say("ALTER TABLE papers ALTER made TYPE TEXT", postgres_url)
        with pytest.raises(LedgerDown):
            await papers.find(TASK, "a")
        await papers.aclose()

    with_ledger(postgres_url, life)
