"""Routing accuracy: the share of decisions whose tier is the cheapest that would have passed.

It is balanced: each tier that calls needed counts the same, however many calls needed it. So nobody
scores well by sending all calls one way: always the cheapest, and always the strongest, stand
beside it, on the same decisions. Decisions weigh one over the probability with which they were
taken; experiments are evidence for the others and are not judged.

Source: A. Swaminathan, T. Joachims, "The self-normalized estimator for counterfactual learning",
2015.
"""

from collections.abc import Iterable, Mapping

import msgspec

from switchgear.domain.target import Tier
from switchgear.engine.figure.interval import Interval, mean_of_shares, wilson
from switchgear.engine.figure.need import Need

ENOUGH = 10
"""Experiments with a cheaper tier on a route, from which on they say how often it does."""
WHOLE = 1 - 1e-9
"""Weight of a decision: a tier that calls needed less than once, as the model takes it, is none
that they needed, and has no part in the balance."""
Place = tuple[str, Tier, tuple[Tier, ...]]
"""A route, the tier that was chosen, and those that could have served."""
Chances = Iterable[tuple[Tier, float]]


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """The figure, with what it stands on."""

    share: Interval | None = None
    """Balanced over the tiers that were needed; None where nothing is known."""
    plain: Interval | None = None
    """The same with each decision counting alike."""
    cheapest: float | None = None
    """What always choosing the cheapest tier would have scored, balanced,"""
    cheapest_plain: float | None = None
    """and with each decision counting alike."""
    strongest: float | None = None
    """The same of always choosing the strongest."""
    strongest_plain: float | None = None
    labelled: int = 0
    """Decisions that were judged."""
    experiments: int = 0
    """Decisions that were evidence instead."""
    open: int = 0
    """Of those judged: good answers of a tier that is not the cheapest, where nobody said whether
    a cheaper one would have done."""
    trusted: int = 0
    """Of these: those that count as right because nothing tells, neither experiment nor model."""
    tiers: tuple[tuple[str, Interval], ...] = ()
    """Of the decisions that needed this tier, the share that chose it."""


class _Score:
    """Sums over the decisions that needed one tier, or over all."""

    __slots__ = ("cheapest", "right", "squares", "strongest", "weight")

    def __init__(self) -> None:
        self.weight = self.squares = 0.0
        self.right = self.cheapest = self.strongest = 0.0

    def join(self, other: "_Score") -> None:
        self.weight += other.weight
        self.squares += other.squares
        self.right += other.right
        self.cheapest += other.cheapest
        self.strongest += other.strongest

    def add(self, weight: float, squares: float, hits: tuple[bool, bool, bool]) -> None:
        self.weight += weight
        self.squares += squares
        self.right += weight * hits[0]
        self.cheapest += weight * hits[1]
        self.strongest += weight * hits[2]

    def interval(self) -> Interval | None:
        if self.squares <= 0:
            return None
        size = self.weight * self.weight / self.squares
        return wilson(size * min(self.right / self.weight, 1.0), size)


class _Open:
    """Sums over good answers of one tier, of which nobody knows whether a cheaper would do."""

    __slots__ = ("count", "modelled", "needed", "squares", "weight")

    def __init__(self) -> None:
        self.count = 0
        self.modelled = 0
        """Those for which the model had a word."""
        self.weight = self.squares = 0.0
        self.needed: dict[Tier, list[float]] = {}
        """By the model: weights, and their squares, by the tier that was needed."""


class Evidence:
    """What experiments say of cheaper tiers, by route and by the tier that seemed right."""

    def __init__(self) -> None:
        """Begin with none."""
        self._seen: dict[tuple[str, Tier], dict[Tier, list[float]]] = {}

    def add(self, route: str, need: Need) -> None:
        """Take note of one experiment."""
        if need.passed is None or need.chosen >= need.seemed:
            return
        tiers = self._seen.setdefault((route, need.seemed), {})
        sums = tiers.setdefault(need.chosen, [0, 0.0, 0.0])
        sums[0] += 1
        sums[1] += need.weight
        sums[2] += need.weight * need.passed

    def chances(self, route: str, chosen: Tier) -> dict[Tier, float]:
        """Return how often each cheaper tier did, on the calls for which this one is chosen."""
        tiers = self._seen.get((route, chosen), {})
        return {tier: good / of for tier, (count, of, good) in tiers.items() if count >= ENOUGH}


