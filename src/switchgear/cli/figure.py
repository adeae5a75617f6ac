"""Reads the ledger and what was said of it, page by page, and counts."""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from pathlib import Path

import msgspec

from switchgear.cli.papers import open_store
from switchgear.cli.remote import Readable
from switchgear.cli.shelf import carried_out, open_shelf, refuse
from switchgear.cli.tree import day
from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.goal import Goals
from switchgear.engine.figure.case import Case, case_of
from switchgear.engine.figure.frame import Frame
from switchgear.engine.figure.need import Tiers
from switchgear.engine.figure.reckoning import Reckoning, settled
from switchgear.engine.figure.report import Report
from switchgear.pipeline.learning.gathering import Said, Standing, said_since, standing_since
from switchgear.pipeline.learning.outcome import tiers_in
from switchgear.ports.ledger import MOST_ROWS, Query
from switchgear.ports.papers import Papers

MOST_POLICIES = 64
"""Whose tiers are remembered."""


class By(Enum):
    """What figures are grouped by."""

    ROUTE = "route"
    TARGET = "target"
    AGENT = "agent"
    DAY = "day"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are counted."""

    frame: Frame
    tenant: str = ""
    route: str = ""
    """Of these routes only: one that is this, or that was asked for by this name."""
    by: By = By.ROUTE
    goals: Goals = Goals()


Tick = Callable[[int], object]
"""Is told how many calls were counted since the last time."""


def figures(wanted: Wanted, ledger: Path | None, config: Path | None, tick: Tick) -> Report:
    """Return the figures, or exit with 2 and say why they are not known."""
    papers = open_store(ledger, config)
    shelf = open_shelf(ledger, config)
    try:
        said, standing = carried_out(_gathered(papers, wanted))
        reckoning = Reckoning(wanted.frame, wanted.goals, GROUPS[wanted.by])
        for case in _cases(shelf, wanted, said, tick):
            reckoning.add(case)
        return settled(reckoning, standing)
    except LedgerDown as error:
        refuse(error.message)
    finally:
        shelf.close()


async def _gathered(papers: Papers, wanted: Wanted) -> tuple[Said, Standing]:
    since, tenant = wanted.frame.since, wanted.tenant
    try:
        said = await said_since(papers, since, tenant)
        return said, await standing_since(papers, since, tenant)
    finally:
        await papers.aclose()


def _cases(shelf: Readable, wanted: Wanted, said: Said, tick: Tick) -> Iterator[Case]:
    frame = wanted.frame
    query = Query(
        since=frame.since, until=frame.until, tenant=wanted.tenant or None, limit=MOST_ROWS
    )
    find = partial(_tiers, shelf, {})
    for page in shelf.pages(query):
        for entry in page:
            case = case_of(entry, said.get(entry.id, ()), find(entry))
            if not wanted.route or wanted.route in {case.route, entry.model}:
                yield case
        tick(len(page))


def _tiers(shelf: Readable, known: dict[str, Tiers], entry: Entry) -> Tiers:
    version = "" if entry.decision is None else entry.decision.policy
    if version not in known:
        while len(known) >= MOST_POLICIES:
            del known[next(iter(known))]
        known[version] = tiers_in(shelf.find_policy(version)) if version else {}
    return known[version]


def _day(case: Case) -> str:
    return day(case.at)


GROUPS: dict[By, Callable[[Case], str]] = {
    By.ROUTE: lambda case: case.route,
    By.TARGET: lambda case: case.target,
    By.AGENT: lambda case: case.agent,
    By.DAY: _day,
}
