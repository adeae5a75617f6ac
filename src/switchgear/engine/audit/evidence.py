"""What is known of whether a target would do: by labels, by what was learnt, or not at all."""

from collections.abc import Iterable
from enum import Enum
from math import ceil, log

import msgspec

from switchgear.domain.odds import Odds
from switchgear.domain.outcome import IMPLICIT
from switchgear.domain.target import Target, Tier
from switchgear.engine.outcome import HALF, Label
from switchgear.engine.success.bound import clopper_pearson

SURE_SPREAD = 1.645
"""Deviations below a learnt chance that it is surely above: 95 % on one side."""
MOST_LABELS = 100_000
"""That are ever said to be needed."""
MOST_FAILURES = 100
"""Beyond these nobody will want to wait for so many good ones."""


class Basis(Enum):
    """What a finding rests on."""

    LABELS = "labels"
    """Counted, with an exact bound."""
    LEARNT = "learnt"
    """The chances that the learnt model gave these calls."""
    GUESS = "guess"
    """The estimate of how hard the calls are, and nothing else."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """When a target is good enough."""

    least: float = 0.9
    """Of its answers, that do."""
    confidence: float = 0.95

    @property
    def delta(self) -> float:
        """How probable it may be that it is not so."""
        return 1.0 - self.confidence


class Tried(msgspec.Struct, frozen=True):
    """What labels say of one target."""

    labels: int
    failures: int

    @property
    def good(self) -> float | None:
        """The share that did; None without a label."""
        return 1.0 - self.failures / self.labels if self.labels else None

    def surely(self, goal: Goal) -> float:
        """Return the share that does at least, with the goal's confidence."""
        if not self.labels:
            return 0.0
        return 1.0 - clopper_pearson(self.failures, self.labels, goal.delta)

    def meets(self, goal: Goal) -> bool:
        """Whether it is surely good enough; never, where it was not even on the whole."""
        if self.good is None or self.good < goal.least:
            return False
        return self.surely(goal) >= goal.least


class Evidence:
    """A workbench that takes the labels of calls, and what was learnt of them."""

    __slots__ = ("_by_target", "_by_tier", "_chances", "labels")

    def __init__(self) -> None:
        """Start with none."""
        self.labels = 0
        self._by_target: dict[str, list[int]] = {}
        self._by_tier: dict[tuple[Tier, str], list[int]] = {}
        self._chances: dict[str, list[float]] = {}

    def add(self, labels: Iterable[Label], odds: Odds) -> None:
        """Take what is known of one more call; what only we ourselves saw is no sample of all."""
        for each in labels:
            if each.source not in IMPLICIT:
                self.labels += 1
                _count(self._by_target.setdefault(each.target, [0, 0]), each.good < HALF)
                self._add_needed(each)
        for chance in odds.chances:
            if chance.sure:
                sums = self._chances.setdefault(chance.target, [0.0, 0.0, 0.0])
                for place, value in enumerate((1.0, chance.p, chance.spread)):
                    sums[place] += value

    def tried(self, target: Target) -> Tried:
        """Return what labels say of a target: of its own answers, or of what its tier would do."""
        labels, failures = self._by_target.get(target.id, (0, 0))
        for (tier, served), (more, failed) in self._by_tier.items():
            if tier is target.tier and served != target.id:
                labels, failures = labels + more, failures + failed
        return Tried(labels, failures)

    def learnt(self, target: str) -> tuple[float, float] | None:
        """Return the mean chance that was learnt, and its deviation; None where none was sure."""
        sums = self._chances.get(target)
        return None if sums is None else (sums[1] / sums[0], sums[2] / sums[0])

    def basis(self, target: Target, goal: Goal) -> Basis | None:
        """Return by what a target is known to be good enough; None where it is not."""
        tried = self.tried(target)
        if tried.meets(goal):
            return Basis.LABELS
        learnt = self.learnt(target.id)
        if learnt is None or (tried.good is not None and tried.good < goal.least):
            return None
        return Basis.LEARNT if learnt[0] - SURE_SPREAD * learnt[1] >= goal.least else None

    def _add_needed(self, label: Label) -> None:
        if label.needed is None:
            return
        for tier in Tier:
            _count(self._by_tier.setdefault((tier, label.target), [0, 0]), tier < label.needed)


def labels_wanted(tried: Tried, goal: Goal) -> int:
    """Return how many more good labels would make it sure; MOST_LABELS where far too many."""
    if tried.failures > MOST_FAILURES:
        return MOST_LABELS
    more = max(0, ceil(log(goal.delta) / log(goal.least)) - tried.labels)
    while more < MOST_LABELS:
        if Tried(tried.labels + more, tried.failures).meets(goal):
            return more
        more += max(1, more // 20)
    return MOST_LABELS


def _count(counts: list[int], failed: bool) -> None:  # noqa: FBT001  (one of two counts)
    counts[0] += 1
    counts[1] += failed
