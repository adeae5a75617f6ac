"""Gathers what figures need beside the calls: what was said of them, and how their tasks stand."""

from collections.abc import AsyncIterator

import msgspec

from switchgear.domain.outcome import Outcome
from switchgear.domain.task import Status
from switchgear.domain.units import UnixMs
from switchgear.pipeline.learning.outcome import read
from switchgear.ports.papers import MOST_FOUND, Paper, PaperKind, Papers, Sought

MOST_READ = 200_000
"""Documents of one kind that are looked at: the newest."""

Said = dict[str, tuple[Outcome, ...]]
"""By decision."""
Standing = dict[str, Status]
"""By task; those that run are not there."""


async def said_since(papers: Papers, since: UnixMs, tenant: str = "") -> Said:
    """Return what was said of the decisions since a moment.

    Raises:
        LedgerDown: it cannot be read.
    """
    found: Said = {}
    async for paper in _pages(papers, PaperKind.OUTCOME, since, tenant):
        found[paper.id] = read(paper)
    return found


async def standing_since(papers: Papers, since: UnixMs, tenant: str = "") -> Standing:
    """Return how the tasks stand that were opened since a moment, but for those that run.

    Raises:
        LedgerDown: it cannot be read.
    """
    found: Standing = {}
    async for paper in _pages(papers, PaperKind.TASK, since, tenant):
        stand(found, paper)
    return found


def stand(standing: Standing, paper: Paper) -> None:
    """Take note of how a task stands."""
    if paper.state in {Status.PAUSED.value, Status.STOPPED.value, Status.DONE.value}:
        standing[paper.id] = Status(paper.state)
    else:
        standing.pop(paper.id, None)


async def _pages(
    papers: Papers, kind: PaperKind, since: UnixMs, tenant: str
) -> AsyncIterator[Paper]:
    """Return the documents of a kind, newest first; those of one millisecond may come twice."""
    sought = Sought(kind=kind, tenant=tenant or None, limit=MOST_FOUND)
    for _ in range(MOST_READ // MOST_FOUND):
        page = await papers.list(sought)
        for paper in page:
            if paper.made < since:
                return
            yield paper
        if len(page) < MOST_FOUND:
            return
        last = page[-1].made
        before = UnixMs(last if page[0].made == last else last + 1)
        sought = msgspec.structs.replace(sought, before=before)
