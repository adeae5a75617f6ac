"""What exploring may spend today: lent from one account that all workers and nodes share."""

import msgspec

from switchgear.domain.learning import Exploring
from switchgear.domain.units import NanoUsd, UnixMs
from switchgear.ports.papers import Paper, PaperKind, Papers, Write, Written

SLICES = 96
"""Parts of a day's money that are lent one at a time: a quarter of an hour's each."""
AHEAD = 4
"""Slices that may be lent before their time has come, so that a day can begin."""
MOST_HELD = 4
"""Slices that one process has at once: what it does not spend that day is spent by nobody."""
DAY_MS = 86_400_000
ACCOUNT = "exploring/"
MOST_TRIES = 3


class Lent(msgspec.Struct, frozen=True):
    """What was lent of one day's money, to all."""

    amount: int = 0
    """Nano-dollars."""


class Pocket:
    """Never spends what it was not lent, so that all together never spend more than there is."""

    def __init__(self, papers: Papers) -> None:
        """Take where it is kept what was lent."""
        self.exploring = Exploring()
        self.spent = NanoUsd(0)
        """By this process, since it began."""
        self._papers = papers
        self._day = 0
        self._held = 0

    def now(self, date: UnixMs) -> NanoUsd:
        """Return what one call may be made dearer by, now."""
        return NanoUsd(self._held if self._held and date // DAY_MS == self._day else 0)

    def spend(self, amount: NanoUsd) -> None:
        """Take away what a call was made dearer by."""
        paid = max(0, min(amount, self._held))
        self._held -= paid
        self.spent = NanoUsd(self.spent + paid)

    async def fill(self, date: UnixMs) -> None:
        """Be lent what may be had now.

        Raises:
            LedgerDown: nothing was lent.
        """
        day, daily = date // DAY_MS, self.exploring.daily
        if day != self._day:
            self._day, self._held = day, 0  # yesterday's is gone
        part = -(-daily // SLICES)
        if daily <= 0 or self._held > (MOST_HELD - 1) * part:
            return
        for _ in range(MOST_TRIES):
            paper = await self._papers.find(PaperKind.BRAIN, _account(day))
            lent = _lent(paper)
            more = min(part, allowed(daily, date) - lent.amount)
            if more <= 0:
                return
            write = _write(day, Lent(lent.amount + more), paper)
            if await self._papers.write((write,)) is Written.DONE:
                self._held += more
                return


def allowed(daily: NanoUsd, date: UnixMs) -> int:
    """Return how much of a day's money may have been lent by now, whole nano-dollars."""
    slices = date % DAY_MS * SLICES // DAY_MS + AHEAD
    return min(daily, daily * slices // SLICES)


def _account(day: int) -> str:
    return f"{ACCOUNT}{day}"


def _lent(paper: Paper | None) -> Lent:
    try:
        return Lent() if paper is None else msgspec.json.decode(paper.body, type=Lent)
    except ValueError:  # not ours: then all of it counts as lent
        return Lent(1 << 62)


def _write(day: int, lent: Lent, before: Paper | None) -> Write:
    return Write(
        paper=Paper(
            kind=PaperKind.BRAIN,
            id=_account(day),
            state="account",
            made=UnixMs(day * DAY_MS),
            revision=1 if before is None else before.revision + 1,
            body=msgspec.json.encode(lent),
        )
    )
