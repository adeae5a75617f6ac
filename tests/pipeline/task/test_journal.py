"""The log of a context."""

import asyncio

import pytest

from switchgear.adapters.papers.memory import MemoryPapers
from switchgear.domain.context import Change, Operation, Writer
from switchgear.domain.errors import LedgerDown
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task.journal import line, name, notes, read
from switchgear.ports.papers import MOST_FOUND, Note, Paper, PaperKind, Write

BY = Writer(key="k")
NOW = UnixMs(1)


def changes(count: int) -> list[Change]:
    return [Change(key=f"k{at}", deed="set", item=None, place=at) for at in range(count)]


def test_a_line_is_named_by_its_operations_id_or_its_place() -> None:
    asked = [Operation(key="k1"), Operation(key="k2", id="x")]
    found = notes(changes(3), asked, BY, 4, NOW)
    assert [each.id for each in found] == ["r:4:0", "r:4:1", name(BY, "x")]
    assert [line(each).change for each in found] == changes(3)


def test_ids_of_callers_with_different_keys_never_meet() -> None:
    assert name(Writer(key="a"), "x") != name(Writer(key="b"), "x")


async def written(revisions: int, each: int) -> MemoryPapers:
    papers = MemoryPapers()
    for revision in range(1, revisions + 1):
        paper = Paper(kind=PaperKind.CONTEXT, id="t", made=NOW, revision=revision, body=b"{}")
        lines = notes(changes(each), [], BY, revision, NOW)
        await papers.write((Write(paper=paper, notes=lines),))
    return papers


def test_a_log_of_more_than_a_page_is_read_whole_and_each_line_once() -> None:
    async def life() -> None:
        papers = await written(30, 90)
        found = await read(papers, "t")
        assert len(found) == 2700 > 2 * MOST_FOUND
        places = [(each.revision, each.change.place) for each in found]
        assert places == sorted(set(places))
        assert len(await read(papers, "t", after=29)) == 90
        assert [each.revision for each in await read(papers, "t", 3, 5)] == [4] * 5

    asyncio.run(life())


def test_a_line_that_cannot_be_read_is_our_own_fault() -> None:
    with pytest.raises(LedgerDown):
        line(Note(id="n", at=NOW, revision=1, body=b"{"))
