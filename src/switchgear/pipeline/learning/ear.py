"""Hears what becomes of calls: what shows on them, and what is said of them in any process."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence

import msgspec

from switchgear.domain.entry import Entry
from switchgear.domain.learning import Learning
from switchgear.domain.outcome import IMPLICIT, Outcome
from switchgear.domain.units import UnixMs
from switchgear.engine.influence import Said
from switchgear.engine.outcome import NO_TIERS, Label, Tiers, labels_of, unopposed
from switchgear.pipeline.learning.harvest import (
    HEARD,
    PAGE,
    Span,
    Spot,
    Stores,
    harvested,
    note,
    outcomes_of,
    said_of,
    spot_of,
)
from switchgear.ports.papers import MOST_FOUND, PaperKind

MOST_WAITING = 10_000
"""Labels that wait to be learnt; beyond them the oldest are left to the next refit."""
MOST_RECENT = 1_000
"""Calls that are remembered whole, so that what is soon said of them needs no reading."""
MOST_HEARD = 20_000
"""Labels that are remembered, so that each is learnt once."""
MOST_SPOTS = 4_096
"""Groups in which flaws were seen."""
FULL = 256
"""Waiting labels beyond which the weakest are not taken."""


class Ear:
    """Each label is heard once: what is said again, in the same words, is nothing new."""

    def __init__(self, books: Stores | None) -> None:
        """Take where calls and outcomes are kept."""
        self.tiers: Tiers = NO_TIERS
        self.learnt: Counter[str] = Counter()
        """Labels that were heard, by whether they were ``said`` or ``seen``."""
        self.new = 0
        """Those that were heard since that was last set to 0."""
        self.since = UnixMs(0)
        """What was said until then is known: the version in force was fitted to it."""
        self.woken = asyncio.Event()
        """Somebody was told something here."""
        self._books = books
        self._number = 0
        self._recent: dict[str, Entry] = {}
        self._heard: dict[tuple[str, str], tuple[float, float]] = {}
        self._spots: dict[Spot, bool] = {}
        self._waiting: deque[Said] = deque(maxlen=MOST_WAITING)

    def __len__(self) -> int:
        """Return how many labels wait to be learnt."""
        return len(self._waiting)

    def hear(self, entry: Entry) -> None:
        """Take note of a call that has ended."""
        if entry.ask is None or entry.decision is None:
            return
        self._remember(
            entry if entry.request is None else msgspec.structs.replace(entry, request=None)
        )
        labels = labels_of((), entry, self.tiers)
        if labels:
            self._teach(said_of(entry, labels), labels)
        elif self._spots and len(self._waiting) < FULL:
            weak = unopposed(entry)
            said = [] if weak is None else said_of(entry, (weak,))
            self._waiting += [each for each in said if self._spots.get(spot_of(each))]

    def told(self, outcome: Outcome, entry: Entry) -> None:
        """Take note of what is kept in this process: it is heard with all else, only sooner."""
        if outcome.decision not in self._recent:
            self._remember(entry)
        self.woken.set()

    def take(self, most: int) -> list[Said]:
        """Return the labels that waited longest, less those that are known already."""
        waiting = self._waiting
        some = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        return [each for each in some if each.lesson.at > self.since]

    def put_back(self, said: Iterable[Said]) -> None:
        """Let labels be learnt once more, before those that wait."""
        waiting = [*said, *self._waiting]
        self._waiting.clear()
        self._waiting += waiting

    async def begin(self) -> None:
        """Hear of all that is said from now on.

        Raises:
            LedgerDown: not yet.
        """
        if self._books is not None:
            self._number, _ = await self._books[1].since(PaperKind.OUTCOME, 0)

    async def listen(self) -> None:
        """Hear what was said in any process.

        Raises:
            LedgerDown: it is heard later.
        """
        if self._books is None:
            return
        ledger, papers = self._books
        more = True
        while more:
            number, found = await papers.since(PaperKind.OUTCOME, self._number)
            for place, paper in enumerate(found, 1):
                entry = self._recent.get(paper.id) or await ledger.find(paper.id)
                if entry is not None:
                    labels = labels_of(outcomes_of(paper), entry, self.tiers)
                    self._teach(said_of(entry, labels), labels)
                if place % PAGE == 0:
                    await asyncio.sleep(0)
            self._number, more = number, len(found) >= MOST_FOUND

    async def recall(self, learning: Learning, now: UnixMs) -> None:
        """Hear again what was said and seen since a version was made.

        Raises:
            LedgerDown: it is heard later.
        """
        if self._books is None:
            return
        harvest = await harvested(self._books, learning, self.tiers, Span(now, self.since))
        for each in sorted(harvest.said, key=lambda one: one.lesson.at):
            if self._is_new(each):
                self._taught(each)

    def _remember(self, entry: Entry) -> None:
        self._recent[entry.id] = entry
        if len(self._recent) > MOST_RECENT:
            del self._recent[next(iter(self._recent))]

    def _teach(self, said: Sequence[Said], labels: Sequence[Label]) -> None:
        for each, label in zip(said, labels, strict=False):
            if self._is_new(each):
                self.learnt["seen" if label.source in IMPLICIT else "said"] += 1
                self._taught(each)
        note(self._spots, said, labels)
        while len(self._spots) > MOST_SPOTS:
            del self._spots[next(iter(self._spots))]

    def _taught(self, said: Said) -> None:
        if said.lesson.at > self.since:
            self._waiting.append(said)
            self.new += said.lesson.weight >= HEARD

    def _is_new(self, said: Said) -> bool:
        name, what = (said.decision, said.lesson.target), (said.lesson.good, said.lesson.weight)
        if self._heard.get(name) == what:
            return False
        self._heard.pop(name, None)
        self._heard[name] = what
        if len(self._heard) > MOST_HEARD:
            del self._heard[next(iter(self._heard))]
        return True
