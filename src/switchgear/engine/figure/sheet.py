"""The sums behind one group's figures: some numbers for each period, however many calls."""

from collections import Counter
from collections.abc import Sequence
from math import log

from switchgear.domain.goal import CostGoal, Goals
from switchgear.domain.units import NANO_PER_USD
from switchgear.engine.figure.accuracy import Evidence, Judging
from switchgear.engine.figure.case import Case, Correction
from switchgear.engine.figure.change import mean_change, rate_change
from switchgear.engine.figure.frame import Frame
from switchgear.engine.figure.goal import accuracy_state, cost_state, override_state
from switchgear.engine.figure.interval import Moments, mean_of, ratio_of, together, wilson
from switchgear.engine.figure.report import Cost, Group, Moved, Period, Rate
from switchgear.engine.figure.work import Effort, Upshot

FEW, SEVERAL = 5, 3
"""Tasks that a period needs, and periods, for the cost to be held against the volume."""
NOT_OVER = frozenset({Upshot.OPEN, Upshot.CUT_OFF})

Series = dict[int, tuple[int, int]]
"""Hits, and of how many, by period."""


def counted(series: Series, period: int, *, hit: bool) -> None:
    """Add one to a period of a series."""
    hits, size = series.get(period, (0, 0))
    series[period] = hits + hit, size + 1


def rate_of(series: Series) -> Rate:
    """Return the share over all periods."""
    hits, size = sum(it[0] for it in series.values()), sum(it[1] for it in series.values())
    return Rate(hits=hits, of=size, share=wilson(hits, size))


def moved(figure: str, series: Series, frame: Frame) -> tuple[Moved, ...]:
    """Return where a share changed, if it did."""
    periods = sorted(series)
    change = rate_change([series[each] for each in periods])
    if change is None:
        return ()
    return (Moved(figure=figure, at=frame.begins(periods[change.place]), change=change),)


class Sheet:
    """Adds up one group."""

    def __init__(self, name: str, frame: Frame) -> None:
        """Begin with nothing."""
        self.name = name
        self.calls = 0
        self._frame = frame
        self._judging = Judging()
        self._corrections: Counter[str] = Counter()
        self._corrected: Series = {}
        self._right: Series = {}
        self._disliked: Series = {}
        self._human: Series = {}
        self._upshots: Counter[Upshot] = Counter()
        self._costs: dict[tuple[int, bool], Moments] = {}
        """By period, and whether in the newer half."""
        self._elsewhere = 0.0

    def add(self, case: Case) -> None:
        """Take note of a call."""
        self.calls += 1
        period = self._frame.number(case.at)
        if case.auto:
            corrected = case.correction is not Correction.NONE
            counted(self._corrected, period, hit=corrected)
            if corrected:
                self._corrections[case.correction.value] += 1
        need = case.need
        if need is not None:
            self._judging.add(case.route, need)
            if not need.explored:
                counted(self._right, period, hit=need.needed in {None, need.chosen})
        if case.liked is not None:
            counted(self._disliked, period, hit=not case.liked)

    def finish(self, effort: Effort, upshot: Upshot, goals: Goals) -> None:
        """Take note of how a task went."""
        self._upshots[upshot] += 1
        money = effort.money(goals)
        if upshot is not Upshot.AUTOMATED:
            self._elsewhere += money
        if upshot in NOT_OVER:
            return
        period = self._frame.number(effort.began)
        counted(self._human, period, hit=upshot is Upshot.TAKEN)
        if upshot is Upshot.AUTOMATED:
            usd = money / NANO_PER_USD
            place = period, self._frame.newer(effort.began)
            known = self._costs.get(place, Moments())
            self._costs[place] = together((known, Moments(1, usd, usd * usd)))

    def group(self, evidence: Evidence, goals: Goals) -> Group:
        """Return what it all comes to."""
        override, cost = rate_of(self._corrected), self._cost()
        accuracy = self._judging.settled(evidence)
        return Group(
            name=self.name,
            calls=self.calls,
            decisions=override.of,
            cost=cost,
            accuracy=accuracy,
            override=override,
            corrections=tuple(sorted(self._corrections.items())),
            disliked=rate_of(self._disliked),
            to_human=rate_of(self._human),
            cost_state=cost_state(cost, goals),
            accuracy_state=accuracy_state(accuracy, goals),
            override_state=override_state(override, goals),
            moved=self._moved(goals),
        )

    def _cost(self) -> Cost:
        halves = [self._half(newer=False), self._half(newer=True)]
        whole = together(halves)
        periods = sorted({period for period, _ in self._costs})
        by_period = [(period, self._in(period)) for period in periods]
        return Cost(
            usd=mean_of(whole),
            tasks=whole.count,
            upshots=tuple([(it.value, self._upshots[it]) for it in Upshot if self._upshots[it]]),
            elsewhere_usd=self._elsewhere / NANO_PER_USD,
            newer_to_older=ratio_of(halves[1], halves[0]),
            volumes=(halves[0].count, halves[1].count),
            periods=tuple(
                [
                    Period(at=self._frame.begins(it), tasks=sums.count, usd=mean_of(sums))
                    for it, sums in by_period
                ]
            ),
            slope=slope([sums for _, sums in by_period]),
        )

    def _half(self, *, newer: bool) -> Moments:
        return together([sums for (_, is_newer), sums in self._costs.items() if is_newer is newer])

    def _in(self, period: int) -> Moments:
        return together([sums for (number, _), sums in self._costs.items() if number == period])

    def _moved(self, goals: Goals) -> tuple[Moved, ...]:
        frame = self._frame
        found = (
            *moved("accuracy", self._right, frame),
            *moved("override", self._corrected, frame),
            *moved("disliked", self._disliked, frame),
            *moved("to_human", self._human, frame),
        )
        periods = sorted({period for period, _ in self._costs})
        change = mean_change([self._in(each) for each in periods])
        if change is None or goals.cost is CostGoal.NONE:
            return found
        return (*found, Moved(figure="cost", at=frame.begins(periods[change.place]), change=change))


def slope(periods: Sequence[Moments]) -> float | None:
    """Return the elasticity of the cost to the volume: the slope of one's logarithm on the other's.

    Each period weighs its tasks.
    """
    points = [
        (log(it.count), log(it.mean), it.count) for it in periods if it.count >= FEW and it.mean > 0
    ]
    weight = sum(many for _, _, many in points)
    if len(points) < SEVERAL:
        return None
    middle = sum(x * many for x, _, many in points) / weight
    height = sum(y * many for _, y, many in points) / weight
    across = sum(many * (x - middle) ** 2 for x, _, many in points)
    if across <= 0:
        return None
    return sum(many * (x - middle) * (y - height) for x, y, many in points) / across
