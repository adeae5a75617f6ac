"""Keeps the three figures of a running gateway, from the ledger, which all its processes share.

Each row is read once it is settled: a call that takes its time arrives before others and is written
after them, so what is younger than the longest call is read again each time, as far as there is
room. Where more comes than is read, what came before the gap is forgotten: figures are always of
all calls since a moment.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from itertools import islice
from typing import TypeVar

from switchgear.domain.entry import Entry
from switchgear.domain.errors import LedgerDown
from switchgear.domain.goal import Goals
from switchgear.domain.units import Seconds, UnixMs
from switchgear.engine.figure.case import Case, case_of
from switchgear.engine.figure.frame import Frame, frame_before
from switchgear.engine.figure.level import groups, states_of
from switchgear.engine.figure.reckoning import OTHER, Reckoning
from switchgear.engine.figure.report import Report, State
from switchgear.pipeline.learning.gathering import Said, Standing, said_since, stand, standing_since
from switchgear.pipeline.learning.outcome import Outcomes, read
from switchgear.ports.clock import Clock
from switchgear.ports.ledger import Ledger, Query
from switchgear.ports.nursery import Nursery, called_off
from switchgear.ports.papers import MOST_FOUND, Paper, PaperKind, Papers

FIRST = Seconds(5.0)
"""After the start, before the first look."""
ROUND = Seconds(60.0)
"""Between two looks."""
SETTLED = Seconds(660.0)
"""After which no row of a call that came then is still to come: a call takes ten minutes at most,
and writing it no minute."""
PAGE = 50
"""Rows that are read at once: some milliseconds of work."""
MOST_ROUND = 5000
"""Rows that are read in one round."""
MOST_FRESH = 500
"""Of those that are not settled: the newest."""
PAUSE = Seconds(0.02)
"""After each page, so that reading never takes more than a small part of the time."""
SLICE = 50
"""Calls that are added up without a pause."""
MOST_ROUTES = 20
"""Routes that are told apart in the metrics; the rest is summed."""
MOST_CHANGES = 20_000
"""Documents that are looked at in one round; more wait for the next."""
MOST_SAID = 50_000
"""Decisions whose outcomes are kept in mind."""

Kept = TypeVar("Kept")
log = logging.getLogger("switchgear")


class Figures:
    """What was seen of the last calls, and what it comes to; it outlives a reload."""

    def __init__(self, ledger: Ledger, papers: Papers, outcomes: Outcomes, clock: Clock) -> None:
        """Take where the calls are, and what is said of them."""
        self.goals = Goals()
        self.report: Report | None = None
        """The last one, over all tenants."""
        self._ledger = ledger
        self._papers = papers
        self._outcomes = outcomes
        self._clock = clock
        self._lock = asyncio.Lock()
        self._loop: asyncio.Task[None] | None = None
        self._looked: Seconds | None = None
        self._cases: dict[str, Case] = {}
        """By id, the settled ones, oldest first."""
        self._fresh: list[Case] = []
        """The others, oldest first."""
        self._whole = True
        """All of the others are there; else they count only where there is nothing else."""
        self._covered = UnixMs(0)
        """All calls since then are known."""
        self._settled = UnixMs(0)
        """Until then they are settled."""
        self._said: Said = {}
        self._standing: Standing = {}
        self._numbers: dict[PaperKind, int] = {}
        """Of the last change that was seen, to outcomes and to tasks."""
        self._states: dict[tuple[str, str], State] = {}

    def keep(self, nursery: Nursery) -> None:
        """Look again and again from now on."""
        self._loop = nursery.spawn(self._rounds())

    async def aclose(self) -> None:
        """Look no more."""
        await called_off(self._loop)

    async def now(self, tenant: str = "") -> Report:
        """Return the figures, at most a round old; of one tenant, where one is named.

        Raises:
            LedgerDown: they cannot be read.
        """
        async with self._lock:
            fresh = self._looked is not None and self._clock.now() - self._looked < ROUND
            if self.report is None or not fresh:
                await self._look()
            if not tenant:
                return self.report or await self._reckoned("")
            return await self._reckoned(tenant)

    async def look(self) -> None:
        """Read what is new, and count.

        Raises:
            LedgerDown: it cannot be read.
        """
        async with self._lock:
            await self._look()

    async def _rounds(self) -> None:
        await asyncio.sleep(FIRST)
        while True:
            try:
                if self.goals.most:
                    await self.look()
                    self.tell()
            except LedgerDown as error:
                log.warning("figures: they are not counted: %s", error.message)
            await asyncio.sleep(ROUND)

    async def _look(self) -> None:
        frame = frame_before(UnixMs(self._clock.date() + 1), self.goals.window)
        if self._looked is None:
            await self._begin(frame)
        else:
            await self._hear()
        await self._read(frame)
        self._forget(frame)
        self.report = await self._reckoned("")
        self._looked = self._clock.now()

    async def _begin(self, frame: Frame) -> None:
        """Know what was said before this process began."""
        for kind in (PaperKind.OUTCOME, PaperKind.TASK):
            self._numbers[kind], _ = await self._papers.since(kind, 0)
        self._said = _newest(await said_since(self._papers, frame.since))
        self._standing = _newest(await standing_since(self._papers, frame.since))
        self._covered = self._settled = frame.since

    async def _hear(self) -> None:
        """Take what was said since the last time, and how tasks stand now."""
        async for paper in self._changed(PaperKind.OUTCOME):
            self._said[paper.id] = read(paper)
            if paper.id in self._cases:
                entry = await self._ledger.find(paper.id)
                if entry is not None:
                    self._cases[paper.id] = await self._case(entry)
        async for paper in self._changed(PaperKind.TASK):
            stand(self._standing, paper)

    async def _changed(self, kind: PaperKind) -> AsyncIterator[Paper]:
        """Return the documents that were written since the last time."""
        for _ in range(MOST_CHANGES // MOST_FOUND):
            self._numbers[kind], papers = await self._papers.since(kind, self._numbers[kind])
            for paper in papers:
                yield paper
            if len(papers) < MOST_FOUND:
                return

    async def _read(self, frame: Frame) -> None:
        """Read the calls that have settled, and then the newest that have not."""
        edge = UnixMs(max(self._settled, frame.until - round(SETTLED * 1000)))
        room = min(MOST_ROUND, self.goals.most) if self._cases else self.goals.most
        settled = await self._between(self._settled, edge, room)
        if settled and len(settled) >= room:
            self._cases.clear()
            self._covered = settled[-1].at
        for case in reversed(settled):
            self._cases[case.id] = case
        self._settled = edge
        fresh = await self._between(edge, frame.until, MOST_FRESH)
        self._whole = len(fresh) < MOST_FRESH
        self._fresh = fresh[::-1]

    async def _between(self, since: UnixMs, until: UnixMs, most: int) -> list[Case]:
        """Return the newest calls between two moments, newest first."""
        found: list[Case] = []
        query = Query(since=since, until=until, limit=min(PAGE, most))
        while since < until and len(found) < most:
            page = await self._ledger.list(query)
            found += [await self._case(entry) for entry in page]
            if len(page) < query.limit:
                break
            query = Query(since=since, until=until, limit=PAGE, before=page[-1].id)
            await asyncio.sleep(PAUSE)
        return found[:most]

    async def _case(self, entry: Entry) -> Case:
        tiers = await self._outcomes.tiers(entry)
        return case_of(entry, self._said.get(entry.id, ()), tiers)

    def _forget(self, frame: Frame) -> None:
        """Let go of what is too old, or too much."""
        over = len(self._cases) - self.goals.most
        for number, case in enumerate(list(islice(self._cases.values(), max(over, SLICE)))):
            if number < over or case.at < frame.since:
                del self._cases[case.id]
                self._covered = UnixMs(max(self._covered, case.at + 1))
        for kept in (self._said, self._standing):
            for name in list(islice(kept, max(len(kept) - MOST_SAID, 0))):
                del kept[name]

    async def _reckoned(self, tenant: str) -> Report:
        frame = frame_before(UnixMs(self._clock.date() + 1), self.goals.window)
        cases, covered = self._known()
        since = UnixMs(min(max(frame.since, covered), frame.until - 1))
        named = {name for name, _ in Counter(it.route for it in cases).most_common(MOST_ROUTES)}
        reckoning = Reckoning(
            Frame(since, frame.until),
            self.goals,
            lambda case: case.route if case.route in named else OTHER,
        )
        for number, case in enumerate(cases, 1):
            if not tenant or case.tenant == tenant:
                reckoning.add(case)
            if number % SLICE == 0:
                await asyncio.sleep(0)
        for _ in reckoning.settle(self._standing):
            await asyncio.sleep(0)
        return reckoning.report()

    def _known(self) -> tuple[list[Case], UnixMs]:
        """Return all calls since a moment, and that moment."""
        if self._whole:
            return [*self._cases.values(), *self._fresh], self._covered
        if self._cases:
            return list(self._cases.values()), self._covered
        return self._fresh, self._fresh[0].at

    def tell(self) -> None:
        """Log each alert of the last report once, when it begins and when it ends."""
        states: dict[tuple[str, str], State] = {}
        for group in () if self.report is None else groups(self.report):
            for name, state in states_of(group).items():
                states[group.name, name] = state
                before = self._states.get((group.name, name))
                if state is State.ALERT and before is not State.ALERT:
                    log.warning("figures: %s of %s misses its goal", name, group.name)
                elif before is State.ALERT and state is not State.ALERT:
                    log.warning("figures: %s of %s no longer misses its goal", name, group.name)
        self._states = states


def _newest(found: dict[str, Kept]) -> dict[str, Kept]:
    """Return the first, which are the newest, as far as there is room: the oldest first."""
    return dict(reversed(list(islice(found.items(), MOST_SAID))))