class Judging:
    """Adds up the decisions of one group."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[Tier, _Score] = {}
        self._open: dict[Place, _Open] = {}
        self._labelled = 0
        self._experiments = 0

    def add(self, route: str, need: Need) -> None:
        """Take note of one decision."""
        if need.explored:
            self._experiments += 1
            return
        self._labelled += 1
        if need.needed is None:
            self._add_open((route, need.chosen, need.tiers), need)
        else:
            weight = need.weight
            score = self._known.setdefault(need.needed, _Score())
            score.add(weight, weight * weight, _hits(need.chosen, need.needed, need.tiers))

    def settled(self, evidence: Evidence) -> Accuracy:
        """Return the figure."""
        scores: dict[Tier, _Score] = {}
        for tier in sorted(self._known):
            scores.setdefault(tier, _Score()).join(self._known[tier])
        trusted = 0
        for place in sorted(self._open):
            trusted += _settle(scores, place, self._open[place], evidence)
        return _summed_up(
            scores,
            Accuracy(
                labelled=self._labelled,
                experiments=self._experiments,
                open=sum(each.count for each in self._open.values()),
                trusted=trusted,
            ),
        )

    def _add_open(self, place: Place, need: Need) -> None:
        sums = self._open.setdefault(place, _Open())
        sums.count += 1
        sums.weight += need.weight
        sums.squares += need.weight * need.weight
        sums.modelled += bool(need.chances)
        for tier, share in spread(need.chances, need.chosen).items():
            part = sums.needed.setdefault(tier, [0.0, 0.0])
            part[0] += need.weight * share
            part[1] += (need.weight * share) ** 2


def spread(chances: Chances, chosen: Tier) -> dict[Tier, float]:
    """Return how probable it is of each tier that it was the one needed.

    Shapes: ``chances`` are of tiers below ``chosen``, which did; what is left is its own.
    """
    shares: dict[Tier, float] = {}
    before = 0.0
    for tier, chance in sorted(chances):
        if chance > before:
            shares[tier], before = chance - before, chance
    shares[chosen] = 1 - before
    return shares


def _settle(scores: dict[Tier, _Score], place: Place, sums: _Open, evidence: Evidence) -> int:
    """Share open decisions out over the tiers that they may have needed; return how many stay."""
    route, chosen, tiers = place
    seen = {it: p for it, p in evidence.chances(route, chosen).items() if it in tiers}
    if seen:
        parts = {
            tier: [sums.weight * share, sums.squares * share * share]
            for tier, share in spread(seen.items(), chosen).items()
        }
    else:
        parts = sums.needed
    for tier, (weight, squares) in parts.items():
        if weight > 0:
            scores.setdefault(tier, _Score()).add(weight, squares, _hits(chosen, tier, tiers))
    return 0 if seen else sums.count - sums.modelled


def _hits(chosen: Tier, needed: Tier, tiers: tuple[Tier, ...]) -> tuple[bool, bool, bool]:
    """Return whether the choice, the cheapest and the strongest are what was needed."""
    if not tiers:
        return chosen == needed, False, False
    return chosen == needed, tiers[0] == needed, tiers[-1] == needed


def _summed_up(scores: Mapping[Tier, _Score], counted: Accuracy) -> Accuracy:
    whole = _Score()
    for each in scores.values():
        whole.join(each)
    enough = {tier: it for tier, it in sorted(scores.items()) if it.weight >= WHOLE} or scores
    found = [(tier, each.interval()) for tier, each in enough.items()]
    shares = [(tier, each) for tier, each in found if each is not None]
    if not shares:
        return counted
    return msgspec.structs.replace(
        counted,
        share=mean_of_shares([each for _, each in shares]),
        plain=whole.interval(),
        cheapest=_mean([enough[tier].cheapest / enough[tier].weight for tier, _ in shares]),
        cheapest_plain=whole.cheapest / whole.weight,
        strongest=_mean([enough[tier].strongest / enough[tier].weight for tier, _ in shares]),
        strongest_plain=whole.strongest / whole.weight,
        tiers=tuple([(tier.name.lower(), each) for tier, each in shares]),
    )


def _mean(values: list[float]) -> float:
    return min(sum(values) / len(values), 1.0)
