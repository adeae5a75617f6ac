"""Gathers from the ledger what can be learnt: recent calls, with what was said of them."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec

from switchgear.domain.entry import Entry
from switchgear.domain.learning import Learning
from switchgear.domain.outcome import IMPLICIT, Outcome
from switchgear.domain.units import UnixMs
from switchgear.engine.influence import Said
from switchgear.engine.outcome import Label, Tiers, labels_of, outcomes_in, unopposed
from switchgear.engine.success.lesson import Lesson
from switchgear.engine.success.trait import Traits, traits_of
from switchgear.engine.trial import Case
from switchgear.ports.ledger import Query
from switchgear.ports.papers import MOST_FOUND, Paper, PaperKind, Papers, Sought

MOST_ROWS = 5_000
"""Calls that are looked at for what shows on them, the newest."""
MOST_JUDGED = 10_000
"""Decisions of which something was said, the newest."""
MOST_CASES = 300
"""Decisions that are kept whole, to be made again."""
PAGE = 64
"""Rows that are read at once: the loop has its turn between two pages."""
HALF_LIVES = 4.0
"""What is older counts too little to be read."""
HEARD = 0.1
"""Labels of less weight stand for nobody's word."""
MS = 1000.0


class Books(Protocol):
    """What is looked up on the ledger."""

    async def find(self, entry_id: str) -> Entry | None:
        """Return one entry."""
        ...

    async def list(self, query: Query) -> tuple[Entry, ...]:
        """Return the entries that fit, newest first."""
        ...


Stores = tuple[Books, Papers]
Spot = tuple[tuple[str, ...], str]


class Span(msgspec.Struct, frozen=True):
    """From when to when."""

    now: UnixMs
    rows: UnixMs = UnixMs(0)
    """Calls of which nobody said anything are looked at from then on."""


class Harvest(msgspec.Struct, frozen=True, kw_only=True):
    """What can be learnt, and when it was gathered."""

    said: tuple[Said, ...]
    cases: tuple[Case, ...] = ()
    at: UnixMs


async def harvested(books: Stores, learning: Learning, tiers: Tiers, span: Span) -> Harvest:
    """Return all that can be learnt now, within bounds.

    Raises:
        LedgerDown: it cannot be read.
    """
    ledger, papers = books
    now = span.now
    since = UnixMs(max(0, now - int(learning.half_life * HALF_LIVES * MS)))
    rows = await recent(ledger, UnixMs(max(since, span.rows)))
    said: list[Said] = []
    cases: list[tuple[UnixMs, Case]] = []
    judged = await outcomes_since(papers, since)
    silent: list[Said] = []
    spots: dict[Spot, bool] = {}
    for number, (name, outcomes) in enumerate(judged.items()):
        entry = rows.pop(name, None) or await ledger.find(name)
        if entry is not None:
            labels = labels_of(outcomes, entry, tiers)
            found = said_of(entry, labels)
            said += found
            cases += _cases(entry, found)
            note(spots, found, labels)
        if number % PAGE == 0:
            await asyncio.sleep(0)
    for number, entry in enumerate(rows.values()):
        labels = labels_of((), entry, tiers)
        found = said_of(entry, labels)
        said += found
        note(spots, found, labels)
        weak = None if found else unopposed(entry)
        silent += [] if weak is None else said_of(entry, (weak,))
        if number % PAGE == 0:
            await asyncio.sleep(0)
    said += [each for each in silent if spots.get(spot_of(each))]
    cases.sort(key=lambda each: each[0])
    newest = tuple([case for _, case in cases[-MOST_CASES:]])
    return Harvest(said=tuple(said), cases=newest, at=now)


async def recent(ledger: Books, since: UnixMs) -> dict[str, Entry]:
    """Return the newest calls, by id."""
    found: dict[str, Entry] = {}
    before = ""
    while len(found) < MOST_ROWS:
        page = await ledger.list(Query(since=since, before=before, limit=PAGE))
        found |= {each.id: each for each in page}
        if len(page) < PAGE:
            break
        before = page[-1].id
    return found


async def outcomes_since(papers: Papers, since: UnixMs) -> dict[str, tuple[Outcome, ...]]:
    """Return what was said of the newest decisions that are not older, by their ids."""
    found: dict[str, tuple[Outcome, ...]] = {}
    before: UnixMs | None = None
    while len(found) < MOST_JUDGED:
        sought = Sought(kind=PaperKind.OUTCOME, before=before, limit=MOST_FOUND)
        page = await papers.list(sought)
        fresh = [each for each in page if each.id not in found and each.made >= since]
        found |= {each.id: outcomes_of(each) for each in fresh}
        if len(page) < MOST_FOUND or not fresh:
            break
        before = UnixMs(page[-1].made + 1)  # others may be of the same moment
    return found


def outcomes_of(paper: Paper) -> tuple[Outcome, ...]:
    """Return what a document holds; nothing, where a newer release wrote it."""
    try:
        return outcomes_in(paper.body)
    except msgspec.MsgspecError:
        return ()


def said_of(entry: Entry, labels: Sequence[Label]) -> list[Said]:
    """Return what labels of one decision teach."""
    ask = entry.ask
    if ask is None or not labels:
        return []
    traits = traits_of(ask)
    return [_said(entry, traits, each) for each in labels if each.target]


def _said(entry: Entry, traits: Traits, label: Label) -> Said:
    lesson = Lesson(traits, label.target, label.good, label.weight, label.at)
    by = label.by or (entry.key if label.source in IMPLICIT else "")
    return Said(lesson, by, entry.id)


def spot_of(said: Said) -> Spot:
    """Return the narrowest group of calls that a label is of, and its target."""
    return said.lesson.traits.cells[-1:], said.lesson.target


def note(spots: dict[Spot, bool], said: Sequence[Said], labels: Sequence[Label]) -> None:
    """Note where all that is known are flaws: there the good answers are heard, weakly, too.

    Without them one flaw in a thousand answers would be all that is known of its target. Where
    somebody speaks, silence means nothing.
    """
    for each, label in zip(said, labels, strict=False):
        spot = spot_of(each)
        spots[spot] = label.source in IMPLICIT and spots.get(spot, True)


def _cases(entry: Entry, said: Sequence[Said]) -> list[tuple[UnixMs, Case]]:
    """Return the decision as one that can be made again, if its own target was judged."""
    if entry.ask is None or entry.situation is None or entry.decision is None:
        return []
    own = [each.lesson for each in said if each.lesson.target == entry.target]
    return [
        (
            each.at,
            Case(
                ask=entry.ask,
                situation=entry.situation,
                target=each.target,
                good=each.good,
                propensity=entry.decision.propensity,
            ),
        )
        for each in own
        if each.weight >= HEARD
    ]
