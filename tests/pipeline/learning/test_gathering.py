"""What is gathered beside the calls."""

import asyncio

import msgspec

from support.figured import said
from support.paperwork import write
from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.outcome import Fitness
from switchgear.domain.task import Status
from switchgear.domain.units import UnixMs
from switchgear.pipeline.learning.gathering import Standing, said_since, stand, standing_since
from switchgear.ports.papers import MOST_FOUND, Paper, PaperKind

WORD = (said(Fitness.GOOD_FIT),)
BODY = msgspec.json.encode(WORD)


def test_what_was_said_of_decisions_since_a_moment_is_found_and_nothing_older() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        for name, made, tenant in (("old", 5, "x"), ("new", 10, "x"), ("other", 11, "y")):
            kind = PaperKind.OUTCOME
            await papers.write((write(name, kind=kind, made=made, tenant=tenant, body=BODY),))
        assert await said_since(papers, UnixMs(10)) == {"new": WORD, "other": WORD}
        assert await said_since(papers, UnixMs(0), "x") == {"old": WORD, "new": WORD}

    asyncio.run(life())


def test_more_than_a_page_is_read_also_where_many_were_made_at_once() -> None:
    async def life() -> None:
        papers, count = MemoryPapers(), MOST_FOUND + 300
        for number in range(count):
            made = number // 300
            kind = PaperKind.OUTCOME
            await papers.write((write(f"sg_{number}", kind=kind, made=made, body=BODY),))
        assert len(await said_since(papers, UnixMs(0))) == count

    asyncio.run(life())


def test_tasks_that_run_are_not_told_of() -> None:
    async def life() -> None:
        papers = MemoryPapers()
        for status in Status:
            await papers.write((write(status.value, made=10, state=status.value),))
        assert await standing_since(papers, UnixMs(10)) == {
            each.value: each for each in Status if each is not Status.RUNNING
        }

    asyncio.run(life())


def test_one_that_runs_again_is_forgotten() -> None:
    found: Standing = {"t": Status.PAUSED}
    paper = Paper(kind=PaperKind.TASK, id="t", state="running", made=UnixMs(1), body=b"{}")
    stand(found, paper)
    assert found == {}
